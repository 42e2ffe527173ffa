#pragma once
// The scores of one patient, kept up to date: readings go in in the order of the log, a result
// comes out where something changed. Deterministic; memory is bounded (docs/decisions/0043): the
// last minute of each monitored metric, a few readings of the others, 128 results of each score.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metric/batch.hpp"
#include "monitor/scores/feed_state.hpp"
#include "monitor/scores/score_set.hpp"
#include "monitor/scores/trend.hpp"

namespace vigil::monitor {

// The place of a band among those of its age, from 0.
std::size_t rank_of(const ScoreTable& table, std::uint8_t band);

struct ScoreUpdate {
    std::size_t table = 0;  // of the set
    ScoreResult result{};
    // The band, of an incomplete score that of its lower bound, is above the one that was last
    // known: what a score alerts for (clinical_scores §10 rules 1 and 4). Known is the band of a
    // complete score, and of an incomplete one what its bounds leave of the band before, so that
    // an input that comes and goes does not alert again. Bands of different ages are compared by
    // their place among those of their age.
    bool band_rose = false;
    // The time in which that band asks for new observations passed without any (rule 4): the alert
    // comes again, and once more each time that it passes again.
    bool overdue = false;
    bool corrected = false;  // earlier totals counted what was corrected since: they are superseded
};

class ScoreState {
public:
    static constexpr std::size_t points_max = 128;
    static constexpr Nanoseconds points_age_max = std::chrono::hours(72);

    // The set outlives the state.
    explicit ScoreState(const ScoreSet& set);

    // What one device said at one time, with the log's time. Results do not depend on the order of
    // the readings of different metrics. Only what is surely this patient's is given in: not that
    // of a device whose association is unconfirmed.
    std::vector<ScoreUpdate> apply(DeviceId device, std::span<const FiledReading> readings,
                                   Timestamp now);
    std::vector<ScoreUpdate> set_patient(PatientFacts patient, Timestamp now);
    // Time went on: inputs become too old, a birthday comes.
    std::vector<ScoreUpdate> advance(Timestamp now);
    // The device is no longer on this patient.
    void end_association(DeviceId device);

    // The earliest time at which `advance` can change anything.
    Timestamp next_deadline() const { return deadline_; }

    const PatientFacts& patient() const { return patient_; }
    ScoreResult current(std::size_t table, Timestamp now) const;
    // The band that was last known (ScoreUpdate::band_rose); none: never one.
    std::optional<std::uint8_t> band(std::size_t table) const { return scores_[table].band; }
    // The newest complete result: of a bedside set, or of a time when all was fresh.
    const std::optional<ScoreResult>& last_complete(std::size_t table) const {
        return scores_[table].complete;
    }
    // When new observations are due by the band that was last known: its interval after what a
    // person entered last for this score, the rise of the band, or the last time this was told. A
    // band that asks for continuous observation is told again after the shortest interval of the
    // other bands. None where no band says one.
    std::optional<Timestamp> observations_due(std::size_t table) const;
    std::span<const ScorePoint> points(std::size_t table) const { return scores_[table].points; }
    std::optional<ScoreTrend> trend(std::size_t table, Timestamp now, Nanoseconds over) const {
        return trend_of(scores_[table].points, now, over);
    }

    // For a snapshot. Restored with the same set the state goes on as if nothing had been; a score
    // whose key, version or very text is no longer in the set is left out, and so is what fed it
    // alone.
    std::string encode() const;
    static Result<ScoreState> decode(std::string_view bytes, const ScoreSet& set);

private:
    struct Score {
        std::string shown;                  // what the last update said, without its times
        std::optional<std::int64_t> told;   // its total
        std::optional<std::uint8_t> band;   // last known
        std::optional<Timestamp> entered;   // of the last set: the newest that a person entered
        std::optional<Timestamp> observed;  // from when observations_due counts
        std::optional<ScoreResult> complete;
        std::vector<ScorePoint> points;
    };

    std::vector<Measurement> measurements(const ScoreTable& table) const;
    void refresh(std::uint32_t tables, std::uint32_t corrected, Timestamp now,
                 std::vector<ScoreUpdate>& out);
    void refresh_one(std::size_t table, bool corrected, Timestamp now,
                     std::vector<ScoreUpdate>& out);
    bool take_set(std::size_t table, const std::vector<Measurement>& measurements, Timestamp now,
                  ScoreResult& result);
    static bool note_band(const ScoreTable& table, const ScoreResult& result, bool corrected,
                          Score& score);
    bool note_observations(std::size_t table, const std::vector<Measurement>& measurements,
                           bool band_rose, Timestamp now);
    void supersede(std::uint32_t tables, std::pair<Timestamp, Timestamp> span);
    void remember(std::size_t table, const ScoreResult& result);
    void shorten_deadline(const ScoreResult& result, Timestamp now);
    std::uint32_t settle(Timestamp now);
    static bool read_score(ByteReader& in, const ScoreTable& table, Score& score);

    const ScoreSet* set_;
    PatientFacts patient_;
    std::vector<FeedState> feeds_;  // by feed of the set
    std::vector<Score> scores_;     // by table of the set
    Timestamp deadline_ = Timestamp::max();
};

}  // namespace vigil::monitor
