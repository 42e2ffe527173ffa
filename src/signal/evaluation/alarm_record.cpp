#include "signal/evaluation/alarm_record.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "signal/evaluation/rhythm_accuracy.hpp"
#include "signal/pleth/pulse_evidence.hpp"

namespace vigil::rhythm {
namespace {

constexpr double before_s = 10;

std::optional<Condition> condition_of(std::string_view name) {
    using enum Condition;
    constexpr std::array<std::pair<std::string_view, Condition>, 5> names{{
        {"Asystole", asystole},
        {"Bradycardia", extreme_bradycardia},
        {"Tachycardia", extreme_tachycardia},
        {"Ventricular_Tachycardia", ventricular_tachycardia},
        {"Ventricular_Flutter_Fib", ventricular_fibrillation},
    }};
    const auto* const found =
        std::ranges::find(names, name, &std::pair<std::string_view, Condition>::first);
    if (found == names.end()) return std::nullopt;
    return found->second;
}

bool is_contradicted(Condition condition, const Episode& span, std::span<const ecg::Beat> beats,
                     double sample_hz, std::span<const pleth::Pulse> pulses) {
    const auto evidence = pleth::pulse_evidence(pulses, span.from_s, span.to_s);
    if (condition == Condition::asystole) return contradicts_asystole(evidence);
    if (condition != Condition::ventricular_tachycardia) return false;
    const auto count = std::ranges::count_if(beats, [&](const ecg::Beat& beat) {
        const double at = seconds(beat, sample_hz);
        return span.from_s <= at && at < span.to_s;
    });
    const double rate = 60 * static_cast<double>(count) / (span.to_s - span.from_s);
    return contradicts_tachycardia(evidence, rate);
}

}  // namespace

std::optional<AlarmLabel> alarm_label(std::span<const std::string> info) {
    std::optional<Condition> condition;
    std::optional<bool> is_true;
    for (const std::string_view line : info) {
        const auto from = line.find_first_not_of(" #");
        if (from == std::string_view::npos) continue;
        const auto text = line.substr(from, line.find_last_not_of(" \r") + 1 - from);
        if (const auto named = condition_of(text)) condition = named;
        if (text == "True alarm" || text == "False alarm") is_true = text == "True alarm";
    }
    if (!condition || !is_true) return std::nullopt;
    return AlarmLabel{.condition = *condition, .is_true = *is_true};
}

AlarmVerdict judge_alarm(Condition condition, std::span<const RhythmEvent> events,
                         std::span<const ecg::Beat> beats, double sample_hz,
                         std::span<const pleth::Pulse> pulses) {
    AlarmVerdict verdict{.told = false, .contradicted = true};
    for (const auto& told : told_of(events, condition, alarm_s)) {
        const Episode span{.from_s = told.span.from_s, .to_s = std::min(told.span.to_s, alarm_s)};
        if (told.known_s > alarm_s || span.to_s < alarm_s - before_s) continue;
        verdict.told = true;
        verdict.contradicted = verdict.contradicted && span.to_s > span.from_s &&
                               is_contradicted(condition, span, beats, sample_hz, pulses);
    }
    verdict.contradicted = verdict.contradicted && verdict.told;
    return verdict;
}

}  // namespace vigil::rhythm
