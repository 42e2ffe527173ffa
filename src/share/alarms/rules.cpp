#include "share/alarms/rules.hpp"

#include <fmt/format.h>

#include <charconv>

#include "monitor/alarms/condition_table.hpp"

namespace vigil::share {

using monitor::AlarmRuleSet;

namespace {

constexpr std::string_view key_prefix = "rule_";

}  // namespace

std::string rule_key(monitor::ConditionId condition) {
    return fmt::format("{}{}", key_prefix, condition.value);
}

Result<monitor::ConditionId> parse_rule_key(std::string_view key) {
    std::uint16_t number = 0;
    if (key.starts_with(key_prefix)) {
        key.remove_prefix(key_prefix.size());
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
        if (error == std::errc() && end == key.data() + key.size() &&
            number >= monitor::site_conditions_from)
            return monitor::ConditionId{number};
    }
    return fail(Error::Kind::not_found, "no such rule here", "rule");
}

void write_rule(JsonWriter& json, const AlarmRuleSet& rule, std::string_view by,
                std::string_view reason, Timestamp since) {
    json.begin_object().member("id", rule_key(rule.condition)).member("name", rule.name);
    json.member("text", rule.text).member("priority", to_string(rule.priority));
    json.member("latching", rule.latching).member("by", by).member("reason", reason);
    json.member("since", since).end_object();
}

Result<monitor::Rule> read_rule_text(JsonValue body, const Catalogue& catalogue) {
    const auto text = body["text"];
    if (!text.is(JsonKind::string) || text.string().empty())
        return fail(Error::Kind::malformed, "the rule in one line: docs/guides/alarm-rules.md",
                    "text");
    auto rule = monitor::parse_rule(text.string(), catalogue);
    if (!rule) {
        rule.error().message = rule.error().place + ": " + rule.error().message;
        rule.error().place = "text";
    }
    return rule;
}

Result<AlarmRuleSet> read_rule(JsonValue body, const Catalogue& catalogue) {
    VIGIL_TRY(rule, read_rule_text(body, catalogue));
    (void)rule;
    AlarmRuleSet set{.name = std::string(body["name"].string()),
                     .text = std::string(body["text"].string())};
    if (set.name.empty() || set.name.size() > rule_name_bytes_max)
        return fail(Error::Kind::malformed,
                    fmt::format("what its alarms are called: 1 to {} bytes", rule_name_bytes_max),
                    "name");
    const auto priority = monitor::from_word<monitor::AlarmPriority>(body["priority"].string());
    if (!priority) return fail(Error::Kind::malformed, "takes high, medium or low", "priority");
    set.priority = *priority;
    if (const auto latching = body["latching"]; latching && !latching.is(JsonKind::null)) {
        if (!latching.is(JsonKind::boolean))
            return fail(Error::Kind::malformed, "takes true or false", "latching");
        set.latching = latching.is_true();
    }
    return set;
}

}  // namespace vigil::share
