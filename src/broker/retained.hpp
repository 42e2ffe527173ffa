#pragma once
// The retained messages (MQTT 5.0 3.3.1.3): at most one a topic.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "broker/message.hpp"

namespace vigil::broker {

class Retained {
public:
    // Stores it as its topic's, or removes that if the payload is empty.
    void set(const MessagePointer& message);
    void remove(std::string_view topic);
    bool holds(std::string_view topic) const;
    bool holds(std::uint64_t offset) const { return offsets_.contains(offset); }  // of its entry

    // Every message whose topic matches a (not shared) filter.
    void match(std::string_view filter,
               const std::function<void(const MessagePointer&)>& visit) const;
    void for_each(const std::function<void(const MessagePointer&)>& visit) const;

    std::size_t count() const { return count_; }
    std::size_t bytes() const { return bytes_; }

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
        MessagePointer message;
    };
    using Visit = std::function<void(const MessagePointer&)>;

    static void match(const Node& node, std::string_view filter, bool ended, bool first,
                      const Visit& visit);
    static void visit_all(const Node& node, bool first, const Visit& visit);
    bool remove(Node& node, std::string_view rest, bool ended);

    void take(Node& node);

    Node root_;
    std::unordered_set<std::uint64_t> offsets_;
    std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace vigil::broker
