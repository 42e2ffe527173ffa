#include "simulate/home.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "codec/payloads.hpp"
#include "metric/unit.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const Timestamp monday = from_unix_ns(1'792'962'000'000'000'000);  // 2026-10-25T21:00:00Z

const Catalogue& catalogue() {
    static const Catalogue rows;
    return rows;
}

struct Seen {
    std::map<std::string, std::vector<double>> values;  // by metric key, in its normal unit
    std::map<std::string, int> messages;                // by device
    Nanoseconds furthest_apart{};                       // device time and sending
};

// What a server makes of the messages, through the same decoders.
Seen received(const std::vector<HomeMessage>& messages, std::int16_t utc_offset_minutes) {
    Seen seen;
    codec::PayloadDecoder decoder;
    std::map<std::string, codec::ble::DeviceMemory> memory;
    for (const auto& message : messages) {
        ++seen.messages[message.device];
        const auto address = codec::classify(message.topic_suffix);
        EXPECT_TRUE(address) << message.topic_suffix;
        DecodedMessage decoded;
        const auto result = decoder.decode(*address, message.device, message.payload,
                                           {.catalogue = catalogue(),
                                            .receive_time = message.time,
                                            .default_offset_minutes = utc_offset_minutes},
                                           memory[message.device], decoded);
        EXPECT_TRUE(result) << message.topic_suffix << ": "
                            << (result ? "" : result.error().message);
        EXPECT_TRUE(decoded.unread.empty()) << message.topic_suffix;
        for (const auto& reading : decoded.readings) {
            const auto& metric = catalogue().at(reading.metric);
            if (reading.device_time)
                seen.furthest_apart = std::max(
                    seen.furthest_apart, std::chrono::abs(*reading.device_time - message.time));
            if (const auto* numeric = std::get_if<NumericValue>(&reading.value)) {
                EXPECT_EQ(numeric->special, SpecialValue::none);
                const auto value =
                    units::convert(numeric->value, numeric->unit, metric.unit, metric.molar_mass);
                EXPECT_TRUE(value) << metric.key;
                seen.values[metric.key].push_back(value->to_double());
            }
        }
    }
    return seen;
}

std::vector<HomeMessage> sent(const HomeProfile& profile, std::uint64_t seed, Nanoseconds span) {
    HomeUser user(profile, seed, monday);
    std::vector<HomeMessage> out;
    user.advance(span, out);
    return out;
}

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const auto value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

TEST(HomeUser, two_weeks_of_devices_are_understood_by_the_servers_decoders) {
    const HomeProfile profile;
    const auto seen = received(sent(profile, 1, days(14)), profile.utc_offset_minutes);
    EXPECT_NEAR(seen.messages.at("scale"), 13, 3);
    EXPECT_NEAR(seen.messages.at("cuff"), 2 * 2 * 13, 12);
    EXPECT_NEAR(seen.messages.at("cgm"), 14 * 288, 5);
    EXPECT_GT(seen.messages.at("meter"), 80);
    EXPECT_GE(seen.messages.at("thermometer"), 1);
    EXPECT_NEAR(mean(seen.values.at("weight")), 82, 2);
    EXPECT_NEAR(mean(seen.values.at("nibp_sys")), 138, 6);
    EXPECT_NEAR(mean(seen.values.at("temp_ear")), 36.6, 0.6) << "sent in °F";
    EXPECT_NEAR(mean(seen.values.at("glucose_cgm")), mean(seen.values.at("glucose_capillary")), 30);
    EXPECT_LT(seen.furthest_apart, minutes(2));
}

TEST(HomeUser, glucose_rises_after_meals) {
    const auto seen = received(sent({}, 2, days(7)), HomeProfile{}.utc_offset_minutes);
    const auto& glucose = seen.values.at("glucose_cgm");
    EXPECT_GT(*std::max_element(glucose.begin(), glucose.end()), 190);
    EXPECT_LT(*std::min_element(glucose.begin(), glucose.end()), 150);
    for (std::size_t i = 1; i < glucose.size(); ++i)
        EXPECT_LT(std::fabs(glucose[i] - glucose[i - 1]), 45) << "but not at once";
}

TEST(HomeUser, fluid_shows_on_the_scale) {
    const auto seen = received(sent({.fluid_kg_per_day = 0.4}, 3, days(10)), 60);
    const auto& weights = seen.values.at("weight");
    EXPECT_GT(weights.back() - weights.front(), 2);
}

TEST(HomeUser, same_seed_same_messages_however_time_is_cut) {
    const auto whole = sent({}, 4, days(4));
    HomeUser user({}, 4, monday);
    std::vector<HomeMessage> pieces;
    for (int i = 0; i < 4 * 24 * 60 / 7; ++i) user.advance(minutes(7), pieces);
    user.advance(minutes(4 * 24 * 60 - 4 * 24 * 60 / 7 * 7), pieces);
    EXPECT_TRUE(pieces == whole);
    EXPECT_FALSE(sent({}, 5, days(4)) == whole);
    EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end(),
                               [](const auto& a, const auto& b) { return a.time < b.time; }));
}

}  // namespace
}  // namespace vigil::simulate
