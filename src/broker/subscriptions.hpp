#pragma once
// Which sessions want a topic (MQTT 5.0 4.7, 4.8): a tree of filter levels.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/message.hpp"
#include "broker/session_entry.hpp"

namespace vigil::broker {

struct Subscriber {
    SessionNumber session = 0;
    std::uint8_t qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    std::uint32_t identifier = 0;
};

// Names a shared subscription by its filter, $share/ included. Stored: the same for ever. Never 0.
std::uint32_t share_of(std::string_view filter);

// The members of $share/{name}/{filter}; each message goes to one of them, in turn.
struct ShareGroup {
    std::string name;
    std::uint32_t share = 0;
    std::vector<Subscriber> members;
    std::size_t next = 0;
};

// The answer for one topic. `groups` point into the tree: valid until the version changes.
struct Matches {
    std::vector<Subscriber> subscribers;  // by session, those of one session side by side
    std::vector<ShareGroup*> groups;
    bool empty() const { return subscribers.empty() && groups.empty(); }
};

class Subscriptions {
public:
    // Replaces the session's subscription to the same filter.
    void add(SessionNumber session, const StoredSubscription& subscription);
    void remove(SessionNumber session, std::string_view filter);
    // The members of a shared subscription; nothing: it has none. Valid until the version changes.
    ShareGroup* group(std::string_view filter);

    Matches match(std::string_view topic);
    // Changes with every change of a subscription: how long an answer may be kept.
    std::uint64_t version() const { return version_; }

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> children;  // "+" and "#" too
        std::vector<Subscriber> subscribers;
        std::vector<std::unique_ptr<ShareGroup>> groups;
        bool unused() const { return children.empty() && subscribers.empty() && groups.empty(); }
    };

    static bool remove(Node& node, std::string_view rest, bool last_level, SessionNumber session,
                       std::string_view share_name);
    static void collect(Node& node, std::string_view rest, bool ended, bool first, bool protect,
                        Matches& out);

    Node root_;
    std::uint64_t version_ = 1;
};

}  // namespace vigil::broker
