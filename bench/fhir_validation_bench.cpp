// Validation of synthetic patients (../shared/data/fhir/synthea), a bundle at a time; and what a
// start waits for: reading the definitions and the invariants.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "fhir/validation/profiles.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir {
namespace {

struct Patient {
    std::string text;
    JsonDocument document;
    JsonValue bundle;
};

std::string unzipped(const std::filesystem::path& path) {
    std::string text;
    char part[65536];
    auto* file = gzopen(path.c_str(), "rb");
    for (int size = 0; file != nullptr && (size = gzread(file, part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(size));
    if (file != nullptr) gzclose(file);
    return text;
}

std::vector<std::unique_ptr<Patient>> patients() {
    std::vector<std::unique_ptr<Patient>> all;
    const auto folder = std::filesystem::path(VIGIL_SHARED_DIR) / "data/fhir/synthea";
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
        auto patient = std::make_unique<Patient>();
        patient->text = unzipped(file.path());
        const auto bundle = patient->document.parse(patient->text);
        if (!bundle) continue;
        patient->bundle = *bundle;
        all.push_back(std::move(patient));
    }
    return all;
}

void read_definitions(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(Definitions());
}
BENCHMARK(read_definitions)->Unit(benchmark::kMillisecond);

void read_invariants(benchmark::State& state) {
    const Definitions definitions;
    for (auto _ : state) benchmark::DoNotOptimize(Validator(definitions));
}
BENCHMARK(read_invariants)->Unit(benchmark::kMillisecond);

void validate_patients(benchmark::State& state) {
    const Definitions definitions;
    Profiles profiles(definitions);
    profiles.add_vital_signs();
    profiles.link();
    const Validator validator(definitions, &profiles);
    const auto all = patients();
    if (all.empty()) return state.SkipWithError("../shared/data/fhir/synthea is not there");
    std::size_t resources = 0, bytes = 0;
    for (auto _ : state)
        for (const auto& patient : all) {
            benchmark::DoNotOptimize(validator.validate(patient->bundle, {}));
            resources += patient->bundle["entry"].size();
            bytes += patient->text.size();
        }
    state.SetItemsProcessed(static_cast<std::int64_t>(resources));
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(validate_patients)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vigil::fhir
