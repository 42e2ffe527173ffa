// The ECG of a past span, as the API shows what the watch reads of it.
#include <algorithm>
#include <cmath>

#include "share/api/stage.hpp"
#include "signal/ecg/made_ecg.hpp"

namespace vigil::share {
namespace {

class Beats : public ApiTest {
protected:
    static constexpr double hz = 250;

    // Stores so many seconds of a sinus rhythm of 75/min as `device` sends them, from `begin` on.
    void record(DeviceId device, const char* metric, double length_s, Timestamp begin,
                std::uint32_t status = 0) {
        auto samples = made::ecg(made::steady(length_s), hz, length_s, 0);
        // What an amplifier adds: no lead that is attached stands still.
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] += static_cast<float>(i % 7) / 700;
        for (std::size_t at = 0; at < samples.size(); at += 250) {
            WaveformBlock block{.period = std::chrono::milliseconds(4), .scale = {1, -3}};
            for (std::size_t i = at; i < std::min(at + 250, samples.size()); ++i)
                block.samples.push_back(static_cast<std::int32_t>(std::lround(samples[i] * 1000)));
            series.put({device, catalogue.find(metric)->id, 0}, {1},
                       {.filed_time = begin + std::chrono::milliseconds(4) * static_cast<int>(at),
                        .device_time = {},
                        .receive_time = now,
                        .status = status,
                        .value = std::move(block)});
        }
    }
    static std::string at(Timestamp time) { return std::to_string(unix_ns(time) / 1'000'000); }
    std::string path(std::chrono::seconds from, std::chrono::seconds to) const {
        return "/api/patients/1/beats?from=" + at(begin + from) + "&to=" + at(begin + to);
    }
    Timestamp begin = now - std::chrono::hours(1);
    DeviceId monitor_m = registry.find_device("m")->id;
};

using std::chrono::seconds;

TEST_F(Beats, each_beat_of_the_span_is_there_with_its_class_and_the_rate) {
    record(monitor_m, "ecg_ii", 60, begin);
    const auto answer = ask("GET", path(seconds(20), seconds(40)), reader());
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto json = answer.json();
    EXPECT_EQ(json["device"].string(), "m");
    const auto leads = json["leads"];
    ASSERT_EQ(leads.size(), 1U);
    EXPECT_EQ(leads[std::size_t{0}]["metric"].string(), "ecg_ii");
    EXPECT_EQ(leads[std::size_t{0}]["channel"].integer(), 0);
    const auto wanted = std::ranges::count_if(
        made::steady(60), [](const auto& beat) { return beat.at_s >= 20 && beat.at_s < 40; });
    EXPECT_EQ(json["beats"].size(), static_cast<std::size_t>(wanted)) << answer.body;
    EXPECT_EQ(json["beats"][std::size_t{0}]["class"].string(), "N");
    EXPECT_NEAR(static_cast<double>(json["heart_rate"].size()), 20, 1);
    EXPECT_NEAR(json["heart_rate"][std::size_t{3}]["value"].decimal()->to_double(), 75, 2);
    EXPECT_EQ(json["rhythms"].size(), 0U);
    EXPECT_FALSE(json["cut"].is_true());
    EXPECT_EQ(ledger.lines.back().what, "ECG beats");
}

TEST_F(Beats, of_several_devices_the_one_with_the_best_lead_is_read_or_the_one_that_is_named) {
    record(registry.find_device("gw")->id, "ecg_ii", 60, begin, status::late);
    record(monitor_m, "ecg_v5", 60, begin);
    const auto best = ask("GET", path(seconds(20), seconds(40)), reader());
    EXPECT_EQ(best.json()["device"].string(), "gw") << best.body;
    const auto named = ask("GET", path(seconds(20), seconds(40)) + "&device=m", reader());
    EXPECT_EQ(named.json()["device"].string(), "m");
    EXPECT_EQ(named.json()["leads"][std::size_t{0}]["metric"].string(), "ecg_v5");
    EXPECT_GT(named.json()["beats"].size(), 20U) << named.body;
    EXPECT_EQ(ask("GET", path(seconds(0), seconds(9)) + "&device=none", reader()).status, 404);
}

TEST_F(Beats, without_an_ecg_nothing_is_said) {
    const auto answer = ask("GET", path(seconds(20), seconds(40)), reader());
    ASSERT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.json()["device"].is(JsonKind::null));
    EXPECT_TRUE(answer.json()["read_from"].is(JsonKind::null));
    EXPECT_EQ(answer.json()["beats"].size(), 0U);
}

TEST_F(Beats, of_whom_nobody_watches_any_more_what_was_stored_is_read_all_the_same) {
    EXPECT_EQ(ask("GET", "/api/patients/2/beats", reader()).status, 200);
    EXPECT_EQ(ask("GET", "/api/patients/9/beats", reader()).status, 404);
}

TEST_F(Beats, a_span_is_ten_minutes_at_most) {
    EXPECT_EQ(ask("GET", path(seconds(0), seconds(600)), reader()).status, 200);
    EXPECT_EQ(ask("GET", path(seconds(0), seconds(601)), reader()).status, 413);
    EXPECT_EQ(ask("GET", path(seconds(10), seconds(10)), reader()).status, 400);
    EXPECT_EQ(ask("GET", "/api/patients/1/beats?from=then", reader()).status, 400);
}

}  // namespace
}  // namespace vigil::share
