// What the watch makes of a patient beside alarms: early-warning scores, and the rhythm of the
// heart.
#include "share/alarms/scores.hpp"

#include "monitor/alarms/age_class.hpp"
#include "share/alarms/rhythm.hpp"
#include "share/alarms/rhythm_strip.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t trend_hours_default = 12, trend_hours_max = 72;

std::string_view word_of(monitor::PatientFacts::Pregnancy pregnancy) {
    using enum monitor::PatientFacts::Pregnancy;
    return pregnancy == yes ? "yes" : pregnancy == no ? "no" : "unknown";
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto hours =
        count_parameter(call->request, "hours", trend_hours_default, trend_hours_max);
    if (!hours) return answer_error(api, call, hours.error());
    const auto subject = watched_patient(api, call, store::Act::read, "early-warning scores");
    if (!subject) return;
    api.watch->ask([&api, call, patient = subject->patient,
                    over = std::chrono::hours(*hours)](const monitor::SiteWatch& site) {
        std::vector<ScoreShown> scores;
        auto pregnancy = monitor::PatientFacts::Pregnancy::unknown;
        if (const auto* state = site.scores(patient); state != nullptr) {
            scores = scores_shown(*state, api.watch->tables().scores, call->now, over);
            pregnancy = state->patient().pregnancy;
        }
        api.on_loop([&api, call, scores = std::move(scores), pregnancy] {
            std::string body;
            JsonWriter json(body);
            json.begin_object().member("pregnancy", word_of(pregnancy));
            json.key("scores").begin_array();
            for (const auto& score : scores)
                write_score(json, {api.registry, api.catalogue, api.watch->tables()}, score);
            json.end_array().end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

// Of everybody in reach who is watched, or of those in one unit.
void list(ApiContext& api, const ApiCallPtr& call) {
    const auto access =
        decide_alarms(api, call, store::Act::read, monitor::Subject{}, "early-warning scores");
    if (!access) return;
    const auto unit = call->request.parameter("unit");
    std::vector<PatientId> patients;
    for (const auto& [subject, bed] : api.watch->beds()) {
        const auto* patient = api.registry.patient(subject.patient);
        if (patient != nullptr && (!unit || patient->unit == *unit) &&
            shows(*access, is_staff(call->who), subject))
            patients.push_back(subject.patient);
    }
    api.watch->ask([&api, call, patients = std::move(patients)](const monitor::SiteWatch& site) {
        constexpr auto over = std::chrono::hours(trend_hours_default);
        std::vector<PatientScoresShown> all;
        for (const auto patient : patients)
            if (const auto* state = site.scores(patient); state != nullptr)
                all.push_back(applicable_scores(patient, *state, api.watch->tables().scores,
                                                call->now, over));
        api.on_loop([&api, call, all = std::move(all)] {
            std::string body;
            JsonWriter json(body);
            json.begin_object().member("as_of", api.watch->as_of());
            json.key("patients").begin_array();
            for (const auto& patient : all)
                write_scores(json, {api.registry, api.catalogue, api.watch->tables()}, patient);
            json.end_array().end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

void show_rhythm(ApiContext& api, const ApiCallPtr& call) {
    const auto subject = watched_patient(api, call, store::Act::read, "rhythm");
    if (!subject) return;
    api.watch->ask([&api, call, subject = *subject](const monitor::SiteWatch& site) {
        RhythmShown shown;
        if (const auto* signals = site.signals(subject); signals != nullptr)
            shown = {.ecgs = signals->ecgs(), .pulse_rate = signals->pulse_rate()};
        api.on_loop([&api, call, shown = std::move(shown)] {
            std::string body;
            JsonWriter json(body);
            write_rhythm(json, {api.registry, api.catalogue, api.watch->tables()}, shown);
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

// --- The ECG of a past span
// -----------------------------------------------------------------------

constexpr Nanoseconds beats_span_default = std::chrono::minutes(1);
constexpr Nanoseconds beats_span_max = std::chrono::minutes(10);

Result<StripAsked> read_strip_asked(const ApiContext& api, const ApiCall& call) {
    StripAsked asked;
    VIGIL_TRY(patient, patient_named(api, call.captured[0], "patient"));
    asked.patient = patient->id;
    if (const auto id = call.request.parameter("device")) {
        VIGIL_TRY(device, device_named(api, *id, "device"));
        asked.device = device->id;
    }
    VIGIL_TRY(to, time_parameter(call.request, "to", call.now));
    VIGIL_TRY(from, time_parameter(call.request, "from", to - beats_span_default));
    if (from >= to) return fail(Error::Kind::malformed, "it ends before it begins", "to");
    if (to - from > beats_span_max)
        return fail(Error::Kind::too_large, "at most 10 minutes", "from");
    asked.question.span = {from, to};
    return asked;
}

// As they are watched now; whoever is not, as their unit's patients of that age start.
void find_limits(const monitor::SiteWatch& site, const identity::Patient& patient,
                 StripAsked& asked) {
    auto& question = asked.question;
    if (const auto* monitor = site.find({asked.patient, {}})) {
        question.age_class = monitor->age_class();
        question.limits = {monitor->settings().begin(), monitor->settings().end()};
        return;
    }
    question.age_class = monitor::age_class(patient.birth_date, question.span.from)
                             .value_or(monitor::AgeClass::adult);
    question.limits = site.profiles().settings(patient.unit, question.age_class);
}

void read_beats(ApiContext& api, const ApiCallPtr& call, const store::Access& access,
                const StripAsked& asked) {
    api.on_worker([&api, call, access, asked] {
        auto shown = read_strip(api.series, access, api.watch->tables(), asked);
        api.on_loop([&api, call, span = asked.question.span, shown = std::move(shown)] {
            if (!shown) return answer_error(api, call, shown.error());
            std::string body;
            JsonWriter json(body);
            write_strip(json, {api.registry, api.catalogue, api.watch->tables()}, span, *shown);
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

void show_beats(ApiContext& api, const ApiCallPtr& call) {
    auto asked = read_strip_asked(api, *call);
    if (!asked) return answer_error(api, call, asked.error());
    const auto access =
        decide_alarms(api, call, store::Act::read, {asked->patient, {}}, "ECG beats");
    if (!access) return;
    api.watch->ask([&api, call, access = *access, asked = *asked,
                    patient = *api.registry.patient(asked->patient)](const auto& site) mutable {
        find_limits(site, patient, asked);
        api.on_loop([&api, call, access, asked] { read_beats(api, call, access, asked); });
    });
}

}  // namespace

void add_scores(Api& api) {
    api.add("GET", "/api/scores", list);
    api.add("GET", "/api/patients/{id}/scores", show);
    api.add("GET", "/api/patients/{id}/rhythm", show_rhythm);
    api.add("GET", "/api/patients/{id}/beats", show_beats);
}

}  // namespace vigil::share
