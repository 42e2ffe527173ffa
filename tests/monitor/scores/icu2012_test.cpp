// Real intensive-care stays with all that is wrong in them (PhysioNet/CinC Challenge 2012, set A):
// no value may break a score, impossible ones may not count, and what comes out must look like an
// intensive-care unit.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "monitor/scores/score_state.hpp"
#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

const std::map<std::string, const char*, std::less<>> metrics{
    {"HR", "heart_rate"},   {"RespRate", "resp_rate"},
    {"Temp", "temp_body"},  {"NISysABP", "nibp_sys"},
    {"SysABP", "abp_sys"},  {"MAP", "abp_mean"},
    {"NIMAP", "nibp_mean"}, {"SaO2", "spo2"},
    {"GCS", "gcs_total"},   {"PaCO2", "paco2"},
    {"WBC", "wbc"}};

struct Seen {
    std::size_t stays = 0, updates = 0, implausible = 0;
    std::map<std::string, std::map<std::int64_t, std::size_t>, std::less<>> totals;
};

// "hh:mm" since admission.
Timestamp time_of(const std::string& text) {
    return noon + std::chrono::hours(std::stoi(text.substr(0, 2))) +
           std::chrono::minutes(std::stoi(text.substr(3)));
}

void play(const std::filesystem::path& path, Seen& seen) {
    std::ifstream in(path);
    ScoreState state(built_in());
    std::string line;
    std::getline(in, line);
    auto patient = adult();
    const auto note = [&](const std::vector<ScoreUpdate>& updates) {
        for (const auto& update : updates) {
            ++seen.updates;
            const auto& table = built_in().tables()[update.table];
            for (const auto& input : update.result.inputs)
                if (input.state == InputState::implausible) ++seen.implausible;
            if (update.result.complete()) ++seen.totals[table.key][*update.result.total()];
            if (update.result.tally.least && update.result.tally.most)
                ASSERT_LE(*update.result.tally.least, *update.result.tally.most);
        }
    };
    note(state.set_patient(patient, noon));
    Timestamp now = noon;
    while (std::getline(in, line)) {
        const auto first = line.find(',');
        const auto second = line.find(',', first + 1);
        if (second == std::string::npos) continue;
        now = time_of(line.substr(0, first));
        const auto parameter = line.substr(first + 1, second - first - 1);
        const auto value =
            parse_decimal(line.substr(second + 1, line.find_first_of("\r\n", second) - second - 1));
        const auto known = metrics.find(parameter);
        note(state.advance(now));
        if (known == metrics.end() || !value) continue;
        FiledReading filed;
        filed.reading.metric = metric(known->second);
        filed.reading.value = NumericValue{*value, {}, SpecialValue::none};
        filed.filed_time = now;
        note(state.apply(DeviceId{1}, std::span(&filed, 1), now));
    }
    note(state.advance(now + std::chrono::seconds(10)));
    ASSERT_TRUE(ScoreState::decode(state.encode(), built_in()));
    ++seen.stays;
}

TEST(Icu2012, stays_with_junk_in_them_give_scores_that_look_like_an_intensive_care_unit) {
    const std::filesystem::path folder = VIGIL_SHARED_DIR "/data/vitals/icu2012";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings beside this tree";
    Seen seen;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename() != "Outcomes.txt") play(entry.path(), seen);
    ASSERT_GT(seen.stays, 50U);
    EXPECT_GT(seen.updates, 1000U);
    const auto share = [&](std::string_view score, std::int64_t from) {
        double all = 0;
        double above = 0;
        for (const auto& [total, count] : seen.totals.find(score)->second) {
            all += static_cast<double>(count);
            if (total >= from) above += static_cast<double>(count);
        }
        return above / all;
    };
    for (const auto* score : {"qsofa", "sirs", "shock_index"})
        ASSERT_TRUE(seen.totals.contains(score)) << score;
    // Ill, but not all at once: each value of qSOFA occurs, a usual shock index is the rule.
    EXPECT_EQ(seen.totals["qsofa"].size(), 4U);
    EXPECT_GT(share("qsofa", 2), 0.1);
    EXPECT_LT(share("qsofa", 2), 0.7);
    EXPECT_GT(share("shock_index", 50), 0.6);
    EXPECT_LT(share("shock_index", 101), 0.35);
    for (const auto& [total, count] : seen.totals["shock_index"])
        EXPECT_TRUE(total >= 10 && total <= 400) << total;
    // No ACVPU and no oxygen state are in them: NEWS2 has no total and must not claim one.
    EXPECT_FALSE(seen.totals.contains("news2"));
    EXPECT_FALSE(seen.totals.contains("brighton_pews"));
}

}  // namespace
}  // namespace vigil::monitor
