#include "simulate/playback.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>

#include "metric/unit.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::seconds;

struct Name {
    std::string_view description, metric;
};

// What public databases call their signals.
constexpr std::array<Name, 24> names{{
    {"I", "ecg_i"},      {"II", "ecg_ii"},    {"MLII", "ecg_ii"},  {"III", "ecg_iii"},
    {"AVR", "ecg_avr"},  {"AVL", "ecg_avl"},  {"AVF", "ecg_avf"},  {"V", "ecg_v"},
    {"V1", "ecg_v1"},    {"V2", "ecg_v2"},    {"V3", "ecg_v3"},    {"V4", "ecg_v4"},
    {"V5", "ecg_v5"},    {"V6", "ecg_v6"},    {"PLETH", "pleth"},  {"RESP", "resp_wave"},
    {"ABP", "abp_wave"}, {"ART", "art_wave"}, {"PAP", "pap_wave"}, {"CO2", "co2_wave"},
    {"aVR", "ecg_avr"},  {"aVL", "ecg_avl"},  {"aVF", "ecg_avf"},  {"MLI", "ecg_i"},
}};

std::string_view metric_of(std::string_view description) {
    const auto found = std::ranges::find_if(
        names, [&](const Name& name) { return name.description == description; });
    return found == names.end() ? std::string_view() : found->metric;
}

// One step in the signal's unit: 1 / gain to seven digits, without trailing zeros.
std::optional<Decimal> step_of(double gain) {
    const double step = 1 / std::fabs(gain);
    const bool sensible = step > 1e-15 && step < 1e15;  // not for a NaN
    if (!sensible) return std::nullopt;
    const int exponent = static_cast<int>(std::floor(std::log10(step))) - 6;
    auto decimal = decimal_from_double(step, static_cast<std::int8_t>(exponent));
    if (!decimal) return std::nullopt;
    for (; decimal->mantissa % 10 == 0; decimal->mantissa /= 10) ++decimal->exponent;
    if (gain < 0) decimal->mantissa = -decimal->mantissa;
    return *decimal;
}

// "NU" is what WFDB writes for a wave without a unit.
UnitId unit_of(const wfdb::Signal& signal, const Metric& metric) {
    return units::find(signal.units).value_or(metric.unit);
}

// MIT-BIH rhythm annotations in this simulator's words; others as they are.
std::string rhythm_name(std::string_view text) {
    if (text == "(N") return std::string(name(Rhythm::sinus));
    if (text == "(AFIB") return std::string(name(Rhythm::atrial_fibrillation));
    if (text == "(VT") return std::string(name(Rhythm::ventricular_tachycardia));
    if (text == "(VFL" || text == "(VFIB")
        return std::string(name(Rhythm::ventricular_fibrillation));
    return std::string(text.substr(text.starts_with('(') ? 1 : 0));
}

}  // namespace

Playback::Playback(const Catalogue& catalogue, wfdb::Record record,
                   const wfdb::Annotations& annotations, Timestamp start)
    : catalogue_(catalogue),
      record_(std::move(record)),
      now_(start),
      next_(std::chrono::ceil<seconds>(start)) {
    for (std::size_t i = 0; i < record_.signals.size(); ++i) {
        const auto& signal = record_.signals[i];
        const auto* metric = catalogue.find(metric_of(signal.signal.description));
        const auto step = step_of(signal.signal.gain);
        if (metric == nullptr || !step || signal.samples.empty()) {
            skipped_.push_back(signal.signal.description);
            continue;
        }
        waves_.push_back({metric, i, *step, unit_of(signal.signal, *metric)});
        length_s_ =
            std::max(length_s_, std::floor(static_cast<double>(signal.samples.size()) / signal.hz));
    }
    const double hz = annotations.resolution_hz > 0 ? annotations.resolution_hz : record_.frame_hz;
    for (const auto& annotation : annotations.list) {
        const double at = static_cast<double>(annotation.sample) / hz;
        if (wfdb::is_beat(annotation.code)) beats_s_.push_back(at);
        if (annotation.code == wfdb::code::rhythm_change)
            rhythms_.emplace_back(at, rhythm_name(annotation.text));
    }
    std::ranges::sort(beats_s_);
    std::ranges::sort(rhythms_);
}

void Playback::advance(Nanoseconds duration, std::vector<Emission>& out) {
    now_ += duration;
    if (length_s_ < 1) return;  // nothing to play
    while (next_ + seconds(1) <= now_) play_second(out);
}

void Playback::play_second(std::vector<Emission>& out) {
    const double from = std::fmod(static_cast<double>(second_), length_s_);
    Emission waves{next_ + seconds(1), Emission::Kind::waveform, true, {}};
    play_waves(from, waves);
    out.push_back(std::move(waves));
    play_annotations(from + 1, out);
    next_ += seconds(1);
    ++second_;
}

void Playback::play_waves(double from_s, Emission& emission) const {
    for (const auto& wave : waves_) {
        const auto& signal = record_.signals[wave.signal];
        const auto first = static_cast<std::size_t>(std::lround(from_s * signal.hz));
        const auto last = std::min(static_cast<std::size_t>(std::lround((from_s + 1) * signal.hz)),
                                   signal.samples.size());
        WaveformBlock block{.period = Nanoseconds(std::llround(1e9 / signal.hz)),
                            .scale = wave.scale,
                            .unit = wave.unit};
        block.samples.reserve(last - std::min(first, last));
        for (std::size_t i = first; i < last; ++i) {
            const auto sample = signal.samples[i];
            block.samples.push_back(
                sample == wfdb::missing
                    ? WaveformBlock::missing
                    : static_cast<std::int32_t>(std::clamp<std::int64_t>(
                          std::int64_t{sample} - signal.signal.baseline, -INT32_MAX, INT32_MAX)));
        }
        if (!block.samples.empty())
            emission.readings.push_back(
                {.metric = wave.metric->id, .device_time = next_, .value = std::move(block)});
    }
}

void Playback::play_annotations(double to_s, std::vector<Emission>& out) {
    const auto at = next_ + seconds(1);
    if (const double rate = heart_rate(to_s); rate > 0) {
        const auto* metric = catalogue_.find("heart_rate");
        out.push_back({at,
                       Emission::Kind::vitals,
                       true,
                       {{.metric = metric->id,
                         .device_time = at,
                         .value = NumericValue{{std::lround(rate), 0}, metric->unit}}}});
    }
    auto current = rhythm(to_s);
    if (current.empty() || current == announced_) return;
    announced_ = current;
    out.push_back({at,
                   Emission::Kind::event,
                   true,
                   {{.metric = catalogue_.find("rhythm_status")->id,
                     .device_time = at,
                     .value = EventValue{std::move(current), {}}}}});
}

// Over the last eight intervals, as a monitor averages; 0 where there are too few or none lately.
double Playback::heart_rate(double at_s) const {
    constexpr std::ptrdiff_t intervals = 8;
    constexpr double no_beat_after_s = 4;
    const auto end = std::ranges::upper_bound(beats_s_, at_s);
    const auto beats = end - beats_s_.begin();
    if (beats < 2 || at_s - *(end - 1) > no_beat_after_s) return 0;
    const auto used = std::min(intervals, beats - 1);
    const double span = *(end - 1) - *(end - 1 - used);
    return span > 0 ? 60 * static_cast<double>(used) / span : 0;
}

std::string Playback::rhythm(double at_s) const {
    const auto after =
        std::ranges::upper_bound(rhythms_, at_s, {}, &std::pair<double, std::string>::first);
    return after == rhythms_.begin() ? std::string() : std::prev(after)->second;
}

}  // namespace vigil::simulate
