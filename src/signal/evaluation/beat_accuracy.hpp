#pragma once
// What a beat detector is judged by, record by record and over all of them (ANSI/AAMI EC57:2012 4.3
// and 4.6).

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "signal/evaluation/beat_comparison.hpp"

namespace vigil::ecg {

enum class Measure : std::uint8_t {
    qrs_sensitivity,
    qrs_positive_predictivity,
    qrs_sensitivity_50_ms,  // by the tight window
    qrs_positive_predictivity_50_ms,
    veb_sensitivity,  // ventricular ectopic beats
    veb_positive_predictivity,
    veb_false_positive_rate,
    sveb_sensitivity,  // supraventricular ectopic beats
    sveb_positive_predictivity,
    sveb_false_positive_rate,
};
constexpr std::size_t measures = 10;
std::string_view name_of(Measure measure);  // "qrs_sensitivity"

struct BeatAccuracy {
    std::string record;
    Comparison standard;  // by the window of EC57
    Comparison tight;     // by the tight one
};

using Shares = std::array<Share, measures>;                       // by Measure
using Percentages = std::array<std::optional<double>, measures>;  // none: of nothing

Shares shares_of(const BeatAccuracy& accuracy);
Percentages percentages_of(const BeatAccuracy& accuracy);

// Of all beats of all records together. `record` is empty.
BeatAccuracy gross(std::span<const BeatAccuracy> records);
// The mean of the records' percentages, of each over the records that have it.
Percentages average(std::span<const BeatAccuracy> records);

// `settings`: its window is set here.
BeatAccuracy measure_beats(std::string record, const Reference& reference,
                           std::span<const Beat> test, std::span<const SampleSpan> shutdown,
                           ComparisonSettings settings);

}  // namespace vigil::ecg
