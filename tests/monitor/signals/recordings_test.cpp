// Recordings of real people, sent to the watch second by second as a monitor would: it tells what
// rhythm::RhythmWatch, which `vigil evaluate ecg` measures, says of the same samples.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "codec/wfdb/record.hpp"
#include "monitor/signals/waves.hpp"
#include "signal/rhythm/rhythm_watch.hpp"

namespace vigil::monitor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const auto ecg_folder = std::filesystem::path(VIGIL_SHARED_DIR) / "data/ecg";

Result<wfdb::Record> record(const std::string& folder, const std::string& name) {
    return wfdb::decode_record(name, [&](std::string_view file) -> Result<std::string> {
        std::ifstream in(ecg_folder / folder / file, std::ios::binary);
        if (!in) return fail(Error::Kind::not_found, "no such file");
        return std::string{std::istreambuf_iterator<char>(in), {}};
    });
}

Wave wave_of(const wfdb::RecordedSignal& signal, std::string metric) {
    Wave wave{.metric = std::move(metric), .hz = signal.hz, .scale = 0.0001};
    for (const auto sample : signal.samples)
        wave.samples.push_back(
            sample == wfdb::missing ? no_sample : static_cast<float>(signal.physical(sample)));
    return wave;
}

// Whether a condition was told of, from when to when.
struct Told {
    rhythm::Condition condition;
    double from_s, to_s;
};
bool is_lethal(rhythm::Condition condition) {
    return condition <= rhythm::Condition::ventricular_tachycardia;
}
double second_of(Timestamp time) {
    return std::chrono::duration<double>(time - Bed::start()).count();
}

std::vector<rhythm::RhythmEvent> calls_of(const Wave& first, const Wave& second) {
    auto watch = rhythm::RhythmWatch::make(first.hz, 2);
    std::vector<ecg::Beat> beats;
    std::vector<rhythm::RhythmEvent> events;
    watch->feed(first.samples, second.samples, beats, events);
    std::erase_if(events, [](const auto& e) { return !e.begins || !is_lethal(e.condition); });
    return events;
}

std::vector<Told> told_in(const std::vector<AlarmEvent>& events) {
    std::vector<Told> out;
    for (const auto& event : events) {
        const auto row = std::ranges::find(the_tables().signals.rhythms, event.condition.condition);
        const auto condition =
            static_cast<rhythm::Condition>(row - the_tables().signals.rhythms.begin());
        if (!is_lethal(condition)) continue;
        switch (event.type) {
            case EventType::onset:
            case EventType::onset_again:
            case EventType::suppressed:
                out.push_back({condition, second_of(event.time), 1e9});
                break;
            case EventType::ended:
            case EventType::latched:
                for (auto& each : out)
                    if (each.condition == condition)
                        each.to_s = std::min(each.to_s, second_of(event.time));
                break;
            default:
                break;
        }
    }
    return out;
}

// Flutter, runs of tachycardia, and much that is like them.
TEST(SiteWatchRecordings, of_207_it_tells_what_the_rhythm_watch_says) {
    if (!std::filesystem::exists(ecg_folder / "mitdb/207.hea")) GTEST_SKIP() << "no recordings";
    const auto read = record("mitdb", "207");
    ASSERT_TRUE(read) << read.error().message;
    std::vector waves{wave_of(read->signals[0], "ecg_ii"), wave_of(read->signals[1], "ecg_v1")};
    constexpr std::size_t from_s = 24 * 60, length_s = 6 * 60;
    for (auto& wave : waves)
        wave.samples.erase(wave.samples.begin(),
                           wave.samples.begin() + static_cast<std::ptrdiff_t>(from_s * 360));
    const auto wanted = calls_of(waves[0], waves[1]);
    ASSERT_GE(wanted.size(), 2U);
    Site site;
    play(site, waves, 0, length_s);
    const auto told = told_in(site.events);
    for (const auto& call : wanted)
        EXPECT_TRUE(std::ranges::any_of(told,
                                        [&](const Told& each) {
                                            return each.condition == call.condition &&
                                                   each.from_s < call.known_s + 2 &&
                                                   each.to_s > call.known_s;
                                        }))
            << rhythm::name_of(call.condition) << " at " << call.known_s;
    for (const auto& each : told)
        EXPECT_TRUE(std::ranges::any_of(wanted,
                                        [&](const auto& call) {
                                            return each.condition == call.condition &&
                                                   std::abs(each.from_s - call.known_s) < 2;
                                        }))
            << rhythm::name_of(each.condition) << " at " << each.from_s;
}

// PhysioNet/CinC Challenge 2015: a monitor's asystole alarm that cardiologists called false.
TEST(SiteWatchRecordings, the_false_asystole_of_a103l_is_none) {
    const auto read = record("wfdb-samples", "a103l");
    if (!read) GTEST_SKIP() << "no recordings";
    Site site;
    auto pulse = wave_of(read->signals[2], "pleth");
    play(site, {wave_of(read->signals[0], "ecg_ii"), wave_of(read->signals[1], "ecg_v"), pulse}, 0,
         330);
    EXPECT_THAT(site.said(), Not(Contains(HasSubstr("asystole"))));
}

}  // namespace
}  // namespace vigil::monitor
