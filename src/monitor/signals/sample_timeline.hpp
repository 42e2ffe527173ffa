#pragma once
// The blocks of one waveform made into one row of samples, on the grid of their period: a gap is
// samples that there are not, what overlaps counts once, and a clock that jitters or drifts a
// little moves nothing.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "metric/catalogue.hpp"
#include "metric/reading.hpp"

namespace vigil::monitor {

// What a sample of a block is worth in its metric's own unit.
struct SampleScale {
    double scale = 1, offset = 0;
};
// None: a unit that cannot be the metric's. It is never guessed.
std::optional<SampleScale> sample_scale(const WaveformBlock& block, const Metric& metric);

// Samples a second; none: no period, or one that no device has.
std::optional<double> sample_hz(const WaveformBlock& block);

class SampleTimeline {
public:
    static constexpr Nanoseconds gap_max = std::chrono::seconds(10);
    // A block that follows within this of where the last one ended follows it without a gap.
    static constexpr Nanoseconds jitter_max = std::chrono::milliseconds(40);
    // The same where its time is that of its receipt.
    static constexpr Nanoseconds receipt_jitter_max = std::chrono::seconds(1);
    static constexpr Nanoseconds waiting_max = std::chrono::seconds(60);

    // Sample n is of the time begin + n × period; those before `from` are never asked for.
    SampleTimeline(Timestamp begin, Nanoseconds period, std::int64_t from = 0)
        : begin_(begin), period_(period), next_(from) {}

    // False: it does not go on from here (too long a gap, a clock that was put back, more than is
    // kept): whoever reads begins anew with this block.
    bool take(Timestamp start, const WaveformBlock& block, const SampleScale& scale,
              bool is_receipt_time);

    Nanoseconds period() const { return period_; }
    std::int64_t next() const { return next_; }  // number of the first sample that was not read
    std::int64_t end() const { return next_ + static_cast<std::int64_t>(waiting_.size()); }
    Timestamp time_of(std::int64_t number) const { return begin_ + number * period_; }
    // The next `count` samples, put behind what is in `out`; NaN where there is none (yet).
    void read(std::size_t count, std::vector<float>& out);

private:
    Timestamp begin_;
    Nanoseconds period_;
    std::int64_t next_;
    std::vector<float> waiting_{};
};

}  // namespace vigil::monitor
