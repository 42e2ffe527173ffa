#pragma once
// Beat-by-beat comparison of a detector with a reference by the rules of ANSI/AAMI EC57:2012 4.3 as
// WFDB's comparator bxb applies them.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "signal/ecg/beat.hpp"
#include "signal/evaluation/reference_beats.hpp"

namespace vigil::ecg {

constexpr double learning_s = 300;       // EC57: the first five minutes are not scored
constexpr double match_window_s = 0.15;  // EC57: a pair is no further apart than this
constexpr double tight_window_s = 0.05;  // beside it, to see whether the places are right

struct ComparisonSettings {
    double sample_hz = 0;    // above 0
    std::int64_t begin = 0;  // first sample that is scored
    std::int64_t end = 0;    // one past the last
    double window_s = match_window_s;
};

// A share that may have nothing to be a share of.
struct Share {
    std::uint64_t part = 0, whole = 0;
    std::optional<double> percent() const {
        if (whole == 0) return std::nullopt;
        return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    }
};

// What became of every beat. `place of a class` is its number in BeatClass.
struct Comparison {
    static constexpr std::size_t classes = 5;
    static constexpr std::size_t missed = 5, shut_down = 6;  // columns: o and x of bxb
    static constexpr std::size_t extra = 5;                  // row: O of bxb
    std::array<std::array<std::uint64_t, 7>, 6> cells{};     // [reference][test]
    double error_sum_s = 0, error_square_sum_s2 = 0;         // of test - reference, over pairs
    double shutdown_s = 0;

    Comparison& operator+=(const Comparison& other);  // gross: sums over records

    std::uint64_t of(std::size_t row, BeatClass test) const {
        return cells[row][static_cast<std::size_t>(test)];
    }
    std::uint64_t reference_beats() const;
    std::uint64_t pairs() const;
    // Classes ignored; a beat missed in a shutdown is missed.
    Share qrs_sensitivity() const;            // TP / (TP + FN)
    Share qrs_positive_predictivity() const;  // TP / (TP + FP)
    std::optional<double> error_mean_s() const;
    std::optional<double> error_deviation_s() const;  // standard deviation, n - 1
};

// Of one class against all others: ventricular (VEB) or supraventricular ectopic beats (SVEB).
struct EctopyStatistics {
    Share sensitivity;            // TP / (TP + FN): FN is the rest of the class's row
    Share positive_predictivity;  // TP / (TP + FP)
    Share false_positive_rate;    // FP / (FP + TN): TN is every pair of other rows not called so
};
// F and Q called V are neither true nor false (EC57 4.3.3.2).
EctopyStatistics ventricular_statistics(const Comparison& comparison);
// Q called S is neither.
EctopyStatistics supraventricular_statistics(const Comparison& comparison);

// `test` in the order of time. `shutdown`: where the detector said that it saw no beats.
Comparison compare_beats(const Reference& reference, std::span<const Beat> test,
                         std::span<const SampleSpan> shutdown, const ComparisonSettings& settings);

}  // namespace vigil::ecg
