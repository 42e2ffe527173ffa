// Alarms: what stands, what was, and what people do about it (docs/reference/alarms-api.md).
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <set>

#include "share/alarms/load.hpp"
#include "share/alarms/shapes.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using identity::Area;
using monitor::Subject;

std::optional<store::Access> decide_alarms(ApiContext& api, const ApiCallPtr& call, store::Act act,
                                           const Subject& subject, std::string what,
                                           std::vector<Area> areas) {
    auto access = decide(api, call,
                         {.act = act,
                          .areas = std::move(areas),
                          .subjects = subject.patient ? identity::Subjects::of(subject.patient)
                                                      : identity::Subjects::all(),
                          .what = std::move(what)});
    const bool is_of_all = subject == Subject{};
    if (!access || is_of_all || shows(*access, is_staff(call->who), subject)) return access;
    answer_error(api, call, {Error::Kind::not_found, "no such alarm here", "alarm"});
    return std::nullopt;
}

Result<std::string> read_reason(JsonValue body, std::string_view otherwise) {
    const auto said = body["reason"];
    std::string reason(said.is(JsonKind::string) ? said.string() : otherwise);
    if (reason.empty()) return fail(Error::Kind::malformed, "say why", "reason");
    if (reason.size() > monitor::text_bytes_max)
        return fail(Error::Kind::malformed,
                    fmt::format("at most {} bytes", monitor::text_bytes_max), "reason");
    return reason;
}

Result<store::Span> read_span(JsonValue body, Nanoseconds longest) {
    VIGIL_TRY(from, read_time(body["from"].text(), "from"));
    VIGIL_TRY(to, read_time(body["to"].text(), "to"));
    if (from >= to) return fail(Error::Kind::malformed, "it ends before it begins", "to");
    if (to - from > longest)
        return fail(
            Error::Kind::too_large,
            fmt::format("at most {} days", std::chrono::floor<std::chrono::days>(longest).count()),
            "from");
    return store::Span{from, to};
}

std::optional<Subject> watched_patient(ApiContext& api, const ApiCallPtr& call, store::Act act,
                                       std::string what, std::vector<Area> areas) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) {
        answer_error(api, call, patient.error());
        return std::nullopt;
    }
    const Subject subject{(*patient)->id, {}};
    if (!decide_alarms(api, call, act, subject, std::move(what), std::move(areas)))
        return std::nullopt;
    if (api.watch->beds().contains(subject)) return subject;
    answer_error(
        api, call,
        {Error::Kind::conflict,
         "nobody watches this patient: give them a bed, or put a device on them", "patient"});
    return std::nullopt;
}

Result<const monitor::Condition*> condition_named(const ApiContext& api, std::string_view key) {
    const auto* condition = api.watch->tables().conditions.find(key);
    if (condition != nullptr) return condition;
    return fail(Error::Kind::not_found, fmt::format("no alarm condition {}", key), "condition");
}

void give_alarm_act(ApiContext& api, const ApiCallPtr& call, monitor::AlarmAct::Body body,
                    std::string reason, std::function<void()> then) {
    api.watch->give({.recorded = call->now,
                     .by = call->who.name,
                     .reason = std::move(reason),
                     .body = std::move(body)},
                    [&api, call, then = std::move(then)](const auto& followed) {
                        if (followed)
                            then();
                        else
                            answer_error(api, call, followed.error());
                    });
}

session::HttpResponse bed_answer(const ApiContext& api, const Subject& subject) {
    const auto& beds = api.watch->beds();
    const auto found = beds.find(subject);
    std::string body;
    JsonWriter json(body);
    write_bed(json, {api.registry, api.catalogue, api.watch->tables()},
              found != beds.end() ? found->second : monitor::left_bed(subject, api.watch->as_of()));
    return json_answer(std::move(body));
}

namespace {

constexpr std::size_t events_default = 200, events_max = 10'000;

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto access = decide_alarms(api, call, store::Act::read, Subject{}, "alarms");
    if (!access) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("as_of", api.watch->as_of());
    json.member("lag_s", std::chrono::duration<double>(api.watch->behind(call->now)).count());
    json.key("beds").begin_array();
    const AlarmWords words{api.registry, api.catalogue, api.watch->tables()};
    for (const auto& [subject, bed] : api.watch->beds())
        if (shows(words, *access, call->who, bed)) write_bed(json, words, bed);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void of_patient(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const Subject subject{(*patient)->id, {}};
    if (!decide_alarms(api, call, store::Act::read, subject, "alarms")) return;
    answer(api, call, bed_answer(api, subject));
}

// --- What was
// -------------------------------------------------------------------------------------------

// "time in ns:partition:offset" of the last one on a page.
std::string cursor_of(const store::KeptEvent& event) {
    return fmt::format("{}:{}:{}", unix_ns(event.time), event.position.partition,
                       event.position.offset);
}

Result<std::pair<Timestamp, Position>> read_cursor(std::string_view text) {
    std::int64_t time = 0;
    Position position;
    const auto number = [&text](auto& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const auto used = static_cast<std::size_t>(end - text.data());
        text.remove_prefix(std::min(text.size(), used + 1));
        return error == std::errc();
    };
    if (number(time) && number(position.partition) && number(position.offset) && text.empty() &&
        position.offset <= INT64_MAX)
        return std::pair{from_unix_ns(time), position};
    return fail(Error::Kind::malformed, "not a cursor of this list", "cursor");
}

Result<store::EventQuery> read_query(const ApiContext& api, const ApiCall& call) {
    store::EventQuery query;
    if (const auto id = call.request.parameter("patient")) {
        VIGIL_TRY(patient, patient_named(api, *id, "patient"));
        query.subject = patient->id;
    }
    VIGIL_TRY(to, time_parameter(call.request, "to", call.now + std::chrono::hours(1)));
    VIGIL_TRY(from, time_parameter(call.request, "from", to - std::chrono::hours(25)));
    query.span = {from, to};
    if (const auto cursor = call.request.parameter("cursor")) {
        VIGIL_TRY(before, read_cursor(*cursor));
        query.before = before;
    }
    return query;
}

bool is_in(const ApiContext& api, const Subject& subject, std::string_view unit) {
    const auto* patient = api.registry.patient(subject.patient);
    return patient != nullptr && patient->unit == unit;
}

void events(ApiContext& api, const ApiCallPtr& call) {
    auto query = read_query(api, *call);
    if (!query) return answer_error(api, call, query.error());
    const auto limit = count_parameter(call->request, "limit", events_default, events_max);
    if (!limit) return answer_error(api, call, limit.error());
    auto access = decide_alarms(api, call, store::Act::read,
                                {query->subject.value_or(PatientId{}), {}}, "alarm events");
    if (!access) return;
    api.on_worker([&api, call, query = *query, limit = *limit, access = *access] {
        std::vector<monitor::AlarmEvent> found;
        std::optional<std::string> next;
        auto read = api.events.read(access, query, [&](const store::KeptEvent& kept) {
            if (found.size() == limit) return false;
            if (auto event = monitor::decode_event(kept.body)) {
                found.push_back(std::move(*event));
                next = cursor_of(kept);
            }
            return true;
        });
        if (found.size() < limit) next.reset();
        api.on_loop(
            [&api, call, read = std::move(read), found = std::move(found), next = std::move(next)] {
                if (!read) return answer_error(api, call, read.error());
                std::string body;
                JsonWriter json(body);
                json.begin_object().key("events").begin_array();
                for (const auto& event : found)
                    write_event(json, {api.registry, api.catalogue, api.watch->tables()}, event);
                json.end_array().member_or_null("next", next.value_or("")).end_object();
                answer(api, call, json_answer(std::move(body)));
            });
    });
}

constexpr std::size_t load_events_max = 500'000;
constexpr Nanoseconds load_span_max = std::chrono::days(31);

// What there is to bear in a unit, or everywhere.
void load(ApiContext& api, const ApiCallPtr& call) {
    auto query = read_query(api, *call);
    if (!query) return answer_error(api, call, query.error());
    if (query->span.to - query->span.from > load_span_max)
        return answer_error(api, call, {Error::Kind::too_large, "at most 31 days", "from"});
    auto access = decide_alarms(api, call, store::Act::read, Subject{}, "alarm load");
    if (!access) return;
    const auto unit = call->request.parameter("unit");
    std::set<Subject> beds;
    for (const auto& [subject, bed] : api.watch->beds())
        if (shows(*access, is_staff(call->who), subject) && (!unit || is_in(api, subject, *unit)))
            beds.insert(subject);
    std::optional<std::set<PatientId>> only;
    if (unit) only = api.registry.patients_in(*unit);
    api.on_worker([&api, call, query = *query, access = *access, beds, only] {
        AlarmLoad load;
        std::size_t read = 0;
        const auto done = api.events.read(access, query, [&](const store::KeptEvent& kept) {
            if (!only || only->contains(kept.subject))
                if (const auto event = monitor::decode_event(kept.body)) load.add(*event);
            return ++read < load_events_max;
        });
        api.on_loop(
            [&api, call, done, load, beds, span = query.span, cut = read == load_events_max] {
                if (!done) return answer_error(api, call, done.error());
                std::string body;
                JsonWriter json(body);
                json.begin_object().member("cut", cut);
                load.write(json, {api.registry, api.catalogue, api.watch->tables()}, beds,
                           span.from, span.to);
                json.end_object();
                answer(api, call, json_answer(std::move(body)));
            });
    });
}

// --- What people do
// -------------------------------------------------------------------------------------

// The event that the address names.
Result<monitor::EventId> named(const ApiCall& call) {
    auto id = monitor::parse_event_id(call.captured[0]);
    if (!id) id.error() = {Error::Kind::not_found, "no such alarm here", "id"};
    return id;
}

// An act on one alarm or pause: whose it is stands in its id.
void act_on(ApiContext& api, const ApiCallPtr& call, std::string what,
            Result<monitor::AlarmAct::Body> (*read)(const monitor::EventId&, JsonValue)) {
    const auto id = named(*call);
    if (!id) return answer_error(api, call, id.error());
    if (!decide_alarms(api, call, store::Act::write, id->subject, std::move(what))) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto reason = read_reason(*body, at_the_console);
    if (!reason) return answer_error(api, call, reason.error());
    auto act = read(*id, *body);
    if (!act) return answer_error(api, call, act.error());
    give_alarm_act(api, call, std::move(*act), *reason, [&api, call, subject = id->subject] {
        answer(api, call, bed_answer(api, subject));
    });
}

Result<monitor::AlarmAct::Body> read_acknowledged(const monitor::EventId& id, JsonValue body) {
    const auto episode = body["episode"].integer();
    const auto seen = monitor::from_word<monitor::AlarmPriority>(body["seen"].string());
    if (!episode || *episode < 1 || *episode > UINT32_MAX)
        return fail(Error::Kind::malformed, "which episode the screen showed", "episode");
    if (!seen) return fail(Error::Kind::malformed, "takes high, medium or low", "seen");
    return monitor::AlarmAcknowledged{
        .alarm = id, .episode = static_cast<std::uint32_t>(*episode), .seen = *seen};
}

Result<monitor::AlarmAct::Body> read_answered(const monitor::EventId& id, JsonValue body) {
    const auto response = monitor::from_word<monitor::Response>(body["response"].string());
    if (!response)
        return fail(Error::Kind::malformed, "takes accepted, rejected or released", "response");
    return monitor::AlarmAnswered{.alarm = id, .response = *response};
}

Result<monitor::AlarmAct::Body> read_reset(const monitor::EventId& id, JsonValue) {
    return monitor::AlarmReset{.alarm = id};
}

Result<monitor::AlarmAct::Body> read_reactivated(const monitor::EventId& id, JsonValue) {
    return monitor::AlarmReactivated{.inactivation = id};
}

void acknowledge(ApiContext& api, const ApiCallPtr& call) {
    act_on(api, call, "alarm acknowledge", read_acknowledged);
}
void respond(ApiContext& api, const ApiCallPtr& call) {
    act_on(api, call, "alarm answer", read_answered);
}
void reset(ApiContext& api, const ApiCallPtr& call) {
    act_on(api, call, "alarm reset", read_reset);
}
void reactivate(ApiContext& api, const ApiCallPtr& call) {
    act_on(api, call, "alarm reactivate", read_reactivated);
}

Result<monitor::AlarmInactivated> read_inactivated(const ApiContext& api, const Subject& subject,
                                                   JsonValue body) {
    monitor::AlarmInactivated act{.subject = subject};
    const auto kind = monitor::from_word<monitor::InactivationKind>(body["kind"].string());
    if (!kind)
        return fail(Error::Kind::malformed,
                    "takes audio-paused, audio-off, alarm-paused or alarm-off", "kind");
    act.kind = *kind;
    if (body["alarm"].is(JsonKind::string)) {
        VIGIL_TRY(alarm, monitor::parse_event_id(body["alarm"].string()));
        if (alarm.subject != subject)
            return fail(Error::Kind::malformed, "this alarm is not of this patient", "alarm");
        act.alarm = alarm;
    }
    if (body["condition"].is(JsonKind::string)) {
        VIGIL_TRY(condition, condition_named(api, body["condition"].string()));
        act.condition = condition->id;
    }
    const auto longest =
        std::chrono::floor<std::chrono::seconds>(api.watch->tables().policy.longest(*kind)).count();
    const auto seconds = body["duration_s"].integer();
    if (!seconds || *seconds < 1 || *seconds > longest)
        return fail(Error::Kind::malformed, fmt::format("for 1 to {} seconds", longest),
                    "duration_s");
    act.duration = std::chrono::seconds(*seconds);
    return act;
}

void inactivate(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::write, "alarm inactivation");
    if (!subject) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto act = read_inactivated(api, *subject, *body);
    if (!act) return answer_error(api, call, act.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    give_alarm_act(api, call, *act, *reason, [&api, call, subject = *subject] {
        answer(api, call, bed_answer(api, subject));
    });
}

}  // namespace

void add_alarms(Api& api) {
    api.add("GET", "/api/alarms", list);
    api.add("GET", "/api/alarms/events", events);
    api.add("GET", "/api/alarms/load", load);
    api.add("GET", "/api/patients/{id}/alarms", of_patient);
    api.add("POST", "/api/alarms/{id}/acknowledge", acknowledge);
    api.add("POST", "/api/alarms/{id}/answer", respond);
    api.add("POST", "/api/alarms/{id}/reset", reset);
    api.add("POST", "/api/patients/{id}/alarm-inactivations", inactivate);
    api.add("DELETE", "/api/alarm-inactivations/{id}", reactivate);
}

}  // namespace vigil::share
