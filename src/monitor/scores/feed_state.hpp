#pragma once
// How the value of a score's input is made of the readings of one metric (clinical_scores §10):
// the median of the last minute where a monitor sends each second, the last valid reading, or all
// of a window. What a person writes down is a value by itself, beside any monitor's run.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "metric/batch.hpp"
#include "metric/catalogue.hpp"
#include "monitor/scores/score_result.hpp"

namespace vigil::monitor {

// Readings that a score does not count (clinical_scores §10 rule 2: flagged invalid, artefact, test
// or simulated), and what is no result yet.
constexpr std::uint32_t status_not_counted =
    status::invalid | status::questionable | status::not_available | status::calibration_ongoing |
    status::test_data | status::demo_data | status::early_indication | status::measurement_ongoing |
    status::implausible | status::signal_poor;

class FeedState {
public:
    explicit FeedState(Making making) : making_(making) {}

    struct Taken {
        bool changed = false;  // what `measurements` gives, beyond its time
        // Of a correction: results of this span counted what was corrected.
        std::optional<std::pair<Timestamp, Timestamp>> superseded;
    };
    // Readings come in the order of their times; an older one only counts as the correction of one
    // that is still held. A correction of what was never counted (a typing error that is no
    // temperature, a preliminary result) is a reading like any other.
    Taken take(const Metric& metric, DeviceId device, const FiledReading& filed,
               const FeedRule& rule);
    // Time goes on: readings that nothing followed are taken.
    bool settle(Timestamp now, const FeedRule& rule);
    std::optional<Timestamp> settles_at() const;

    void measurements(MetricId metric, std::vector<Measurement>& out) const;
    // The device is no longer on this patient: its run of values ends, what was made of it ages.
    void end_run(DeviceId device, const FeedRule& rule);
    bool empty() const { return samples_.empty() && kept_.empty() && !made_ && !implausible_; }

    void encode(ByteWriter& out) const;
    static std::optional<FeedState> decode(ByteReader& in, Making making);

private:
    // A second of a monitor's run, in the metric's own unit.
    struct Sample {
        Timestamp time;
        Decimal value;
        bool counts = false;
        bool operator==(const Sample&) const = default;
    };
    struct Kept {
        Measurement measurement;
        std::uint16_t channel = 0;
        bool counts = false;
        bool operator==(const Kept&) const = default;
    };
    static constexpr std::size_t last_kept = 4;  // for the interval of a cuff, and for corrections
    static constexpr std::size_t window_kept = 16;

    Taken take_valid(const Metric& metric, DeviceId device, const FiledReading& filed,
                     const FeedRule& rule);
    bool note_implausible(const Metric& metric, DeviceId device, const FiledReading& filed,
                          const FeedRule& rule);
    Taken take_sample(DeviceId device, const FiledReading& filed, const Sample& sample,
                      const FeedRule& rule);
    Taken correct_sample(const Sample& sample, const FeedRule& rule);
    bool is_of_run(DeviceId device, const FiledReading& filed);
    bool corrects_sample(const Sample& sample) const;
    Taken take_kept(DeviceId device, const FiledReading& filed, Kept made, const FeedRule& rule);
    std::vector<Kept>::iterator find_kept(DeviceId device, const FiledReading& filed);
    void shrink(const FeedRule& rule);
    bool make(const FeedRule& rule);
    bool counts_mostly() const;
    Nanoseconds covered() const;
    std::optional<Decimal> median() const;

    Making making_;
    DeviceId device_{};  // whose run the samples are
    std::uint16_t channel_ = 0;
    bool waits_ = false;  // the newest samples made no value yet
    std::vector<Sample> samples_;
    std::optional<Measurement> made_;
    std::optional<Measurement> implausible_;  // the newest that lies outside the artefact limits
    std::vector<Kept> kept_;
};

}  // namespace vigil::monitor
