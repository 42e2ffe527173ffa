#pragma once
// How well rhythms are told: atrial fibrillation by beats, by time and by episodes, and the alarms
// that cannot wait. By the rules of ANSI/AAMI EC57:2012 4.5 as WFDB's comparator epicmp applies
// them, and beside them how late and how often falsely.

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "signal/ecg/beat.hpp"
#include "signal/evaluation/beat_comparison.hpp"
#include "signal/evaluation/episode_comparison.hpp"
#include "signal/evaluation/reference_rhythms.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::rhythm {

// What was told of a condition, and when it was.
struct Told {
    Episode span;
    double known_s = 0;
};
// Those not hidden by another condition, in the order in which they began; what did not end lasts
// until `end_s`.
std::vector<Told> told_of(std::span<const RhythmEvent> events, Condition condition, double end_s);

// Values of which mean and extent are shown.
struct Spread {
    std::vector<double> values;
    std::optional<double> mean() const;
    std::optional<double> median() const;
    std::optional<double> deviation() const;  // n - 1
    std::optional<double> most() const;
};

struct AtrialFibrillationAccuracy {
    static constexpr double episode_s_min = 30;  // of those that are asked for: 2020 ESC Guidelines

    EpisodeComparison episodes{};
    // Of the beats that were found, those in flutter left out: in annotated fibrillation, told so.
    std::uint64_t true_positives = 0, false_negatives = 0, false_positives = 0, true_negatives = 0;
    // Of the episodes found that begin, and that end, within what is scored, and that nothing told
    // of a neighbour runs into: what was told less what is annotated. And how long after its onset
    // it was told of.
    Spread onset_error_s{}, offset_error_s{}, delay_s{};

    AtrialFibrillationAccuracy& operator+=(const AtrialFibrillationAccuracy& other);
    ecg::Share beat_sensitivity() const;
    ecg::Share beat_specificity() const;
    ecg::Share beat_positive_predictivity() const;
};

struct AlarmAccuracy {
    std::uint64_t reference_count = 0, found_count = 0;  // of those wanted
    // True: shares time with an annotated one. What is told falsely in annotated noise, or as
    // tachycardia in annotated fibrillation (EC57 4.3: no beats are compared there), is not
    // counted.
    std::uint64_t told_count = 0, true_count = 0;
    double scored_s = 0;  // of records that say where it is
    Spread delay_s{};     // from onset to when it was told

    AlarmAccuracy& operator+=(const AlarmAccuracy& other);
    ecg::Share sensitivity() const { return {.part = found_count, .whole = reference_count}; }
    ecg::Share positive_predictivity() const { return {.part = true_count, .whole = told_count}; }
    std::optional<double> false_per_hour() const;  // none of no time
};

// The alarms that are compared, in the order of RhythmAccuracy::alarms.
constexpr std::array alarms{Condition::ventricular_fibrillation, Condition::ventricular_tachycardia,
                            Condition::asystole};

struct RhythmAccuracy {
    // None of a record without rhythm annotations.
    std::optional<AtrialFibrillationAccuracy> atrial_fibrillation;
    // Asystole also of one with annotated beats alone: it is a gap between them.
    std::array<std::optional<AlarmAccuracy>, alarms.size()> alarms;
};

// `rules`: the part of the record that is scored. `sample_hz`: of the beats.
RhythmAccuracy measure_rhythms(const ReferenceRhythms& reference, std::span<const ecg::Beat> beats,
                               double sample_hz, std::span<const RhythmEvent> events,
                               const EpisodeRules& rules);

}  // namespace vigil::rhythm
