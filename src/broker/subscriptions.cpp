#include "broker/subscriptions.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::broker {
namespace {

// The first level, and whether it was the last.
struct Level {
    std::string_view name, rest;
    bool last = false;
};

Level first_level(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return {text, {}, true};
    return {text.substr(0, slash), text.substr(slash + 1), false};
}

void replace(std::vector<Subscriber>& list, const Subscriber& subscriber) {
    const auto same = std::ranges::find(list, subscriber.session, &Subscriber::session);
    if (same != list.end())
        *same = subscriber;
    else
        list.push_back(subscriber);
}

void erase(std::vector<Subscriber>& list, SessionNumber session) {
    std::erase_if(list, [&](const Subscriber& one) { return one.session == session; });
}

}  // namespace

std::uint32_t share_of(std::string_view filter) {
    return std::max(crc32c(filter), std::uint32_t{1});
}

void Subscriptions::add(SessionNumber session, const StoredSubscription& subscription) {
    ++version_;
    const auto shared = mqtt::parse_shared(subscription.filter);
    std::string_view rest = shared ? shared->filter : std::string_view(subscription.filter);
    Node* node = &root_;
    for (bool last = false; !last;) {
        const auto level = first_level(rest);
        auto child = node->children.find(level.name);
        if (child == node->children.end())
            child = node->children.emplace(level.name, std::make_unique<Node>()).first;
        node = child->second.get();
        rest = level.rest;
        last = level.last;
    }
    const Subscriber subscriber{session, subscription.qos, subscription.no_local,
                                subscription.retain_as_published, subscription.identifier};
    if (!shared) return replace(node->subscribers, subscriber);
    auto group = std::ranges::find_if(
        node->groups, [&](const auto& one) { return one->name == shared->share_name; });
    if (group == node->groups.end()) {
        node->groups.push_back(std::make_unique<ShareGroup>());
        group = node->groups.end() - 1;
        (*group)->name = shared->share_name;
        (*group)->share = share_of(subscription.filter);
    }
    replace((*group)->members, subscriber);
}

void Subscriptions::remove(SessionNumber session, std::string_view filter) {
    ++version_;
    const auto shared = mqtt::parse_shared(filter);
    remove(root_, shared ? shared->filter : filter, false, session,
           shared ? shared->share_name : std::string_view());
}

// Returns whether the node may go.
bool Subscriptions::remove(Node& node, std::string_view rest, bool last_level,
                           SessionNumber session, std::string_view share_name) {
    if (last_level) {
        if (share_name.empty()) erase(node.subscribers, session);
        for (auto& group : node.groups)
            if (!share_name.empty() && group->name == share_name) erase(group->members, session);
        std::erase_if(node.groups, [](const auto& group) { return group->members.empty(); });
        return node.unused();
    }
    const auto level = first_level(rest);
    const auto child = node.children.find(level.name);
    if (child == node.children.end()) return false;
    if (remove(*child->second, level.rest, level.last, session, share_name))
        node.children.erase(child);
    return node.unused();
}

ShareGroup* Subscriptions::group(std::string_view filter) {
    const auto shared = mqtt::parse_shared(filter);
    if (!shared) return nullptr;
    auto rest = shared->filter;
    Node* node = &root_;
    for (bool last = false; !last;) {
        const auto level = first_level(rest);
        const auto child = node->children.find(level.name);
        if (child == node->children.end()) return nullptr;
        node = child->second.get();
        rest = level.rest;
        last = level.last;
    }
    const auto found = std::ranges::find_if(
        node->groups, [&](const auto& one) { return one->name == shared->share_name; });
    return found == node->groups.end() ? nullptr : found->get();
}

Matches Subscriptions::match(std::string_view topic) {
    Matches out;
    collect(root_, topic, false, true, topic.starts_with('$'), out);
    std::ranges::sort(out.subscribers, {}, &Subscriber::session);
    return out;
}

// `protect`: wildcards at the first level do not see topics that begin with $ (4.7.2). The depth is
// that of the topic, which is bounded.
void Subscriptions::collect(Node& node, std::string_view rest, bool ended, bool first, bool protect,
                            Matches& out) {
    const auto take = [&](Node& from) {
        out.subscribers.insert(out.subscribers.end(), from.subscribers.begin(),
                               from.subscribers.end());
        for (auto& group : from.groups) out.groups.push_back(group.get());
    };
    const bool wildcards = !(first && protect);
    if (wildcards)
        if (const auto all = node.children.find("#"); all != node.children.end())
            take(*all->second);
    if (ended) return take(node);
    const auto level = first_level(rest);
    if (const auto child = node.children.find(level.name); child != node.children.end())
        collect(*child->second, level.rest, level.last, false, protect, out);
    if (!wildcards) return;
    if (const auto any = node.children.find("+"); any != node.children.end())
        collect(*any->second, level.rest, level.last, false, protect, out);
}

}  // namespace vigil::broker
