// A patient's limits, and the class of age whose defaults they start from.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "metric/unit.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {

using monitor::LimitEdit;
using monitor::LimitSetting;
using monitor::Subject;

namespace {

// As the monitor's thread has it.
struct LimitsNow {
    monitor::AgeClass age_class = monitor::AgeClass::adult;
    bool is_age_confirmed = false;
    std::vector<LimitSetting> now, of_unit;
    std::vector<monitor::LimitOverride> overrides;
};

double seconds_of(Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

void write_setting(JsonWriter& json, const LimitSetting& setting) {
    json.member("limit", to_string(setting.limit.limit));
    json.member("hysteresis", to_string(setting.limit.hysteresis));
    json.member("on_delay_s", seconds_of(setting.limit.on_delay));
    json.member("off_delay_s", seconds_of(setting.limit.off_delay));
    json.member("priority", to_string(setting.priority)).member("enabled", setting.enabled);
}

void write_limit(JsonWriter& json, const ApiContext& api, const monitor::LimitRow& row,
                 const LimitSetting& now, const LimitSetting& of_unit,
                 const monitor::LimitOverride* changed) {
    const auto& condition = *api.watch->tables().conditions.find(row.condition);
    const auto* metric = row.metrics.empty() ? nullptr : api.catalogue.find(row.metrics.front());
    json.begin_object().member("condition", condition.key).member("words", condition.display);
    json.member_or_null("metric", metric != nullptr ? metric->key : std::string());
    json.member("unit_shown", metric != nullptr ? units::at(metric->unit).shown : "");
    write_setting(json, now);
    json.key("unit_default").begin_object();
    write_setting(json, of_unit);
    json.end_object().key("changed");
    if (changed == nullptr)
        json.null();
    else
        json.begin_object()
            .member("by", changed->by)
            .member("reason", changed->reason)
            .member("since", changed->since)
            .end_object();
    json.end_object();
}

session::HttpResponse limits_answer(const ApiContext& api, const std::string& unit,
                                    const LimitsNow& limits) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("age_class", to_string(limits.age_class));
    json.member("age_confirmed", limits.is_age_confirmed).member("unit", unit);
    json.key("limits").begin_array();
    const auto rows = api.watch->tables().limits.rows();
    for (std::size_t i = 0; i < rows.size() && i < limits.now.size(); ++i) {
        const auto changed = std::ranges::find(
            limits.overrides, rows[i].condition,
            [](const monitor::LimitOverride& each) { return each.edit.condition; });
        write_limit(json, api, rows[i], limits.now[i], limits.of_unit[i],
                    changed != limits.overrides.end() ? &*changed : nullptr);
    }
    json.end_array().end_object();
    return json_answer(std::move(body));
}

void answer_limits(ApiContext& api, const ApiCallPtr& call, const Subject& subject) {
    const auto* patient = api.registry.patient(subject.patient);
    const auto unit = patient != nullptr ? patient->unit : std::string();
    api.watch->ask([&api, call, subject, unit](const monitor::SiteWatch& site) {
        std::optional<LimitsNow> limits;
        if (const auto* monitor = site.find(subject); monitor != nullptr) {
            const auto view = monitor->view();
            limits.emplace(
                LimitsNow{.age_class = view.age_class,
                          .is_age_confirmed = view.age_confirmed,
                          .now = {monitor->settings().begin(), monitor->settings().end()},
                          .of_unit = site.profiles().settings(unit, view.age_class),
                          .overrides = {view.limits.begin(), view.limits.end()}});
        }
        api.on_loop([&api, call, unit, limits = std::move(limits)] {
            if (limits) return answer(api, call, limits_answer(api, unit, *limits));
            answer_error(api, call,
                         {Error::Kind::conflict, "nobody watches this patient", "patient"});
        });
    });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::read, "alarm limits");
    if (!subject) return;
    answer_limits(api, call, *subject);
}

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

// Sets what the body says, or (unset) goes back to what the unit has.
void change(ApiContext& api, const ApiCallPtr& call, bool unset) {
    const auto subject = watched_patient(api, call, store::Act::write, "alarm limit");
    if (!subject) return;
    const auto condition = condition_named(api, call->captured[1]);
    if (!condition) return answer_error(api, call, condition.error());
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    auto edit = unset ? LimitEdit{.condition = (*condition)->id} : read_edit(**condition, *body);
    if (!edit) return answer_error(api, call, edit.error());
    give_alarm_act(
        api, call,
        monitor::AlarmLimitSet{.subject = *subject, .edit = std::move(*edit), .unset = unset},
        *reason, [&api, call, subject = *subject] { answer_limits(api, call, subject); });
}

void set(ApiContext& api, const ApiCallPtr& call) {
    change(api, call, false);
}
void unset(ApiContext& api, const ApiCallPtr& call) {
    change(api, call, true);
}

void confirm_age(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::write, "age class");
    if (!subject) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto age_class = monitor::from_word<monitor::AgeClass>((*body)["age_class"].string());
    if (!age_class)
        return answer_error(
            api, call, {Error::Kind::malformed, "takes adult, paediatric or neonate", "age_class"});
    const auto reason = read_reason(*body, at_the_console);
    if (!reason) return answer_error(api, call, reason.error());
    give_alarm_act(
        api, call, monitor::AgeClassConfirmed{.subject = *subject, .age_class = *age_class},
        *reason, [&api, call, subject = *subject] { answer(api, call, bed_answer(api, subject)); });
}

}  // namespace

void add_alarm_limits(Api& api) {
    api.add("GET", "/api/patients/{id}/alarm-limits", show);
    api.add("PUT", "/api/patients/{id}/alarm-limits/{condition}", set);
    api.add("DELETE", "/api/patients/{id}/alarm-limits/{condition}", unset);
    api.add("PUT", "/api/patients/{id}/age-class", confirm_age);
}

}  // namespace vigil::share
