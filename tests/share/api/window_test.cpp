#include "share/api/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/access_desk.hpp"
#include "store/memory_series.hpp"

namespace vigil::share {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr PatientId ada{1};
constexpr Timestamp midnight = from_unix_ns(1'772'323'200'000'000'000);
const auto everyone = identity::AccessDesk::for_system("test");

struct WindowTest : testing::Test {
    Catalogue catalogue;
    store::test::MemorySeries series{catalogue};
    const Metric& metric = *catalogue.find("heart_rate");
    const store::SeriesKey key{DeviceId{1}, metric.id, 0};

    void put(Timestamp time, std::int64_t value, std::uint32_t status = 0) {
        series.put(key, ada,
                   {.filed_time = time,
                    .device_time = time,
                    .receive_time = time,
                    .sequence = 0,
                    .status = status,
                    .value = NumericValue{
                        .value = {value, 0}, .unit = metric.unit, .special = SpecialValue::none}});
    }
    void put_each(Nanoseconds step, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            put(midnight + step * static_cast<std::int64_t>(i), 60 + static_cast<int>(i % 7));
    }
    Window read(Nanoseconds length, std::size_t points,
                WindowResolution resolution = WindowResolution::automatic) {
        auto window = read_window(series, catalogue, everyone,
                                  {.patient = ada,
                                   .metric = metric.id,
                                   .device = {},
                                   .channel = {},
                                   .span = {midnight, midnight + length},
                                   .resolution = resolution,
                                   .points = points});
        EXPECT_TRUE(window);
        return window ? std::move(*window) : Window{};
    }
    static std::uint64_t count(const WindowColumn& column) {
        std::uint64_t sum = 0;
        for (const auto& bucket : column.buckets) sum += bucket.count;
        return sum;
    }
};

TEST_F(WindowTest, few_samples_come_as_they_are_however_long_the_span) {
    put_each(hours(1), 24);
    for (const auto points : {1'000U, 200U, 144U}) {
        const auto window = read(hours(24), points);
        EXPECT_EQ(window.resolution, WindowResolution::raw);
        EXPECT_EQ(window.bucket_s, 0);
        ASSERT_TRUE(window.series.contains(key));
        EXPECT_EQ(window.series.at(key).buckets.size(), 24U);
        EXPECT_EQ(window.series.at(key).values.front(), "60");
    }
}

TEST_F(WindowTest, a_day_of_many_samples_is_drawn_from_minutes_and_loses_no_count) {
    put_each(seconds(10), 8'640);
    const auto window = read(hours(24), 1'000);
    EXPECT_EQ(window.resolution, WindowResolution::minute);
    EXPECT_EQ(window.bucket_s, 120);
    const auto& column = window.series.at(key);
    EXPECT_EQ(column.buckets.size(), 720U);
    EXPECT_EQ(count(column), 8'640U);
    EXPECT_EQ(column.buckets.front().min, 60);
    EXPECT_EQ(column.buckets.front().max, 66);
}

TEST_F(WindowTest, a_month_is_drawn_from_hours_and_a_year_from_days) {
    put_each(seconds(600), 400 * 24 * 6);
    const auto month = read(hours(36 * 24), 800);
    EXPECT_EQ(month.resolution, WindowResolution::hour);
    EXPECT_EQ(month.bucket_s, 2 * 3'600);
    EXPECT_EQ(month.series.at(key).buckets.size(), 36U * 12U);
    const auto year = read(hours(365 * 24), 800);
    EXPECT_EQ(year.resolution, WindowResolution::day);
    EXPECT_EQ(year.series.at(key).buckets.size(), 365U);
}

TEST_F(WindowTest, an_hour_of_too_many_samples_is_gathered_by_whole_seconds) {
    put_each(seconds(1), 3'600);
    const auto window = read(hours(1), 1'000);
    EXPECT_EQ(window.resolution, WindowResolution::raw);
    EXPECT_EQ(window.bucket_s, 4);
    EXPECT_EQ(window.series.at(key).buckets.size(), 900U);
    EXPECT_EQ(count(window.series.at(key)), 3'600U);
}

TEST_F(WindowTest, what_is_invalid_is_not_drawn) {
    put(midnight, 70);
    put(midnight + seconds(1), 250, status::invalid);
    put(midnight + seconds(2), 71);
    EXPECT_THAT(read(hours(1), 1'000).series.at(key).values, ElementsAre("70", "71"));
    put(midnight + seconds(3), 251, status::invalid);
    EXPECT_EQ(read(hours(1), 1).series.at(key).buckets.front().max, 71);
}

TEST_F(WindowTest, a_metric_of_invalid_values_alone_has_no_curve) {
    put(midnight, 250, status::invalid);
    EXPECT_TRUE(read(hours(1), 1'000).series.empty());
    EXPECT_TRUE(read(hours(1), 1'000, WindowResolution::raw).series.empty());
}

TEST_F(WindowTest, a_resolution_that_is_named_is_kept_to) {
    put_each(seconds(60), 600);
    EXPECT_EQ(read(hours(10), 1'000, WindowResolution::hour).series.at(key).buckets.size(), 10U);
    EXPECT_EQ(read(hours(10), 1'000, WindowResolution::hour).bucket_s, 3'600);
    EXPECT_EQ(read(hours(10), 1'000, WindowResolution::minute).bucket_s, 60);
    EXPECT_EQ(read(hours(10), 1'000, WindowResolution::raw).series.at(key).values.size(), 600U);
}

}  // namespace
}  // namespace vigil::share
