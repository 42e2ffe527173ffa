#include "simulate/home_hub.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "codec/payloads.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

const Timestamp monday = from_unix_ns(1'792'962'000'000'000'000);  // 2026-10-25T21:00:00Z
const Scenario& stable = *find_scenario("stable");

std::vector<Publication> played(HomeHub& hub, Nanoseconds span, Nanoseconds cut, bool later) {
    std::vector<Publication> out;
    for (Nanoseconds at{}; at < span; at += cut) hub.advance(std::min(cut, span - at), later, out);
    return out;
}

// What the server's decoders make of it, through the hub's topic.
DecodedMessage decoded(const Publication& publication, codec::ble::DeviceMemory& memory) {
    static const Catalogue catalogue;
    DecodedMessage message;
    const auto suffix = std::string_view(publication.topic).substr(sizeof "vigil/home-01");
    const auto address = codec::classify(suffix);
    EXPECT_TRUE(address) << publication.topic;
    codec::PayloadDecoder decoder;
    EXPECT_TRUE(decoder.decode(
        *address, "home-01", publication.payload,
        {.catalogue = catalogue, .receive_time = publication.time, .default_offset_minutes = 60},
        memory, message))
        << publication.topic << ' ' << publication.payload;
    return message;
}

TEST(HomeHub, what_is_heard_live_is_forwarded_as_the_device_said_it) {
    HomeHub hub("home-01", {}, stable, 1, monday);
    const auto out = played(hub, hours(24), minutes(1), false);
    const auto weight = std::ranges::find_if(
        out, [](const auto& p) { return p.topic == "vigil/home-01/ble/home-01-scale/2A9D"; });
    ASSERT_NE(weight, out.end());
    EXPECT_EQ(weight->payload.size(), 10U) << "the raw characteristic";
    EXPECT_TRUE(std::ranges::any_of(
        out, [](const auto& p) { return p.topic == "vigil/home-01/sub/home-01-band/telemetry"; }));
}

TEST(HomeHub, what_was_kept_says_so_and_when_it_was_heard) {
    HomeHub hub("home-01", {}, stable, 1, monday);
    codec::ble::DeviceMemory memory;
    for (const auto& publication : played(hub, hours(24), minutes(30), true)) {
        EXPECT_THAT(publication.payload, HasSubstr(R"("stored":true)")) << publication.topic;
        const auto message = decoded(publication, memory);
        if (!publication.topic.ends_with("/telemetry")) {
            EXPECT_EQ(message.heard_time, publication.time);
            EXPECT_TRUE(message.kept);
        }
    }
}

TEST(HomeHub, a_connection_begins_with_the_devices_clocks) {
    HomeHub hub("home-01", {}, stable, 1, monday);
    std::vector<Publication> out;
    hub.advance(hours(1), false, out);
    out.clear();
    hub.greet(hub.now(), out);
    std::size_t clocks = 0;
    bool session_start = false;
    codec::ble::DeviceMemory memory;
    for (const auto& publication : out) {
        const auto message = decoded(publication, memory);
        clocks += message.clock_time == hub.now() ? 1 : 0;
        session_start = session_start || publication.topic.ends_with("/2AAA");
    }
    EXPECT_EQ(clocks, home_devices.size() - 1) << "all but the band, which sends its own time";
    EXPECT_TRUE(session_start) << "or a glucose sensor's minutes would count from nothing";
}

TEST(HomeHub, while_the_network_is_lost_it_keeps_what_it_hears) {
    HomeHub hub("home-01", {}, *find_scenario("network_loss"), 1, monday);
    std::vector<Publication> out;
    hub.advance(std::chrono::seconds(30), false, out);
    EXPECT_FALSE(hub.link_up());
    hub.advance(std::chrono::seconds(40), false, out);
    EXPECT_TRUE(hub.link_up());
}

TEST(HomeHub, same_seed_same_bytes_however_time_is_cut) {
    HomeHub whole("home-01", {}, stable, 4, monday);
    HomeHub pieces("home-01", {}, stable, 4, monday);
    HomeHub other("home-01", {}, stable, 5, monday);
    const auto at_once = played(whole, hours(48), hours(48), true);
    EXPECT_EQ(at_once, played(pieces, hours(48), minutes(7), true));
    EXPECT_NE(at_once, played(other, hours(48), hours(48), true));
}

}  // namespace
}  // namespace vigil::simulate
