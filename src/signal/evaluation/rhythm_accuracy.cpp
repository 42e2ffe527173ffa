#include "signal/evaluation/rhythm_accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vigil::rhythm {
namespace {

bool overlap(const Episode& a, const Episode& b) {
    return a.from_s < b.to_s && b.from_s < a.to_s;
}

bool inside(std::span<const Episode> episodes, double at_s) {
    return std::ranges::any_of(
        episodes, [at_s](const Episode& each) { return each.from_s <= at_s && at_s < each.to_s; });
}

void append(Spread& to, const Spread& more) {
    to.values.insert(to.values.end(), more.values.begin(), more.values.end());
}

std::vector<Episode> spans_of(std::span<const Told> told) {
    std::vector<Episode> spans;
    for (const auto& each : told) spans.push_back(each.span);
    return spans;
}

// The share of an episode that is scored; empty: none.
Episode within(Episode span, const EpisodeRules& rules) {
    span.from_s = std::max(span.from_s, rules.from_s);
    span.to_s = std::min(span.to_s, rules.to_s);
    return span;
}

void count_beats(const ReferenceRhythms& reference, std::span<const ecg::Beat> beats,
                 double sample_hz, std::span<const Episode> told, const EpisodeRules& rules,
                 AtrialFibrillationAccuracy& result) {
    for (const auto& beat : beats) {
        const double at = seconds(beat, sample_hz);
        if (at < rules.from_s || at >= rules.to_s || inside(reference.atrial_flutter, at)) continue;
        const bool is = inside(reference.atrial_fibrillation, at), said = inside(told, at);
        ++(is ? (said ? result.true_positives : result.false_negatives)
              : (said ? result.false_positives : result.true_negatives));
    }
}

// Onset by the first that shares time with it, offset by the last: where these are not of another
// episode as well, of which what was told goes on.
void measure_ends(std::span<const Episode> reference, std::size_t place, std::span<const Told> told,
                  const EpisodeRules& rules, AtrialFibrillationAccuracy& result) {
    const auto& own = reference[place];
    const auto hits = [&](const Told& each) { return overlap(each.span, own); };
    const auto first = std::ranges::find_if(told, hits);
    if (first == told.end()) return;
    const auto last = std::find_if(told.rbegin(), told.rend(), hits);
    const bool goes_on = place > 0 && overlap(first->span, reference[place - 1]);
    const bool will_go_on =
        place + 1 < reference.size() && overlap(last->span, reference[place + 1]);
    if (own.from_s > rules.from_s && !goes_on) {
        result.onset_error_s.values.push_back(first->span.from_s - own.from_s);
        result.delay_s.values.push_back(first->known_s - own.from_s);
    }
    if (own.to_s < rules.to_s && !will_go_on)
        result.offset_error_s.values.push_back(last->span.to_s - own.to_s);
}

AtrialFibrillationAccuracy atrial_fibrillation(const ReferenceRhythms& reference,
                                               std::span<const ecg::Beat> beats, double sample_hz,
                                               std::span<const RhythmEvent> events,
                                               EpisodeRules rules) {
    AtrialFibrillationAccuracy result;
    const auto told = told_of(events, Condition::atrial_fibrillation, rules.to_s);
    const auto spans = spans_of(told);
    rules.reference_s_min = AtrialFibrillationAccuracy::episode_s_min;
    result.episodes =
        compare_episodes(reference.atrial_fibrillation, spans, reference.atrial_flutter, rules);
    count_beats(reference, beats, sample_hz, spans, rules, result);
    for (std::size_t i = 0; i < reference.atrial_fibrillation.size(); ++i) {
        const auto scored = within(reference.atrial_fibrillation[i], rules);
        if (scored.to_s - scored.from_s >= rules.reference_s_min)
            measure_ends(reference.atrial_fibrillation, i, told, rules, result);
    }
    return result;
}

// `left_out`: where what is told counts for nothing unless it is true.
AlarmAccuracy alarm(std::span<const AlarmEpisode> reference, std::span<const Episode> left_out,
                    std::span<const Told> told, const EpisodeRules& rules) {
    AlarmAccuracy result{.scored_s = rules.to_s - rules.from_s};
    for (const auto& each : reference) {
        const auto scored = within(each.span, rules);
        if (!each.wanted || !(scored.to_s > scored.from_s)) continue;
        ++result.reference_count;
        const auto found =
            std::ranges::find_if(told, [&](const Told& one) { return overlap(one.span, scored); });
        if (found == told.end()) continue;
        ++result.found_count;
        if (each.span.from_s >= rules.from_s)
            result.delay_s.values.push_back(found->known_s - each.span.from_s);
    }
    for (const auto& each : told) {
        const auto scored = within(each.span, rules);
        const bool is_true = std::ranges::any_of(
            reference, [&](const AlarmEpisode& one) { return overlap(one.span, scored); });
        const bool is_scored = scored.to_s > scored.from_s;
        if (!is_scored || (!is_true && inside(left_out, scored.from_s))) continue;
        ++result.told_count;
        result.true_count += is_true ? 1 : 0;
    }
    return result;
}

}  // namespace

std::vector<Told> told_of(std::span<const RhythmEvent> events, Condition condition, double end_s) {
    std::vector<Told> told;
    bool open = false;
    for (const auto& event : events) {
        if (event.condition != condition || event.suppressed) continue;
        if (event.begins)
            told.push_back(
                {.span = {.from_s = event.at_s, .to_s = end_s}, .known_s = event.known_s});
        else if (open)
            told.back().span.to_s = event.at_s;
        open = event.begins;
    }
    return told;
}

std::optional<double> Spread::mean() const {
    if (values.empty()) return std::nullopt;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> Spread::median() const {
    if (values.empty()) return std::nullopt;
    auto sorted = values;
    std::ranges::sort(sorted);
    const auto middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::optional<double> Spread::deviation() const {
    if (values.size() < 2) return std::nullopt;
    double square = 0;
    for (const double value : values) square += (value - *mean()) * (value - *mean());
    return std::sqrt(square / static_cast<double>(values.size() - 1));
}

std::optional<double> Spread::most() const {
    if (values.empty()) return std::nullopt;
    return std::ranges::max(values);
}

AtrialFibrillationAccuracy& AtrialFibrillationAccuracy::operator+=(
    const AtrialFibrillationAccuracy& other) {
    episodes += other.episodes;
    true_positives += other.true_positives;
    false_negatives += other.false_negatives;
    false_positives += other.false_positives;
    true_negatives += other.true_negatives;
    append(onset_error_s, other.onset_error_s);
    append(offset_error_s, other.offset_error_s);
    append(delay_s, other.delay_s);
    return *this;
}

ecg::Share AtrialFibrillationAccuracy::beat_sensitivity() const {
    return {.part = true_positives, .whole = true_positives + false_negatives};
}
ecg::Share AtrialFibrillationAccuracy::beat_specificity() const {
    return {.part = true_negatives, .whole = true_negatives + false_positives};
}
ecg::Share AtrialFibrillationAccuracy::beat_positive_predictivity() const {
    return {.part = true_positives, .whole = true_positives + false_positives};
}

AlarmAccuracy& AlarmAccuracy::operator+=(const AlarmAccuracy& other) {
    reference_count += other.reference_count;
    found_count += other.found_count;
    told_count += other.told_count;
    true_count += other.true_count;
    scored_s += other.scored_s;
    append(delay_s, other.delay_s);
    return *this;
}

std::optional<double> AlarmAccuracy::false_per_hour() const {
    constexpr double hour_s = 3600;
    if (!(scored_s > 0)) return std::nullopt;
    return static_cast<double>(told_count - true_count) / scored_s * hour_s;
}

RhythmAccuracy measure_rhythms(const ReferenceRhythms& reference, std::span<const ecg::Beat> beats,
                               double sample_hz, std::span<const RhythmEvent> events,
                               const EpisodeRules& rules) {
    RhythmAccuracy result;
    const auto measure = [&](Condition condition, std::span<const AlarmEpisode> wanted,
                             std::span<const Episode> left_out) {
        return alarm(wanted, left_out, told_of(events, condition, rules.to_s), rules);
    };
    auto beatless = reference.noise;  // beats, and runs of them, say nothing there
    for (const auto& each : reference.ventricular_fibrillation) beatless.push_back(each.span);
    if (reference.has_rhythms) {
        result.atrial_fibrillation =
            atrial_fibrillation(reference, beats, sample_hz, events, rules);
        result.alarms[0] = measure(alarms[0], reference.ventricular_fibrillation, reference.noise);
        result.alarms[1] = measure(alarms[1], reference.ventricular_tachycardia, beatless);
    }
    if (reference.has_rhythms || reference.has_beats)
        result.alarms[2] = measure(alarms[2], reference.asystole, reference.noise);
    return result;
}

}  // namespace vigil::rhythm
