#include <benchmark/benchmark.h>

#include <cmath>

#include "codec/waveform/waveform_block.hpp"

namespace {

using namespace vigil;

// Ten seconds of an ECG-like signal at 500 Hz.
void decode(benchmark::State& state) {
    namespace waveform = codec::waveform;
    const Catalogue catalogue;
    const codec::DecodeContext context{catalogue, Timestamp(), 0, "d"};
    Reading reading;
    reading.metric = catalogue.find("ecg_ii")->id;
    auto& block = reading.value.emplace<WaveformBlock>();
    block.period = std::chrono::milliseconds(2);
    block.unit = catalogue.at(reading.metric).unit;
    for (int i = 0; i < 5000; ++i)
        block.samples.push_back(static_cast<std::int32_t>(500 * std::sin(i * 0.02) + (i * 7) % 5));
    std::string payload;
    waveform::encode({&reading, 1}, catalogue, 1, payload,
                     static_cast<waveform::SampleCoding>(state.range(0)));
    DecodedMessage message;
    for (auto _ : state) {
        if (!waveform::decode(payload, context, message)) state.SkipWithError("not decoded");
        benchmark::DoNotOptimize(message.readings.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 5000);
    state.counters["bytes_per_sample"] = static_cast<double>(payload.size()) / 5000;
}
BENCHMARK(decode)->Name("waveform_decode/coding")->DenseRange(0, 3);

}  // namespace
