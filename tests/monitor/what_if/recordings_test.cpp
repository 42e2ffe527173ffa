// What Vigil's defaults save on real patients: 27 adults of an intensive care unit, 8 minutes each
// at 1 Hz (BIDMC, PhysioNet), against the same limits without delay, hysteresis or chain.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "metric/table.hpp"
#include "monitor/alarms/bed.hpp"
#include "monitor/what_if/what_if.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;

std::vector<PastReading> recording(const std::filesystem::path& path) {
    constexpr std::array metrics{"", "heart_rate", "pulse_rate_spo2", "resp_rate", "spo2"};
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    std::vector<PastReading> readings;
    for (std::int64_t second = 0; std::getline(file, line); ++second) {
        const auto cells = split(line, ',');
        for (std::size_t i = 1; i < metrics.size() && i < cells.size(); ++i) {
            const auto value = parse_decimal(cells[i]);  // NaN: no reading
            if (value)
                readings.push_back({DeviceId{1}, numeric(metrics[i], *value, Bed::time(second))});
        }
    }
    return readings;
}

TEST(Recordings, defaults_save_alarms_and_miss_none_that_lasts) {
    const std::filesystem::path folder = VIGIL_SHARED_DIR "/data/vitals/bidmc";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings in " << folder;
    const auto& tables = the_tables();
    const Configuration defaults{.settings = tables.limits.defaults(AgeClass::adult)};
    auto plain = defaults;
    for (auto& setting : plain.settings) {
        setting.limit.on_delay = setting.limit.off_delay = {};
        setting.limit.hysteresis = {};
    }
    std::uint32_t before = 0, after = 0, patients = 0;
    Nanoseconds looked_at{};
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (!file.path().string().ends_with("_Numerics.csv")) continue;
        const auto readings = recording(file.path());
        std::size_t at = 0;
        const auto result = what_if(tables, plain, defaults, [&]() -> std::optional<PastReading> {
            if (at == readings.size()) return std::nullopt;
            return readings[at++];
        });
        ASSERT_TRUE(result);
        ++patients;
        looked_at += result->looked_at;
        for (const auto& c : result->conditions) {
            const auto* condition = tables.conditions.find(c.condition);
            if (condition->condition_class == ConditionClass::technical) continue;
            before += c.alarms_before;
            after += c.alarms_after;
            // What is missed lasted less than the delay, each time.
            const auto row = tables.limits.row_of(c.condition);
            const auto delay = defaults.settings[*row].limit.on_delay;
            EXPECT_LE(c.later_max.value_or(0ns), std::chrono::seconds(480));
            if (c.missed == c.alarms_before && c.missed > 0)
                EXPECT_LE(c.sounding_before / c.missed, delay + 1s) << condition->key;
        }
    }
    ASSERT_GT(patients, 20U);
    EXPECT_LT(after * 2, before) << "at least half are saved";
    EXPECT_GT(after, 0U);
    if (std::getenv("VERBOSE") != nullptr)
        std::printf("%u patients, %lld s: %u alarms with plain limits, %u with the defaults\n",
                    patients, static_cast<long long>(looked_at / 1s), before, after);
}

}  // namespace
}  // namespace vigil::monitor
