#pragma once
// Heart rate variability in the time domain: Task Force of the European Society of Cardiology and
// the North American Society of Pacing and Electrophysiology, Circulation 93:1043-1065, 1996,
// table 1 and its geometric measures; the Poincaré plot's axes after Brennan, Palaniswami and
// Kamen, IEEE Trans. Biomed. Eng. 48(11):1342-1347, 2001.

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "signal/rhythm/rr_interval.hpp"

namespace vigil::rhythm {

// Share of the time between the first beat and the last that NN intervals must cover. The Task
// Force asks for the share and sets no limit; below 80 to 85 % what is dropped decides the result.
constexpr double normal_share_min = 0.8;

constexpr double segment_s = 300;  // the five minutes of SDANN and the SDNN index

struct Variability {
    double share = 0;            // of the time, covered by NN intervals, 0..1
    std::uint64_t nn_count = 0;  // at least 2
    double mean_nn_ms = 0;
    double sdnn_ms = 0;  // standard deviation of all NN intervals (n - 1)
    // Of successive differences: pairs of NN intervals that adjoin. None without such a pair.
    std::optional<double> rmssd_ms;  // root of their mean square
    std::uint64_t nn50 = 0;          // more than 50 ms apart
    std::optional<double> pnn50_percent;
    // Of five-minute segments of which NN intervals cover 80 %; none of fewer than two.
    std::uint64_t segment_count = 0;
    std::optional<double> sdann_ms;        // standard deviation of their means
    std::optional<double> sdnn_index_ms;   // mean of their standard deviations
    double triangular_index = 0;           // NN intervals / height of their histogram
    std::optional<double> sd1_ms, sd2_ms;  // across and along the Poincaré plot's line of identity
};

// Count, mean and standard deviation of numbers that are seen once (Welford, Technometrics 4:419,
// 1962).
class Moments {
public:
    void add(double value);
    std::uint64_t count() const { return count_; }
    double mean() const { return mean_; }
    double variance() const;  // n - 1; 0 of fewer than two

private:
    std::uint64_t count_ = 0;
    double mean_ = 0, square_sum_ = 0;
};

// Sees every interval once and keeps what fits a page of memory, however long the recording.
class VariabilityMeter {
public:
    void add(const RrInterval& interval);

    // Fails (unsupported) if less than `normal_share_min` is NN, or there are fewer than two.
    Result<Variability> result() const;

private:
    static constexpr double bin_per_s = 128;  // the Task Force's bin of 7.8125 ms
    static constexpr std::size_t bin_count = static_cast<std::size_t>(rr_s_max * bin_per_s) + 1;

    void close_segment();

    std::optional<double> first_s_;
    double last_s_ = 0, normal_s_ = 0;
    std::optional<double> before_ms_;  // the NN interval that ended where the next one starts
    Moments nn_, difference_;          // ms
    double difference_square_sum_ = 0;
    std::uint64_t nn50_ = 0;
    std::array<std::uint32_t, bin_count> histogram_{};

    double segment_ = 0;  // number of the segment since the start of the signal
    double segment_normal_s_ = 0;
    Moments in_segment_, segment_means_, segment_deviations_;
};

}  // namespace vigil::rhythm
