#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "signal/ecg/beat_reader.hpp"
#include "signal/ecg/made_ecg.hpp"

namespace {

using namespace vigil;

// Two minutes of two leads with a little muscle noise, in blocks of one second.
void read(benchmark::State& state) {
    const auto hz = static_cast<double>(state.range(0));
    const auto leads = static_cast<std::size_t>(state.range(1));
    constexpr double length_s = 120;
    const auto made = made::steady(length_s);
    std::vector<std::vector<float>> samples;
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0, 0.02F);
    for (std::size_t i = 0; i < 2; ++i)
        for (auto& sample : samples.emplace_back(made::ecg(made, hz, length_s, i)))
            sample += noise(random);
    const auto block = static_cast<std::size_t>(hz);
    auto reader = ecg::BeatReader::make(hz, leads);
    std::vector<ecg::Beat> beats;
    for (auto _ : state) {
        beats.clear();
        for (std::size_t i = 0; i + block <= samples[0].size(); i += block) {
            const auto second = leads > 1 ? std::span<const float>(&samples[1][i], block)
                                          : std::span<const float>();
            reader->feed({&samples[0][i], block}, second, beats);
        }
        benchmark::DoNotOptimize(beats.data());
    }
    const auto count = static_cast<std::int64_t>(samples[0].size() * leads);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * count);
    state.counters["leads_a_core"] = benchmark::Counter(
        static_cast<double>(state.iterations() * static_cast<std::size_t>(count)) / hz,
        benchmark::Counter::kIsRate);
}
BENCHMARK(read)->Name("ecg_read/hz/leads")->Args({250, 2})->Args({250, 1})->Args({500, 2});

}  // namespace
