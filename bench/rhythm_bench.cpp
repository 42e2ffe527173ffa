#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <vector>

#include "signal/pleth/pulse_detector.hpp"
#include "signal/quality/lead_quality.hpp"
#include "signal/respiration/ecg_respiration.hpp"
#include "signal/rhythm/atrial_fibrillation.hpp"
#include "signal/rhythm/beat_conditions.hpp"
#include "signal/rhythm/ventricular_fibrillation.hpp"
#include "signal/st/st_level.hpp"

namespace {

using namespace vigil;

constexpr double hz = 250, rr_s = 0.8;
constexpr std::size_t leads = 2;

// Eight seconds of a sinus rhythm that fit ten beats, over and over.
const std::vector<float>& ecg_samples() {
    static const auto samples = [] {
        std::vector<float> list;
        for (int i = 0; i < 2000; ++i) {
            const double t = std::fmod(i / hz, rr_s) - 0.3;
            list.push_back(
                static_cast<float>(1.1 * std::exp(-0.5 * std::pow(t / 0.011, 2)) +
                                   0.25 * std::exp(-0.5 * std::pow((t - 0.27) / 0.05, 2)) +
                                   0.005 * ((i * 37) % 5 - 2)));
        }
        return list;
    }();
    return samples;
}

// All that is derived of a bed with two leads of 250 and a pulse of 125 samples a second, but for
// the beats themselves: a second of it.
struct Bed {
    std::array<rhythm::FibrillationWindow, leads> windows{rhythm::FibrillationWindow(hz),
                                                          rhythm::FibrillationWindow(hz)};
    rhythm::VentricularFibrillation fibrillation;
    std::array<quality::LeadQuality, leads> quality{quality::LeadQuality(hz),
                                                    quality::LeadQuality(hz)};
    std::array<st::StLevel, leads> st{*st::StLevel::make(hz, 0.05), *st::StLevel::make(hz, 0.05)};
    respiration::EcgRespiration respiration{hz};
    pleth::PulseDetector pulses{125};
    rhythm::BeatConditions conditions{hz};
    rhythm::AtrialFibrillation atrial;
    rhythm::RrSeries series{hz};
    std::vector<rhythm::RhythmEvent> events;
    std::vector<pleth::Pulse> found;
    std::int64_t sample = 0, beat = 75;

    void second() {
        const auto& signal = ecg_samples();
        for (int i = 0; i < 250; ++i, ++sample) {
            const float value = signal[static_cast<std::size_t>(sample) % signal.size()];
            for (std::size_t lead = 0; lead < leads; ++lead) {
                windows[lead].add(value);
                quality[lead].add(value);
                st[lead].add(value);
            }
            respiration.add(value);
            if (i % 2 == 0) pulses.add(2 + value, found);
        }
        for (; beat + 75 < sample; beat += 200) {
            const ecg::Beat each{.sample = beat, .beat_class = ecg::BeatClass::normal};
            conditions.add(each, 0, events);
            if (const auto rr = series.add(each)) atrial.add(*rr, events);
            for (auto& lead : st) lead.beat(each);
            respiration.beat(each);
        }
        const double now = static_cast<double>(sample) / hz;
        conditions.advance(now, true, events);
        std::array<std::optional<rhythm::FibrillationMeasures>, leads> measures;
        for (std::size_t lead = 0; lead < leads; ++lead) {
            measures[lead] = windows[lead].measure();
            benchmark::DoNotOptimize(grade(quality[lead].indices()));
        }
        fibrillation.add(now, measures, events);
        if (sample / 250 % 5 == 0) benchmark::DoNotOptimize(respiration.rate(now));
        events.clear();
        found.clear();
    }
};

void bed_second(benchmark::State& state) {
    Bed bed;
    for (auto _ : state) bed.second();
}
BENCHMARK(bed_second)->Name("rhythm_bed_second");

void fibrillation_second(benchmark::State& state) {
    rhythm::FibrillationWindow window(hz);
    const auto& signal = ecg_samples();
    std::size_t i = 0;
    for (auto _ : state) {
        for (int k = 0; k < 250; ++k) window.add(signal[i++ % signal.size()]);
        benchmark::DoNotOptimize(window.measure());
    }
}
BENCHMARK(fibrillation_second)->Name("rhythm_fibrillation_lead_second");

void atrial_beat(benchmark::State& state) {
    rhythm::AtrialFibrillation detector;
    std::vector<rhythm::RhythmEvent> events;
    double at = 0;
    int i = 0;
    for (auto _ : state) {
        const double rr = 0.6 + 0.001 * ((++i * 7919) % 400);
        at += rr;
        detector.add({.end_s = at,
                      .length_s = rr,
                      .from = ecg::BeatClass::normal,
                      .to = ecg::BeatClass::normal,
                      .follows = true},
                     events);
        events.clear();
    }
}
BENCHMARK(atrial_beat)->Name("rhythm_atrial_fibrillation_beat");

}  // namespace
