#include "broker/retained.hpp"

#include <utility>

namespace vigil::broker {
namespace {

std::pair<std::string_view, bool> take_level(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto level = rest.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    rest.remove_prefix(last ? rest.size() : slash + 1);
    return {level, last};
}

}  // namespace

void Retained::set(const MessagePointer& message) {
    if (message->payload().empty()) return remove(message->topic());
    Node* node = &root_;
    auto rest = message->topic();
    for (bool last = false; !last;) {
        const auto [level, is_last] = take_level(rest);
        auto child = node->children.find(level);
        if (child == node->children.end())
            child = node->children.emplace(level, std::make_unique<Node>()).first;
        node = child->second.get();
        last = is_last;
    }
    take(*node);
    ++count_;
    bytes_ += message->size();
    offsets_.insert(message->position.offset);
    node->message = message;
}

// What it held is its topic's no longer.
void Retained::take(Node& node) {
    if (!node.message) return;
    --count_;
    bytes_ -= node.message->size();
    offsets_.erase(node.message->position.offset);
    node.message.reset();
}

void Retained::remove(std::string_view topic) {
    remove(root_, topic, false);
}

bool Retained::remove(Node& node, std::string_view rest, bool ended) {
    if (ended) {
        take(node);
    } else {
        const auto [level, last] = take_level(rest);
        const auto child = node.children.find(level);
        if (child == node.children.end()) return false;
        if (remove(*child->second, rest, last)) node.children.erase(child);
    }
    return !node.message && node.children.empty();
}

bool Retained::holds(std::string_view topic) const {
    const Node* node = &root_;
    for (bool last = false; !last;) {
        const auto [level, is_last] = take_level(topic);
        const auto child = node->children.find(level);
        if (child == node->children.end()) return false;
        node = child->second.get();
        last = is_last;
    }
    return node->message != nullptr;
}

void Retained::match(std::string_view filter, const Visit& visit) const {
    match(root_, filter, false, true, visit);
}

void Retained::for_each(const Visit& visit) const {
    visit_all(root_, false, visit);
}

void Retained::match(const Node& node, std::string_view filter, bool ended, bool first,
                     const Visit& visit) {
    if (ended) {
        if (node.message) visit(node.message);
        return;
    }
    const auto [level, last] = take_level(filter);
    if (level == "#") return visit_all(node, first, visit);
    if (level != "+") {
        if (const auto child = node.children.find(level); child != node.children.end())
            match(*child->second, filter, last, false, visit);
        return;
    }
    for (const auto& [name, child] : node.children)
        if (!(first && name.starts_with('$'))) match(*child, filter, last, false, visit);
}

// "#" stands for the level above it too (4.7.1.2), but at the first level not for $ topics (4.7.2).
void Retained::visit_all(const Node& node, bool first, const Visit& visit) {
    if (node.message) visit(node.message);
    for (const auto& [name, child] : node.children)
        if (!(first && name.starts_with('$'))) visit_all(*child, false, visit);
}

}  // namespace vigil::broker
