// The seeds of fuzz_score_snapshot are snapshots of this format: those of another are refused at
// the first byte, and the fuzzer would look at nothing. UPDATE_GOLDEN=1 writes them anew.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "monitor/scores/bedside.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::map<std::string, std::string> seeds() {
    std::map<std::string, std::string> made;
    made["empty"] = ScoreState(built_in()).encode();
    Bedside charted(on_scale_2());
    auto ill = usual;
    for (const auto* rate : {"16", "22", "27"}) {
        ill.respiration_rate = rate;
        charted.chart(ill, noon + minutes(std::stoi(rate)));
    }
    made["charted"] = charted.state.encode();
    Bedside child(born(2021));
    child.take(nurse,
               {reading("heart_rate", "128", noon, status::manual),
                reading("nibp_sys", "88", noon, status::manual),
                reading("capillary_refill", "3", noon, status::manual)},
               noon);
    made["child"] = child.state.encode();
    Bedside monitored(on_scale_2());
    for (int second = 0; second < 75; ++second) {
        const auto now = noon + seconds(second);
        monitored.take(
            monitor_device,
            {reading("heart_rate", std::to_string(88 + second % 5), now),
             reading("spo2", second % 9 == 0 ? "101" : "91", now), reading("resp_rate", "19", now)},
            now);
    }
    monitored.tick(noon + minutes(7));
    made["monitored"] = monitored.state.encode();
    return made;
}

TEST(ScoreSnapshot, the_fuzzers_seeds_are_of_this_format) {
    const auto folder =
        std::filesystem::path(VIGIL_TESTS_DIR) / "monitor/scores/corpus/score_snapshot";
    for (const auto& [name, bytes] : seeds()) {
        if (std::getenv("UPDATE_GOLDEN") != nullptr)
            std::ofstream(folder / name, std::ios::binary) << bytes;
        std::ifstream file(folder / name, std::ios::binary);
        const std::string kept((std::istreambuf_iterator<char>(file)), {});
        const auto state = ScoreState::decode(kept, built_in());
        ASSERT_TRUE(state) << name << ": " << state.error().message;
        EXPECT_EQ(state->encode(), bytes) << name << ": run again with UPDATE_GOLDEN=1";
    }
}

}  // namespace
}  // namespace vigil::monitor
