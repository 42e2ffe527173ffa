// What a bed with waveforms costs the watch: a second of two ECG leads at 250 Hz, a pleth at 125 Hz
// and eight numerics, from the log's entry to what is concluded; and the bytes of its state.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "monitor/signals/waves.hpp"

namespace {

using namespace vigil;
using namespace vigil::monitor;

constexpr std::array numerics{"heart_rate", "spo2",    "pulse_rate_spo2", "resp_rate",
                              "art_sys",    "art_dia", "art_mean",        "temp_core"};
constexpr std::array<std::int64_t, 8> usual{80, 97, 80, 15, 120, 80, 95, 37};
constexpr std::int64_t minutes_kept = 10, period_s = minutes_kept * 60;

// The bodies of the entries of ten minutes, second by second; they come again after that.
struct Course {
    explicit Course(bool with_waves) {
        std::vector<Wave> waves;
        if (with_waves) {
            const auto beats = made::steady(period_s);
            waves = two_leads(beats, period_s);
            waves.push_back(vigil::monitor::pleth(beats, period_s));
        }
        for (std::int64_t second = 0; second < period_s; ++second) {
            Batch batch;
            batch.device = bedside_monitor;
            for (const auto& wave : waves) {
                const auto count = static_cast<std::size_t>(wave.hz);
                batch.readings.push_back(block_of(wave, static_cast<std::size_t>(second) * count,
                                                  count, Bed::time(second)));
            }
            for (std::size_t i = 0; i < numerics.size(); ++i)
                batch.readings.push_back(
                    numeric(numerics[i], {usual[i] + second % 3, 0}, Bed::time(second)));
            messages.push_back(std::move(batch));
        }
    }
    std::string body(std::int64_t second) {
        auto& batch = messages[static_cast<std::size_t>(second % period_s)];
        batch.receive_time = Bed::time(second + 1);
        for (auto& reading : batch.readings) reading.filed_time = Bed::time(second);
        std::string out;
        encode(batch, out);
        return out;
    }
    std::vector<Batch> messages;
};

void apply(SiteWatch& watch, PatientId patient, std::int64_t second, std::string_view body) {
    watch.apply({.position = {0, static_cast<std::uint64_t>(second) * 100 + patient.value + 10},
                 .commit_time = Bed::time(second + 1),
                 .kind = store::EntryKind::batch,
                 .subject = patient,
                 .identity = {},
                 .body = body});
}

// Who is in no bed and has no device is not watched for long.
void admit(SiteWatch& watch, PatientId patient) {
    const identity::Act act{.recorded = Bed::start(),
                            .by = "bench",
                            .body = identity::PatientAdded{Site::patient(patient, "ICU", "")}};
    const auto body = identity::encode(act);
    watch.apply({.position = {0, patient.value},
                 .commit_time = Bed::start(),
                 .kind = store::EntryKind::act,
                 .subject = patient,
                 .identity = {},
                 .body = body});
}

// All that the watch does of a bed's second; the making of the entry is left out.
void bed_second_of_the_watch(benchmark::State& state) {
    Course course(state.range(0) != 0);
    SiteWatch watch(the_tables());
    admit(watch, ada);
    std::int64_t second = 0;
    for (auto _ : state) {
        state.PauseTiming();
        const auto body = course.body(second);
        state.ResumeTiming();
        apply(watch, ada, second, body);
        ++second;
        benchmark::DoNotOptimize(watch.take_events().data());
    }
}
BENCHMARK(bed_second_of_the_watch)
    ->ArgName("waves")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMicrosecond)
    ->Iterations(3'000);

void bytes_of_a_bed_with_waves(benchmark::State& state) {
    constexpr std::uint32_t beds = 20;
    Course course(true);
    std::vector<std::string> bodies;
    for (std::int64_t second = 0; second < 120; ++second) bodies.push_back(course.body(second));
    for (auto _ : state) {
        SiteWatch watch(the_tables());
        const auto before = mallinfo2().uordblks;
        for (std::uint32_t bed = 1; bed <= beds; ++bed) admit(watch, PatientId{bed});
        for (std::int64_t second = 0; second < 120; ++second)
            for (std::uint32_t bed = 1; bed <= beds; ++bed)
                apply(watch, PatientId{bed}, second, bodies[static_cast<std::size_t>(second)]);
        (void)watch.take_events();
        state.counters["bytes_of_a_bed"] =
            static_cast<double>(mallinfo2().uordblks - before) / beds;
        state.counters["snapshot_bytes"] = static_cast<double>(watch.snapshot().size()) / beds;
    }
}
BENCHMARK(bytes_of_a_bed_with_waves)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
