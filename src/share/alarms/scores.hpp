#pragma once
// Early-warning scores as docs/reference/alarms-api.md shows them.

#include <optional>
#include <vector>

#include "base/json_writer.hpp"
#include "monitor/scores/changes.hpp"
#include "monitor/scores/score_state.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

// One score of a patient as it stands, apart from the monitors: made on their thread.
struct ScoreShown {
    std::size_t table = 0;
    monitor::ScoreResult result{};
    std::optional<monitor::ScoreResult> last_complete{};
    std::optional<std::uint8_t> band{};  // that was last known
    std::optional<Timestamp> observations_due{};
    std::optional<monitor::ScoreTrend> trend{};
    std::vector<monitor::ScoreChange> would_change{};
    std::vector<monitor::ScorePoint> points{};
};

std::vector<ScoreShown> scores_shown(const monitor::ScoreState& state, const monitor::ScoreSet& set,
                                     Timestamp now, Nanoseconds over);

void write_score(JsonWriter& json, const AlarmWords& words, const ScoreShown& shown);

// What a ward is put in order by: of one patient each score that applies, as it stands. Without
// what made it and what would change it, which cost more than the score.
struct PatientScoresShown {
    struct Score {
        std::size_t table = 0;
        monitor::ScoreResult result{};
        std::optional<monitor::ScoreTrend::Direction> direction{};
    };
    PatientId patient{};
    std::vector<Score> scores{};
};
PatientScoresShown applicable_scores(PatientId patient, const monitor::ScoreState& state,
                                     const monitor::ScoreSet& set, Timestamp now, Nanoseconds over);

void write_scores(JsonWriter& json, const AlarmWords& words, const PatientScoresShown& shown);

}  // namespace vigil::share
