// What the watch makes of a patient beside alarms: early-warning scores, and the rhythm of the
// heart.
#include "share/alarms/scores.hpp"

#include "share/alarms/rhythm.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t trend_hours_default = 12, trend_hours_max = 72;

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto hours =
        count_parameter(call->request, "hours", trend_hours_default, trend_hours_max);
    if (!hours) return answer_error(api, call, hours.error());
    const auto subject = watched_patient(api, call, store::Act::read, "early-warning scores");
    if (!subject) return;
    api.watch->ask([&api, call, patient = subject->patient,
                    over = std::chrono::hours(*hours)](const monitor::SiteWatch& site) {
        std::vector<ScoreShown> scores;
        if (const auto* state = site.scores(patient); state != nullptr)
            scores = scores_shown(*state, api.watch->tables().scores, call->now, over);
        api.on_loop([&api, call, scores = std::move(scores)] {
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("scores").begin_array();
            for (const auto& score : scores)
                write_score(json, {api.registry, api.catalogue, api.watch->tables()}, score);
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

}  // namespace

void add_scores(Api& api) {
    api.add("GET", "/api/patients/{id}/scores", show);
    api.add("GET", "/api/patients/{id}/rhythm", show_rhythm);
}

}  // namespace vigil::share
