// The same past with other limits and rules: alarms saved, events missed, time to detection. A line
// of JSON for each patient as it is worked out, and one of all.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>

#include "share/alarms/limits.hpp"
#include "share/alarms/past_readings.hpp"
#include "share/alarms/watch.hpp"
#include "share/alarms/what_if_shape.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using monitor::Configuration;
using monitor::Subject;

namespace {

constexpr Nanoseconds what_if_span_max = std::chrono::days(31);
// A bed's day takes a good part of a second: longer questions are asked in parts.
constexpr double what_if_bed_days_max = 700;

struct WhatIfPatient {
    PatientId id;
    store::Access access;
    std::vector<monitor::ReferenceEvent> events{};
    std::optional<Configuration> now{};  // as they are watched
};

struct WhatIfQuestion {
    WhatIfChange change;
    store::Span span;
    std::string unit{};
    std::deque<WhatIfPatient> patients{};
};

Result<std::string> line_of(ApiContext& api, const WhatIfQuestion& question,
                            const WhatIfPatient& patient,
                            std::shared_ptr<const std::atomic<bool>> stop, WhatIfTotal& total) {
    const auto& tables = api.watch->tables();
    VIGIL_TRY(after, changed(*patient.now, question.change, tables));
    std::vector<MetricId> metrics;
    add_metrics(tables.limits, metrics);
    const auto add_rules = [&](const Configuration& side) {
        for (const auto& rule : side.rules)
            if (const auto parsed = monitor::parse_rule(rule.text, api.catalogue))
                add_metrics(*parsed, metrics);
    };
    add_rules(*patient.now);
    add_rules(after);
    PastReadings past(api.series, patient.access, patient.id, metrics, question.span,
                      std::move(stop));
    VIGIL_TRY(result,
              monitor::what_if(
                  tables, *patient.now, after, [&past] { return past.next(); }, patient.events));
    if (past.failure()) return tl::unexpected(*past.failure());
    total.add(result);
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("patient", patient_id_text(patient.id));
    write_what_if(json, tables, result);
    json.end_object();
    line += '\n';
    return line;
}

// One patient at a time, on a worker. There is one what-if at a time.
class WhatIfStream : public std::enable_shared_from_this<WhatIfStream> {
public:
    WhatIfStream(ApiContext& api, WhatIfQuestion question, identity::Principal who)
        : api_(api), question_(std::move(question)), who_(std::move(who)) {}

    session::NextPart next(std::string& out) {
        using session::NextPart;
        if (failed_ || !still_stands(api_, who_)) return NextPart::broken;
        out += std::exchange(line_, {});
        if (working_) return NextPart::more;
        if (!question_.patients.empty()) {
            work();
            return NextPart::more;
        }
        JsonWriter json(out);
        json.begin_object().key("total").begin_object();
        write_total(json, total_);
        json.end_object().end_object();
        out += '\n';
        return NextPart::end;
    }
    void stop() { *stop_ = true; }

private:
    void work() {
        working_ = true;
        auto patient = std::move(question_.patients.front());
        question_.patients.pop_front();
        api_.on_worker([self = shared_from_this(), patient = std::move(patient)] {
            auto total = self->total_;
            auto line = line_of(self->api_, self->question_, patient, self->stop_, total);
            self->api_.on_loop([self, total, line = std::move(line)]() mutable {
                self->working_ = false;
                self->failed_ = !line;
                if (!line) return;
                self->line_ = std::move(*line);
                self->total_ = total;
            });
        });
    }

    ApiContext& api_;
    WhatIfQuestion question_;
    identity::Principal who_;
    WhatIfTotal total_;
    std::string line_;
    std::shared_ptr<std::atomic<bool>> stop_ = std::make_shared<std::atomic<bool>>(false);
    bool working_ = false, failed_ = false;
};

// Whoever holds it may work; given back when the answer ends, however it does.
struct Turn {
    Turn(ApiContext& with, std::shared_ptr<WhatIfStream> of) : api(with), stream(std::move(of)) {
        api.what_if_under_way = true;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        stream->stop();
        api.what_if_under_way = false;
    }
    ApiContext& api;
    std::shared_ptr<WhatIfStream> stream;
};

Result<monitor::ReferenceEvent> read_event(JsonValue body, const monitor::MonitorTables& tables) {
    monitor::ReferenceEvent event;
    VIGIL_TRY(span, read_span(body, what_if_span_max));
    event.from = span.from;
    event.to = span.to;
    event.kind = std::string(body["kind"].string());
    for (const auto each : body["conditions"]) {
        const auto* condition = tables.conditions.find(each.string());
        if (condition == nullptr)
            return fail(Error::Kind::malformed, "no such alarm condition", each.pointer());
        event.conditions.push_back(condition->id);
    }
    return event;
}

Result<void> read_events(JsonValue list, const monitor::MonitorTables& tables,
                         std::deque<WhatIfPatient>& patients) {
    if (!list || list.is(JsonKind::null)) return {};
    if (!list.is(JsonKind::array) || list.size() > what_if_events_max)
        return fail(Error::Kind::malformed,
                    fmt::format("a list of at most {} events", what_if_events_max), "events");
    for (const auto each : list) {
        const auto id = parse_patient_id(each["patient"].string());
        const auto whose = std::ranges::find_if(
            patients, [&](const WhatIfPatient& patient) { return patient.id == id; });
        if (!id || whose == patients.end())
            return fail(Error::Kind::malformed, "of none of these patients",
                        each.pointer() + "/patient");
        VIGIL_TRY(event, read_event(each, tables));
        whose->events.push_back(std::move(event));
    }
    return {};
}

// Whom the question names: "patients", or all who are in "unit" now and whom the asker reaches. On
// refusal the call has been answered.
std::optional<std::deque<WhatIfPatient>> asked_patients(ApiContext& api, const ApiCallPtr& call,
                                                        JsonValue body) {
    constexpr std::string_view what = "alarms what-if";
    std::vector<PatientId> ids;
    if (const auto list = body["patients"]; list.is(JsonKind::array)) {
        for (const auto each : list) {
            const auto patient = patient_named(api, each.string(), "patients");
            if (!patient) {
                answer_error(api, call, patient.error());
                return std::nullopt;
            }
            if (std::ranges::find(ids, (*patient)->id) == ids.end()) ids.push_back((*patient)->id);
        }
    } else if (const auto unit = body["unit"].string(); !unit.empty()) {
        const auto all = decide_alarms(api, call, store::Act::read, Subject{}, std::string(what));
        if (!all) return std::nullopt;
        for (const auto id : api.registry.patients_in(unit))
            if (shows(*all, is_staff(call->who), {id, {}})) ids.push_back(id);
        std::ranges::sort(ids);
    }
    std::deque<WhatIfPatient> patients;
    for (const auto id : ids) {
        const auto access = decide_alarms(api, call, store::Act::read, {id, {}}, std::string(what));
        if (!access) return std::nullopt;
        patients.push_back({.id = id, .access = *access});
    }
    if (!patients.empty()) return patients;
    answer_error(api, call,
                 {Error::Kind::malformed, "of whom: \"patients\": [ID…], or \"unit\"", "patients"});
    return std::nullopt;
}

void answer_stream(ApiContext& api, const ApiCallPtr& call, WhatIfQuestion question) {
    if (api.what_if_under_way)
        return answer_error(api, call,
                            {Error::Kind::busy, "another what-if is under way: wait for it", ""});
    auto stream = std::make_shared<WhatIfStream>(api, std::move(question), call->who);
    session::HttpResponse response{.status = 200,
                                   .headers = {{"content-type", "application/x-ndjson"}}};
    response.next_part = [turn = std::make_shared<Turn>(api, stream)](std::string& out) {
        return turn->stream->next(out);
    };
    answer(api, call, std::move(response));
}

// How each is watched now; whoever is not, as their unit's patients start.
void find_configurations(const monitor::SiteWatch& site, WhatIfQuestion& question) {
    for (auto& patient : question.patients) {
        auto& now = patient.now.emplace();
        const auto* monitor = site.find({patient.id, {}});
        if (monitor == nullptr) {
            now.settings = site.profiles().settings(question.unit, monitor::AgeClass::adult);
            continue;
        }
        now.settings = {monitor->settings().begin(), monitor->settings().end()};
        for (const auto& rule : monitor->view().rules) now.rules.push_back(rule.definition);
    }
}

void ask(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto span = read_span(*body, what_if_span_max);
    if (!span) return answer_error(api, call, span.error());
    auto change = read_change(*body, api.watch->tables());
    if (!change) return answer_error(api, call, change.error());
    auto patients = asked_patients(api, call, *body);
    if (!patients) return;
    WhatIfQuestion question{.change = std::move(*change),
                            .span = *span,
                            .unit = std::string((*body)["unit"].string()),
                            .patients = std::move(*patients)};
    if (const auto read = read_events((*body)["events"], api.watch->tables(), question.patients);
        !read)
        return answer_error(api, call, read.error());
    const auto bed_days =
        seconds_of(span->to - span->from) / 86'400 * static_cast<double>(question.patients.size());
    if (bed_days > what_if_bed_days_max)
        return answer_error(
            api, call,
            {Error::Kind::too_large, "at most 700 days of beds at once: ask in parts", "from"});
    api.watch->ask([&api, call, question = std::move(question)](const auto& site) mutable {
        find_configurations(site, question);
        api.on_loop([&api, call, question = std::move(question)]() mutable {
            for (const auto& patient : question.patients)
                if (const auto fits = changed(*patient.now, question.change, api.watch->tables());
                    !fits)
                    return answer_error(api, call, fits.error());
            answer_stream(api, call, std::move(question));
        });
    });
}

}  // namespace

void add_alarm_what_if(Api& api) {
    api.add("POST", "/api/alarms/what-if", ask);
}

}  // namespace vigil::share
