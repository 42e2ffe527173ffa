// A patient's limits, and the class of age whose defaults they start from.
#include <fmt/format.h>

#include <algorithm>

#include "share/alarms/limits.hpp"
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

void write_limit(JsonWriter& json, const ApiContext& api, const monitor::LimitRow& row,
                 const LimitSetting& now, const LimitSetting& of_unit,
                 const monitor::LimitOverride* changed) {
    json.begin_object();
    write_limit_row(json, {api.registry, api.catalogue, api.watch->tables()}, row);
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
        api, call, monitor::AlarmLimitSet{.subject = *subject, .edit = *edit, .unset = unset},
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

// --- Worked out from the patient's own values
// -----------------------------------------------------------------------------------------------

void propose(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::read, "alarm limits");
    if (!subject) return;
    api.watch->ask([&api, call, subject = *subject](const monitor::SiteWatch& site) {
        std::vector<monitor::LimitProposal> proposals;
        if (const auto* monitor = site.find(subject); monitor != nullptr)
            proposals =
                monitor::propose_limits(monitor->present_values(), monitor->view().age_class,
                                        api.watch->tables().limits, api.watch->tables().conditions);
        api.on_loop([&api, call, proposals = std::move(proposals)] {
            const auto& tables = api.watch->tables();
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("proposals").begin_array();
            for (const auto& each : proposals) {
                json.begin_object();
                write_limit_row(json, {api.registry, api.catalogue, tables},
                                tables.limits.rows()[*tables.limits.row_of(each.condition)]);
                json.member("value", to_string(each.value));
                json.member_or_null("limit", each.limit ? to_string(*each.limit) : std::string());
                json.member_or_null("refused", each.refused).end_object();
            }
            json.end_array().end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

// --- How long a metric may be silent
// -----------------------------------------------------------------------------------------------

void set_data_watch(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::write, "data watch");
    if (!subject) return;
    const auto* metric = api.catalogue.find(call->captured[1]);
    if (metric == nullptr)
        return answer_error(api, call, {Error::Kind::not_found, "no such metric", "metric"});
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto seconds = (*body)["gap_s"].integer();
    constexpr std::int64_t day_s = 86'400;
    if (!seconds || *seconds < 0 || *seconds > day_s)
        return answer_error(api, call,
                            {Error::Kind::malformed, "whole seconds, up to a day", "gap_s"});
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    give_alarm_act(
        api, call,
        monitor::DataWatchSet{
            .subject = *subject, .metric = metric->id, .gap = std::chrono::seconds(*seconds)},
        *reason, [&api, call, subject = *subject] { answer(api, call, bed_answer(api, subject)); });
}

}  // namespace

void add_alarm_limits(Api& api) {
    api.add("GET", "/api/patients/{id}/alarm-limits", show);
    api.add("PUT", "/api/patients/{id}/alarm-limits/{condition}", set);
    api.add("DELETE", "/api/patients/{id}/alarm-limits/{condition}", unset);
    api.add("GET", "/api/patients/{id}/alarm-limits/proposals", propose);
    api.add("PUT", "/api/patients/{id}/data-watch/{metric}", set_data_watch);
    api.add("PUT", "/api/patients/{id}/age-class", confirm_age);
}

}  // namespace vigil::share
