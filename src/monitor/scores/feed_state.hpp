#pragma once
// How the value of a score's input is made of the readings of one metric (clinical_scores §10):
// the median of the last minute where a monitor sends each second, the last valid reading, or all
// of a window.

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
    // that is still held. `exponent`: the finest step, in the metric's unit, that is a change.
    Taken take(const Metric& metric, DeviceId device, const FiledReading& filed,
               std::int8_t exponent);
    // Time goes on: a reading that stayed alone is taken.
    bool settle(Timestamp now, std::int8_t exponent);
    std::optional<Timestamp> settles_at() const;

    void measurements(MetricId metric, std::vector<Measurement>& out) const;
    // The device is no longer on this patient: its run of values ends, what was made of it ages.
    void end_run(DeviceId device);
    bool empty() const { return samples_.empty() && kept_.empty() && !made_; }

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
        bool counts = false;
        bool operator==(const Kept&) const = default;
    };
    static constexpr std::size_t last_kept = 4;  // for the interval of a cuff, and for corrections
    static constexpr std::size_t window_kept = 16;

    Taken take_sample(const Metric& metric, DeviceId device, const FiledReading& filed,
                      std::int8_t exponent);
    Taken take_kept(const Metric& metric, DeviceId device, const FiledReading& filed,
                    std::int8_t exponent);
    bool make(std::int8_t exponent);
    Nanoseconds covered() const;
    std::optional<Decimal> median() const;

    Making making_;
    DeviceId device_{};  // whose run the samples are
    std::uint16_t channel_ = 0;
    bool alone_ = false;  // the newest sample waits for another
    std::vector<Sample> samples_;
    std::optional<Measurement> made_;
    std::vector<Kept> kept_;
};

}  // namespace vigil::monitor
