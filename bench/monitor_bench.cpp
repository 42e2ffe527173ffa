// What watching costs: a reading through its limits, a tick, a rule; and bytes of state a bed.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <memory>

#include "monitor/alarms/bed.hpp"

namespace {

using namespace vigil;
using namespace vigil::monitor;

constexpr std::array numerics{"heart_rate", "spo2",    "pulse_rate_spo2", "resp_rate",
                              "art_sys",    "art_dia", "art_mean",        "temp_core"};
constexpr std::array<std::int64_t, 8> normal{80, 97, 80, 15, 120, 80, 95, 37};

// Eight numerics at 1 Hz and the tick: a second of a bed.
void second_of_a_bed(PatientMonitor& monitor, std::int64_t second, std::int64_t offset) {
    const Cause cause{{0, static_cast<std::uint64_t>(second) + 2}, Bed::time(second)};
    monitor.on_tick(cause);
    for (std::size_t i = 0; i < numerics.size(); ++i) {
        thread_local std::array<FiledReading, 8> readings = [] {
            std::array<FiledReading, 8> made;
            for (std::size_t n = 0; n < made.size(); ++n)
                made[n] = numeric(numerics[n], {normal[n], 0}, {});
            return made;
        }();
        readings[i].filed_time = cause.time;
        std::get<NumericValue>(readings[i].reading.value).value.mantissa = normal[i] + offset;
        monitor.on_reading(DeviceId{1}, readings[i], cause);
    }
}

void bed_second(benchmark::State& state) {
    Bed bed;
    for (auto rules = state.range(0); rules-- > 0;)
        (void)bed.act(AlarmRuleSet{
            bed.subject(), ConditionId{static_cast<std::uint16_t>(0x8000 + rules)}, "rule",
            "spo2 < 90 % for 15 s and rr rising 5/min over 2 min", AlarmPriority::high, false});
    std::int64_t second = 0;
    for (auto _ : state) {
        ++second;
        second_of_a_bed(bed.monitor, second, second / 7 % 3);
        benchmark::DoNotOptimize(bed.monitor.take_events().data());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(numerics.size()));
}
BENCHMARK(bed_second)->Arg(0)->Arg(1)->Arg(8);

// Every limit crossed and every alarm standing, nobody there.
void bed_second_in_alarm(benchmark::State& state) {
    Bed bed;
    std::int64_t second = 0;
    for (auto _ : state) {
        second_of_a_bed(bed.monitor, ++second, 110);
        benchmark::DoNotOptimize(bed.monitor.take_events().data());
    }
}
BENCHMARK(bed_second_in_alarm);

void bytes_of_a_bed(benchmark::State& state) {
    constexpr int beds = 1'000;
    (void)the_tables();
    for (auto _ : state) {
        const auto before = mallinfo2().uordblks;
        std::vector<std::unique_ptr<Bed>> ward;
        for (int i = 0; i < beds; ++i) {
            ward.push_back(std::make_unique<Bed>());
            for (std::int64_t second = 1; second < 30; ++second)
                second_of_a_bed(ward.back()->monitor, second, second > 5 ? 110 : 0);
            (void)ward.back()->monitor.take_events();
        }
        state.counters["bytes_of_a_bed"] =
            static_cast<double>(mallinfo2().uordblks - before) / beds;
        state.counters["snapshot_bytes"] =
            static_cast<double>(ward.front()->monitor.snapshot().size());
    }
}
BENCHMARK(bytes_of_a_bed)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
