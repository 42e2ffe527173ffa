// A patient's smart conditions: what stands, changing them, and trying one on what has been.
#include <algorithm>
#include <array>

#include "share/alarms/limits.hpp"
#include "share/alarms/past_readings.hpp"
#include "share/alarms/rules.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {

using monitor::Subject;

namespace {

constexpr Nanoseconds dry_run_span_max = std::chrono::days(31);

void answer_rules(ApiContext& api, const ApiCallPtr& call, const Subject& subject) {
    api.watch->ask([&api, call, subject](const monitor::SiteWatch& site) {
        std::string body;
        JsonWriter json(body);
        json.begin_object().key("rules").begin_array();
        if (const auto* monitor = site.find(subject); monitor != nullptr)
            for (const auto& rule : monitor->view().rules)
                write_rule(json, rule.definition, rule.by, rule.reason, rule.since);
        json.end_array().end_object();
        api.on_loop([&api, call, body = std::move(body)]() mutable {
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::read, "alarm rules");
    if (subject) answer_rules(api, call, *subject);
}

void give_rule(ApiContext& api, const ApiCallPtr& call, monitor::AlarmRuleSet rule,
               std::string reason) {
    const auto subject = rule.subject;
    give_alarm_act(api, call, std::move(rule), std::move(reason),
                   [&api, call, subject] { answer_rules(api, call, subject); });
}

// The next number from `drawn` on that no rule of the patient has. Drawn, so that two people who
// add a rule at the same moment do not both take the same.
monitor::ConditionId free_number(std::uint16_t drawn, const monitor::PatientMonitor* monitor) {
    const auto taken = [&](monitor::ConditionId number) {
        return monitor != nullptr &&
               std::ranges::any_of(monitor->view().rules, [&](const monitor::ActiveRule& rule) {
                   return rule.definition.condition == number;
               });
    };
    while (true) {
        const monitor::ConditionId number{
            static_cast<std::uint16_t>(drawn++ | monitor::site_conditions_from)};
        if (!taken(number)) return number;
    }
}

void add(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::write, "alarm rule");
    if (!subject) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto rule = read_rule(*body, api.catalogue);
    if (!rule) return answer_error(api, call, rule.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    rule->subject = *subject;
    std::array<std::uint8_t, 2> bytes{};
    api.random(bytes);
    const auto drawn = static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
    api.watch->ask([&api, call, drawn, rule = *rule, reason = *reason](const auto& site) mutable {
        rule.condition = free_number(drawn, site.find(rule.subject));
        api.on_loop([&api, call, rule, reason] { give_rule(api, call, rule, reason); });
    });
}

// Another text for the rule, or (removed) none.
void change(ApiContext& api, const ApiCallPtr& call, bool removed) {
    const auto subject = watched_patient(api, call, store::Act::write, "alarm rule");
    if (!subject) return;
    const auto number = parse_rule_key(call->captured[1]);
    if (!number) return answer_error(api, call, number.error());
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto rule = removed ? monitor::AlarmRuleSet() : read_rule(*body, api.catalogue);
    if (!rule) return answer_error(api, call, rule.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    rule->subject = *subject;
    rule->condition = *number;
    give_rule(api, call, *rule, *reason);
}

void set(ApiContext& api, const ApiCallPtr& call) {
    change(api, call, false);
}
void remove(ApiContext& api, const ApiCallPtr& call) {
    change(api, call, true);
}

// --- Dry run
// --------------------------------------------------------------------------------------

std::string dry_run_json(const monitor::DryRun& run) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("spans").begin_array();
    for (const auto& span : run.spans)
        json.begin_object()
            .member("from", span.from)
            .member("to", span.to)
            .member("open", span.open)
            .end_object();
    json.end_array().member("cut", run.cut).member("readings", run.readings);
    json.member("held_s", seconds_of(run.held)).member("looked_at_s", seconds_of(run.looked_at));
    json.end_object();
    return body;
}

void try_out(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const auto access =
        decide_alarms(api, call, store::Act::read, {(*patient)->id, {}}, "alarm rule dry run");
    if (!access) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto rule = read_rule_text(*body, api.catalogue);
    if (!rule) return answer_error(api, call, rule.error());
    const auto span = read_span(*body, dry_run_span_max);
    if (!span) return answer_error(api, call, span.error());
    answer_from_worker(api, call,
                       [&api, id = (*patient)->id, access = *access, rule = *rule,
                        span = *span]() -> Result<session::HttpResponse> {
                           std::vector<MetricId> metrics;
                           add_metrics(rule, metrics);
                           PastReadings past(api.series, access, id, metrics, span);
                           const auto run = monitor::dry_run(rule, api.catalogue,
                                                             [&past] { return past.next(); });
                           if (past.failure()) return tl::unexpected(*past.failure());
                           return json_answer(dry_run_json(run));
                       });
}

}  // namespace

void add_alarm_rules(Api& api) {
    api.add("GET", "/api/patients/{id}/alarm-rules", show);
    api.add("POST", "/api/patients/{id}/alarm-rules", add);
    api.add("PUT", "/api/patients/{id}/alarm-rules/{rule}", set);
    api.add("DELETE", "/api/patients/{id}/alarm-rules/{rule}", remove);
    api.add("POST", "/api/patients/{id}/alarm-rules/dry-run", try_out);
}

}  // namespace vigil::share
