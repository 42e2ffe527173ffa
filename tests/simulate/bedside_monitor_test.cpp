#include "simulate/bedside_monitor.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "simulate/ward.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const Timestamp start = from_unix_ns(1'792'749'600'000'000'000);

const Catalogue& catalogue() {
    static const Catalogue rows;
    return rows;
}

BedsideMonitor monitor(std::uint64_t seed, std::string_view scenario, Timestamp waves_from = {}) {
    const auto bed = ward(1, seed).front();
    VirtualPatient patient(catalogue(), bed.body, bed.monitor, bed.seed, start);
    patient.play(*find_scenario(scenario));
    return {"monitor-a-01", catalogue(), std::move(patient), start, waves_from};
}

std::vector<Publication> played(BedsideMonitor monitor, Nanoseconds span, Nanoseconds cut,
                                bool later = false) {
    std::vector<Publication> out;
    for (Nanoseconds at{}; at < span; at += cut)
        monitor.advance(std::min(cut, span - at), later, out);
    return out;
}

bool is_wave(const Publication& publication) {
    return publication.topic == "vigil/monitor-a-01/wave";
}

TEST(BedsideMonitor, same_seed_same_bytes_however_time_is_cut) {
    const auto whole = played(monitor(3, "bad_night"), minutes(10), minutes(10));
    EXPECT_EQ(whole, played(monitor(3, "bad_night"), minutes(10), milliseconds(700)));
    EXPECT_NE(whole, played(monitor(4, "bad_night"), minutes(10), minutes(10)));
}

TEST(BedsideMonitor, what_is_sent_later_says_that_it_was_stored) {
    for (const auto& publication : played(monitor(1, "stable"), seconds(20), seconds(1), true))
        if (!is_wave(publication)) EXPECT_THAT(publication.payload, HasSubstr(R"("stored":true)"));
    for (const auto& publication : played(monitor(1, "stable"), seconds(20), seconds(1)))
        if (!is_wave(publication)) EXPECT_THAT(publication.payload, Not(HasSubstr(R"("stored")")));
}

TEST(BedsideMonitor, from_its_memory_come_numbers_and_waves_only_from_now_on) {
    const auto out = played(monitor(1, "stable", start + seconds(10)), seconds(20), seconds(1));
    const auto first_wave = std::ranges::find_if(out, is_wave);
    ASSERT_NE(first_wave, out.end());
    EXPECT_GE(first_wave->time, start + seconds(10));
    EXPECT_LE(out.front().time, start + seconds(2)) << "numbers from the start";
}

TEST(BedsideMonitor, its_network_goes_and_comes_back) {
    auto bed = monitor(1, "network_loss");
    std::vector<Publication> out;
    bed.advance(seconds(5), false, out);
    EXPECT_FALSE(bed.link_up());
    EXPECT_THAT(out.back().payload, HasSubstr(R"("stored":true)")) << "kept until it is back";
    bed.advance(seconds(60), false, out);
    EXPECT_TRUE(bed.link_up());
}

}  // namespace
}  // namespace vigil::simulate
