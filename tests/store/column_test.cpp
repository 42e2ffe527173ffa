#include "store/column.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace vigil::store {
namespace {

std::string encoded(const std::vector<std::int64_t>& values, Effort effort) {
    ColumnEncoder encoder;
    std::string out;
    encoder.encode(values, effort, out);
    return out;
}

void expect_round_trip(const std::vector<std::int64_t>& values, const std::string& what) {
    for (const auto effort : {Effort::flush, Effort::compaction}) {
        const auto bytes = encoded(values, effort);
        ColumnDecoder decoder;
        ByteReader in(bytes);
        std::vector<std::int64_t> back(values.size());
        ASSERT_TRUE(decoder.decode(in, back)) << what;
        EXPECT_EQ(back, values) << what;
        EXPECT_TRUE(in.empty()) << what;
    }
}

TEST(Column, keeps_every_kind_of_sequence_to_the_bit) {
    std::mt19937_64 random(11);
    const std::vector<std::size_t> sizes{0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 1'000, 5'000};
    const std::vector<std::pair<const char*, std::function<std::int64_t(std::size_t)>>> kinds{
        {"constant", [](std::size_t) { return -7; }},
        {"extremes", [](std::size_t i) { return i % 2 == 0 ? INT64_MIN : INT64_MAX; }},
        {"anything", [&](std::size_t) { return static_cast<std::int64_t>(random()); }},
        {"regular",
         [](std::size_t i) { return 1'700'000'000'000'000'000 + std::int64_t(i) * 1'000'000'000; }},
        {"jitter",
         [&](std::size_t i) {
             return std::int64_t(i) * 1'000'000'000 + std::int64_t(random() % 100) * 1'000'000;
         }},
        {"cubic", [](std::size_t i) { return std::int64_t(i * i * i) - 40; }},
        {"rare outliers",
         [&](std::size_t) {
             return random() % 100 == 0 ? std::int64_t(random()) : std::int64_t(random() % 4);
         }},
        {"33 bits", [&](std::size_t) { return std::int64_t(random() % (1ULL << 33)); }},
        {"small steps", [&](std::size_t i) { return std::int64_t(i % 3); }},
        {"down", [](std::size_t i) { return -std::int64_t(i) * 12'345; }}};
    for (const auto& [name, at] : kinds)
        for (const auto size : sizes) {
            std::vector<std::int64_t> values;
            for (std::size_t i = 0; i < size; ++i) values.push_back(at(i));
            expect_round_trip(values, std::string(name) + " × " + std::to_string(size));
        }
}

TEST(Column, regular_times_cost_next_to_nothing) {
    std::vector<std::int64_t> times;
    for (int i = 0; i < 3'600; ++i)
        times.push_back(1'700'000'000'123'456'789 + i * 1'000'000'000LL);
    EXPECT_LT(encoded(times, Effort::compaction).size(), 80U);
}

TEST(Column, is_refused_when_cut_anywhere) {
    std::mt19937_64 random(5);
    std::vector<std::int64_t> values;
    for (int i = 0; i < 700; ++i) values.push_back(static_cast<std::int64_t>(random() % 1'000));
    for (const auto effort : {Effort::flush, Effort::compaction}) {
        const auto bytes = encoded(values, effort);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            ColumnDecoder decoder;
            ByteReader in(std::string_view(bytes).substr(0, cut));
            std::vector<std::int64_t> back(values.size());
            EXPECT_FALSE(decoder.decode(in, back)) << cut;
        }
    }
}

}  // namespace
}  // namespace vigil::store
