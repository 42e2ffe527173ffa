#include "metric/batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil {
namespace {

using std::chrono::milliseconds;

const Timestamp received = from_unix_ns(1'792'749'600'123'456'789);

std::string encoded(const Batch& batch) {
    std::string body;
    encode(batch, body);
    return body;
}

Batch one_reading() {
    return {.device = DeviceId{7},
            .receive_time = received,
            .source = "d/7",
            .raw_content_type = "application/json",
            .raw = R"({"heart_rate":72})",
            .offset_minutes = {},
            .readings = {{.reading = {.metric = MetricId{1},
                                      .device_time = received - milliseconds(20),
                                      .value = NumericValue{{72, 0}, UnitId{3}}},
                          .filed_time = received - milliseconds(20)}}};
}

Batch one_of_each() {
    auto batch = one_reading();
    batch.raw_content_type = "application/x-something";
    batch.offset_minutes = -210;
    const auto add = [&](Reading reading, Timestamp filed) {
        batch.readings.push_back({std::move(reading), filed});
    };
    const auto device_time = batch.readings[0].reading.device_time;
    add({MetricId{0x8001}, 3, status::late | status::signal_poor, device_time,
         NumericValue{{100, -2}, UnitId{900}}},
        received);
    add({MetricId{40}, 0, status::clock, received - std::chrono::hours(24 * 400),
         NumericValue{{0, 0}, UnitId{2}, SpecialValue::not_at_this_resolution}},
        received);
    add({MetricId{41}, 0, 0, std::nullopt, CodedValue{"urn:oid:2.16", "147232", "sinus"}},
        received);
    add({MetricId{42}, 0, 0, std::nullopt, TextValue{std::string(300, 'x')}}, received);
    add({MetricId{43}, 0, 0, std::nullopt, EventValue{"MDC_EVT_LEADS_OFF", ""}}, received);
    add({MetricId{22}, 1, 0, from_unix_ns(INT64_MIN),
         WaveformBlock{milliseconds(4),
                       {5, -3},
                       {-1, 0},
                       UnitId{22},
                       {0, 1, -1, WaveformBlock::missing, INT32_MAX, WaveformBlock::missing, 12}}},
        from_unix_ns(INT64_MAX));
    return batch;
}

TEST(Batch, reads_back_as_it_was_written) {
    for (const auto& batch : {one_reading(), one_of_each(), Batch{}}) {
        const auto body = encoded(batch);
        Batch read = one_of_each();  // reused: nothing of before may show through
        ASSERT_TRUE(decode(body, read));
        EXPECT_EQ(read, batch);
    }
}

TEST(Batch, keeps_the_precision_that_was_sent) {
    const auto body = encoded(one_of_each());
    Batch read;
    ASSERT_TRUE(decode(body, read));
    EXPECT_TRUE(
        std::get<NumericValue>(read.readings[1].reading.value).value.same_as(Decimal{100, -2}));
}

TEST(Batch, appends_after_what_the_buffer_holds) {
    std::string body = "before";
    encode(one_reading(), body);
    EXPECT_TRUE(body.starts_with("before"));
    Batch read;
    EXPECT_TRUE(decode(std::string_view(body).substr(6), read));
}

TEST(Batch, of_one_reading_costs_under_30_bytes_beside_source_and_raw) {
    const auto batch = one_reading();
    EXPECT_LT(encoded(batch).size() - batch.source.size() - batch.raw.size(), 30U);
}

TEST(Batch, whose_raw_form_is_gone_has_its_digest_and_size) {
    auto batch = one_of_each();
    batch.raw = {};
    batch.raw_digest = "0123456789abcdef0123456789abcdef";
    batch.raw_size = 1'000'000;
    const auto body = encoded(batch);
    Batch read = one_reading();
    ASSERT_TRUE(decode(body, read));
    EXPECT_EQ(read, batch);
    for (std::size_t length = 0; length < body.size(); ++length)
        EXPECT_FALSE(decode(body.substr(0, length), read)) << length;
    ASSERT_TRUE(decode(encoded(one_reading()), read));
    EXPECT_EQ(read.raw_digest, "") << "nothing of before shows through";
}

TEST(Batch, of_a_correction_says_whose_place_it_takes) {
    auto batch = one_reading();
    batch.first_sequence = 300;
    const auto body = encoded(batch), other = encoded(one_of_each());
    Batch read = one_of_each();
    ASSERT_TRUE(decode(body, read));
    EXPECT_EQ(read, batch);
    ASSERT_TRUE(decode(other, read));
    EXPECT_EQ(read.first_sequence, 0U) << "nothing of before shows through";
}

TEST(Batch, cut_short_anywhere_or_with_bytes_after_it_is_refused) {
    const auto body = encoded(one_of_each());
    Batch read;
    for (std::size_t size = 0; size < body.size(); ++size)
        EXPECT_FALSE(decode(std::string_view(body).substr(0, size), read)) << size;
    EXPECT_FALSE(decode(body + '\0', read));
}

TEST(Batch, a_count_larger_than_the_body_is_refused_before_anything_is_reserved) {
    auto body = encoded(Batch{});
    body.back() = '\xFF';
    body += "\xFF\xFF\xFF\x0F";
    Batch read;
    EXPECT_FALSE(decode(body, read));
    EXPECT_LT(read.readings.capacity(), 1000U);
}

TEST(Batch, of_a_later_version_says_so) {
    auto body = encoded(one_reading());
    body[0] = 9;
    Batch read;
    const auto result = decode(body, read);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Error::Kind::unsupported);
}

}  // namespace
}  // namespace vigil
