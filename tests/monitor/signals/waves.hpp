#pragma once
// A patient's waveforms as devices send them: a message each second, of drawn ECG leads at 250 Hz
// and a pleth at 125 Hz.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "monitor/site.hpp"
#include "signal/ecg/made_ecg.hpp"

namespace vigil::monitor {

inline constexpr double ecg_hz = 250, pleth_hz = 125;
inline constexpr float no_sample = std::numeric_limits<float>::quiet_NaN();

struct Wave {
    std::string metric;
    double hz = ecg_hz;
    std::vector<float> samples{};
    double scale = 0.0025;  // of a step, in the wave's unit
    std::uint16_t channel = 0;
};

inline FiledReading block_of(const Wave& wave, std::size_t from, std::size_t count,
                             Timestamp start) {
    WaveformBlock block;
    block.period = Nanoseconds(std::llround(1e9 / wave.hz));
    block.scale = *decimal_from_double(wave.scale, -7);
    for (std::size_t i = from; i < std::min(from + count, wave.samples.size()); ++i)
        block.samples.push_back(std::isnan(wave.samples[i])
                                    ? WaveformBlock::missing
                                    : static_cast<std::int32_t>(std::lround(
                                          static_cast<double>(wave.samples[i]) / wave.scale)));
    FiledReading out;
    out.reading.metric = the_catalogue().find(wave.metric)->id;
    out.reading.channel = wave.channel;
    out.reading.value = std::move(block);
    out.filed_time = start;
    return out;
}

// What the waves hold of one second of theirs, in a message of its own, at the end of it.
inline void play_second(Site& site, DeviceId device, PatientId of, const std::vector<Wave>& waves,
                        std::int64_t second) {
    ++site.now;
    std::vector<FiledReading> readings;
    for (const auto& wave : waves) {
        const auto count = static_cast<std::size_t>(std::lround(wave.hz));
        const auto from = static_cast<std::size_t>(second) * count;
        if (from < wave.samples.size())
            readings.push_back(block_of(wave, from, count, Bed::time(site.now - 1)));
    }
    if (readings.empty())
        site.put(store::EntryKind::tick, {}, "");
    else
        site.send(device, of, std::move(readings));
}
inline void play(Site& site, const std::vector<Wave>& waves, std::int64_t from_s, std::int64_t to_s,
                 DeviceId device = bedside_monitor, PatientId of = ada) {
    for (auto second = from_s; second < to_s; ++second)
        play_second(site, device, of, waves, second);
}

inline Wave lead(std::string metric, const std::vector<made::Beat>& beats, double length_s,
                 std::size_t number = 0) {
    Wave wave{.metric = std::move(metric)};
    wave.samples = made::ecg(beats, ecg_hz, length_s, number);
    // What an amplifier adds: no lead that is attached stands still.
    std::mt19937 random(static_cast<unsigned>(number) + 1);
    for (auto& sample : wave.samples)
        sample += 0.004F * (static_cast<float>(random() % 1000) / 500 - 1);
    return wave;
}
inline std::vector<Wave> two_leads(const std::vector<made::Beat>& beats, double length_s) {
    return {lead("ecg_ii", beats, length_s), lead("ecg_v1", beats, length_s, 1)};
}

// A pulse 0.2 s after each beat, in two waves (Tang et al., Sci. Rep. 10:21693, 2020).
inline Wave pleth(const std::vector<made::Beat>& beats, double length_s) {
    Wave wave{.metric = "pleth", .hz = pleth_hz, .scale = 0.001};
    wave.samples.resize(static_cast<std::size_t>(length_s * pleth_hz), 2);
    for (const auto& beat : beats)
        for (double t = 0; t < 0.8; t += 1 / pleth_hz) {
            const auto at = static_cast<std::size_t>(std::lround((beat.at_s + 0.2 + t) * pleth_hz));
            if (at < wave.samples.size())
                wave.samples[at] += static_cast<float>(made::bell(t, 0.18, 0.07) +
                                                       0.45 * made::bell(t, 0.40, 0.09));
        }
    return wave;
}

inline std::vector<made::Beat> without(std::vector<made::Beat> beats, double from_s, double to_s) {
    std::erase_if(beats, [&](const auto& beat) { return beat.at_s > from_s && beat.at_s < to_s; });
    return beats;
}

// Three oscillators whose rates wander between 3 and 8 Hz, in the place of what was there.
inline void fibrillate(Wave& wave, double from_s, double to_s) {
    std::mt19937 random(3);
    std::array<double, 3> hz{4.2, 5.1, 6.3}, phase{};
    for (auto i = static_cast<std::size_t>(from_s * wave.hz);
         i < static_cast<std::size_t>(to_s * wave.hz); ++i) {
        double sum = 0;
        for (std::size_t n = 0; n < hz.size(); ++n) {
            if (i % 50 == 0)
                hz[n] = std::clamp(hz[n] + (static_cast<double>(random() % 1000) / 1000 - 0.5) / 2,
                                   3.0, 8.0);
            phase[n] += 2 * std::numbers::pi * hz[n] / wave.hz;
            sum += (0.45 - 0.12 * static_cast<double>(n)) * std::sin(phase[n]);
        }
        wave.samples[i] = static_cast<float>(sum);
    }
}

inline void fill(Wave& wave, double from_s, double to_s, float value) {
    std::fill(wave.samples.begin() + std::lround(from_s * wave.hz),
              wave.samples.begin() + std::lround(to_s * wave.hz), value);
}

}  // namespace vigil::monitor
