#include <benchmark/benchmark.h>

#include "codec/telemetry/telemetry.hpp"

namespace {

using namespace vigil;

void decode(benchmark::State& state, std::string_view payload) {
    const Catalogue catalogue;
    const codec::DecodeContext context{catalogue, Timestamp(), 0};
    JsonDocument json;
    DecodedMessage message;
    for (auto _ : state) {
        const auto done = codec::telemetry::decode(payload, context, json, message);
        if (!done || message.readings.empty()) state.SkipWithError("not decoded");
        benchmark::DoNotOptimize(message.readings.data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(payload.size()));
}

void telemetry_two_vitals(benchmark::State& state) {
    decode(state, R"({"heart_rate":72,"spo2":97,"ts":1767225600123})");
}
BENCHMARK(telemetry_two_vitals);

void telemetry_116_bytes(benchmark::State& state) {
    decode(state, R"({"ts":1767225600123,"seq":1234567,"heart_rate":72,"spo2":97.5,)"
                  R"("resp_rate":16,"temp_skin":{"value":34.1,"unit":"Cel"}})");
}
BENCHMARK(telemetry_116_bytes);

void telemetry_one_vital_with_unit(benchmark::State& state) {
    decode(state, R"({"ts":1767225600123,"seq":7,"heart_rate":{"value":72,"unit":"/min"}})");
}
BENCHMARK(telemetry_one_vital_with_unit);

}  // namespace
