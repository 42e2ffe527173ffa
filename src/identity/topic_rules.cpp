#include "identity/topic_rules.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace vigil::identity {
namespace {

constexpr std::size_t filter_bytes_max = 65'535;  // MQTT 5.0 1.5.4
constexpr std::string_view role_prefix = "role:";

// A filter, level by level: of every text there is at least one, which may be empty.
class Levels {
public:
    explicit Levels(std::string_view filter) : rest_(filter) {}
    bool more() const { return more_; }
    std::string_view next() {
        const auto slash = rest_.find('/');
        const auto level = rest_.substr(0, slash);
        more_ = slash != std::string_view::npos;
        if (more_) rest_.remove_prefix(slash + 1);
        return level;
    }

private:
    std::string_view rest_;
    bool more_ = true;
};

// MQTT 5.0 4.7.1: wildcards stand alone in their level, # only in the last.
bool is_valid_filter(std::string_view filter) {
    if (filter.empty() || filter.size() > filter_bytes_max ||
        filter.find('\0') != std::string_view::npos)
        return false;
    for (Levels levels(filter); levels.more();) {
        const auto level = levels.next();
        const bool wild = level.find_first_of("+#") != std::string_view::npos;
        if (wild && level.size() > 1) return false;
        if (level == "#" && levels.more()) return false;
    }
    return true;
}

bool applies(const TopicRule& rule, const Principal& who) {
    if (who.kind != Principal::Kind::account) return false;
    if (rule.principal == "*" || rule.principal == who.name) return true;
    return rule.principal.starts_with(role_prefix) &&
           rule.principal.substr(role_prefix.size()) == to_string(who.role);
}

// vigil/<id>/…, with the id spelled out: no wildcard reaches another device.
bool in_own_tree(const Principal& who, std::string_view topic) {
    if (!topic.starts_with(device_topic_root)) return false;
    topic.remove_prefix(device_topic_root.size());
    return topic.size() > who.name.size() + 1 && topic.starts_with(who.name) &&
           topic[who.name.size()] == '/';
}

// The filter of $share/<group>/<filter>; nothing where that is malformed.
std::optional<std::string_view> without_share(std::string_view filter) {
    constexpr std::string_view share = "$share/";
    if (!filter.starts_with(share)) return filter;
    filter.remove_prefix(share.size());
    const auto slash = filter.find('/');
    if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
    return filter.substr(slash + 1);
}

}  // namespace

Result<TopicRules> TopicRules::make(std::vector<TopicRule> rules) {
    for (const auto& rule : rules) {
        if (!is_valid_filter(rule.filter))
            return fail(Error::Kind::malformed,
                        fmt::format("\"{}\" is no MQTT topic filter", rule.filter), "topic.filter");
        const std::string_view principal = rule.principal;
        if (principal.starts_with(role_prefix) && !role(principal.substr(role_prefix.size())))
            return fail(Error::Kind::malformed, fmt::format("there is no {}", principal),
                        "topic.account");
        if (principal.empty())
            return fail(Error::Kind::malformed, "a rule names an account, role:… or *",
                        "topic.account");
    }
    return TopicRules(std::move(rules));
}

bool TopicRules::may_publish(const Principal& who, std::string_view topic) const {
    if (topic.find_first_of("+#") != std::string_view::npos) return false;
    if (who.kind == Principal::Kind::device) return in_own_tree(who, topic);
    for (const auto& rule : rules_)
        if (rule.publish && applies(rule, who) && covers(rule.filter, topic)) return true;
    return false;
}

bool TopicRules::may_subscribe(const Principal& who, std::string_view topic_filter) const {
    const auto filter = without_share(topic_filter);
    if (!filter || !is_valid_filter(*filter)) return false;
    if (who.kind == Principal::Kind::device) return in_own_tree(who, *filter);
    for (const auto& rule : rules_)
        if (rule.subscribe && applies(rule, who) && covers(rule.filter, *filter)) return true;
    return false;
}

bool covers(std::string_view wide, std::string_view narrow) {
    // MQTT 5.0 4.7.2: a wildcard in front matches no topic that begins with $.
    if (narrow.starts_with('$') && (wide.starts_with('+') || wide.starts_with('#'))) return false;
    Levels wide_levels(wide), narrow_levels(narrow);
    while (wide_levels.more()) {
        const auto level = wide_levels.next();
        if (level == "#") return true;  // the parent level too: sport/# matches sport
        if (!narrow_levels.more()) return false;
        const auto asked = narrow_levels.next();
        if (asked == "#" || (asked == "+" && level != "+")) return false;
        if (level != "+" && level != asked) return false;
    }
    return !narrow_levels.more();
}

}  // namespace vigil::identity
