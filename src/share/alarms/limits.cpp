#include "share/alarms/limits.hpp"

#include <chrono>

#include "metric/unit.hpp"

namespace vigil::share {

using monitor::LimitEdit;

namespace {

Result<std::optional<Decimal>> read_number(JsonValue body, const char* name) {
    const auto value = body[name];
    if (!value || value.is(JsonKind::null)) return std::nullopt;
    VIGIL_TRY(number, parse_decimal(value.text()));
    return number;
}

Result<std::optional<Nanoseconds>> read_delay(JsonValue body, const char* name) {
    VIGIL_TRY(seconds, read_number(body, name));
    if (!seconds) return std::nullopt;
    const auto value = seconds->to_double();
    constexpr double day = 86'400;
    if (!(value >= 0 && value <= day))
        return fail(Error::Kind::malformed, "seconds, up to a day", name);
    return std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(value));
}

}  // namespace

double seconds_of(Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

void write_limit_row(JsonWriter& json, const AlarmWords& words, const monitor::LimitRow& row) {
    const auto& condition = *words.tables.conditions.find(row.condition);
    const auto* metric = row.metrics.empty() ? nullptr : words.catalogue.find(row.metrics.front());
    json.member("condition", condition.key).member("words", condition.display);
    json.member_or_null("metric", metric != nullptr ? metric->key : std::string());
    json.member("unit_shown", metric != nullptr ? units::at(metric->unit).shown : "");
    json.member("can_switch_off", condition.can_switch_off).member("source", row.source);
}

void write_setting(JsonWriter& json, const monitor::LimitSetting& setting) {
    json.member("limit", to_string(setting.limit.limit));
    json.member("hysteresis", to_string(setting.limit.hysteresis));
    json.member("on_delay_s", seconds_of(setting.limit.on_delay));
    json.member("off_delay_s", seconds_of(setting.limit.off_delay));
    json.member("priority", to_string(setting.priority)).member("enabled", setting.enabled);
}

void write_edit(JsonWriter& json, const LimitEdit& edit) {
    if (edit.limit) json.member("limit", to_string(*edit.limit));
    if (edit.hysteresis) json.member("hysteresis", to_string(*edit.hysteresis));
    if (edit.on_delay) json.member("on_delay_s", seconds_of(*edit.on_delay));
    if (edit.off_delay) json.member("off_delay_s", seconds_of(*edit.off_delay));
    if (edit.priority) json.member("priority", to_string(*edit.priority));
    if (edit.enabled) json.member("enabled", *edit.enabled);
}

Result<LimitEdit> read_edit(const monitor::Condition& condition, JsonValue body) {
    LimitEdit edit{.condition = condition.id};
    VIGIL_TRY(limit, read_number(body, "limit"));
    VIGIL_TRY(hysteresis, read_number(body, "hysteresis"));
    VIGIL_TRY(on_delay, read_delay(body, "on_delay_s"));
    VIGIL_TRY(off_delay, read_delay(body, "off_delay_s"));
    edit.limit = limit;
    edit.hysteresis = hysteresis;
    edit.on_delay = on_delay;
    edit.off_delay = off_delay;
    if (const auto priority = body["priority"]; priority.is(JsonKind::string)) {
        edit.priority = monitor::from_word<monitor::AlarmPriority>(priority.string());
        if (!edit.priority)
            return fail(Error::Kind::malformed, "takes high, medium or low", "priority");
    }
    if (const auto enabled = body["enabled"]; enabled && !enabled.is(JsonKind::null)) {
        if (!enabled.is(JsonKind::boolean))
            return fail(Error::Kind::malformed, "takes true or false", "enabled");
        edit.enabled = enabled.is_true();
    }
    if (edit == LimitEdit{.condition = condition.id})
        return fail(Error::Kind::malformed, "say what is to be set: limit, priority, enabled …",
                    "limit");
    return edit;
}

}  // namespace vigil::share
