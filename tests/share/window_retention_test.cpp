// A window of a time whose samples retention has taken is drawn from what is left of them.
// Compiled by itself: its AccessDesk gives away what others ask for.

#include <gtest/gtest.h>

#include "share/api/window.hpp"
#include "store/fakes.hpp"
#include "store/sqlite/series.hpp"
#include "store/test_access.hpp"

namespace vigil::share {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(Window, of_a_time_whose_numbers_are_gone_is_drawn_from_its_minutes) {
    constexpr Timestamp noon = from_unix_ns(1'772'366'400'000'000'000);
    store::test::TemporaryFolder folder;
    store::test::FlippingSealer sealer;
    const Catalogue catalogue;
    auto file =
        *store::sqlite::StoreFile::open({.path = folder.file("vigil.db"), .sealer = &sealer});
    auto series = *store::sqlite::open_series(*file, catalogue);
    const auto& rate = *catalogue.find("heart_rate");
    for (int m = 0; m < 120; ++m)
        series->put({DeviceId{1}, rate.id, 0}, PatientId{1},
                    {.filed_time = noon + minutes(m),
                     .device_time = {},
                     .receive_time = noon + minutes(m),
                     .value = NumericValue{.value = {60 + m, 0}, .unit = rate.unit}});
    ASSERT_TRUE(store::await<void>([&](store::Done done) { series->flush(std::move(done)); }));
    const WindowQuery query{.patient = PatientId{1},
                            .metric = rate.id,
                            .device = {},
                            .channel = {},
                            .span = {noon, noon + hours(1)}};
    const auto access = identity::AccessDesk::to_everyone();
    const auto raw = read_window(*series, catalogue, access, query);
    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->resolution, WindowResolution::raw);
    ASSERT_TRUE(store::await<bool>([&](store::DoneWith<bool> done) {
        series->forget(store::SampleClass::vitals, noon + hours(24), std::move(done));
    }));
    const auto rolled_up = read_window(*series, catalogue, access, query);
    ASSERT_TRUE(rolled_up);
    EXPECT_EQ(rolled_up->resolution, WindowResolution::minute);
    ASSERT_EQ(rolled_up->series.size(), 1U);
    const auto& buckets = rolled_up->series.begin()->second.buckets;
    ASSERT_EQ(buckets.size(), 60U);
    EXPECT_EQ(buckets.front().mean, 60);
    EXPECT_EQ(buckets.back().last, 119);
    file->finish();
}

}  // namespace
}  // namespace vigil::share
