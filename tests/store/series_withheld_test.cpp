// What every SeriesStore holds back of what an access withholds: in memory, and in chunks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/series_subject.hpp"
#include "store/withheld_parts.hpp"

namespace vigil::store {
namespace {

using namespace test;
using testing::IsEmpty;

constexpr PatientId ada{1};
const auto everyone = identity::AccessDesk::to_everyone();

struct Setting {
    const char* name;
    bool sqlite, flushed;
};

struct SeriesWithheld : testing::TestWithParam<Setting> {
    std::unique_ptr<SeriesSubject> subject =
        GetParam().sqlite ? std::unique_ptr<SeriesSubject>(new SqliteSeriesSubject)
                          : std::make_unique<MemorySeriesSubject>();
    const Metric& heart_rate = *subject->catalogue.find("heart_rate");
    SeriesKey key{DeviceId{7}, heart_rate.id, 0};
    Span day{noon, noon + hours(24)};

    SeriesStore& store() { return subject->store(); }
    // A reading a minute for three hours.
    void SetUp() override {
        for (int minute = 0; minute < 180; ++minute)
            store().put(key, ada, numeric(noon + minutes(minute), 60 + minute, 0, heart_rate.unit));
        if (GetParam().flushed) subject->flush();
    }
    static Access withheld(MetricId metric, std::vector<Span> hidden) {
        auto parts = std::make_shared<WithheldParts>();
        parts->hidden[metric] = std::move(hidden);
        auto from = std::make_shared<WithheldFrom>();
        from->patients[ada] = std::move(parts);
        return identity::AccessDesk::withheld(everyone, std::move(from));
    }
};

TEST_P(SeriesWithheld, parts_of_a_metric_are_in_no_answer) {
    const auto access = withheld(key.metric, {{noon + minutes(30), noon + minutes(90)},
                                              {noon + minutes(170), noon + hours(24)}});
    std::vector<Timestamp> seen;
    ASSERT_TRUE(
        store().scan(access, ada, key.metric, day, [&](const SeriesKey&, const Sample& sample) {
            seen.push_back(sample.filed_time);
            return true;
        }));
    ASSERT_EQ(seen.size(), 30U + 80U);
    EXPECT_EQ(seen[29], noon + minutes(29));
    EXPECT_EQ(seen[30], noon + minutes(90));
    EXPECT_EQ(seen.back(), noon + minutes(169));
    std::size_t numbers = 0;
    ASSERT_TRUE(store().scan_numbers(access, ada, key.metric, day,
                                     [&](const SeriesKey&, std::span<const Number> some) {
                                         numbers += some.size();
                                         return true;
                                     }));
    EXPECT_EQ(numbers, seen.size());
    EXPECT_EQ(*store().count(access, ada, key.metric, day, 0), seen.size());
    EXPECT_THAT(*store().scan(access, ada, key, day, Resolution::hour), IsEmpty())
        << "no hour is seen whole";
    EXPECT_EQ(store().scan(access, ada, key, day, Resolution::minute)->size(), seen.size());
    EXPECT_THAT(*store().latest(access, ada), IsEmpty()) << "the newest is withheld";
    EXPECT_EQ(store().list(access, ada)->size(), 1U);
}

TEST_P(SeriesWithheld, a_scan_that_is_told_to_stop_stops) {
    const auto access = withheld(key.metric, {{noon + minutes(5), noon + minutes(90)}});
    int count = 0;
    ASSERT_TRUE(store().scan(access, ada, key.metric, day,
                             [&](const SeriesKey&, const Sample&) { return ++count < 3; }));
    EXPECT_EQ(count, 3);
}

TEST_P(SeriesWithheld, a_metric_of_which_nothing_is_seen_is_not_there) {
    const auto access = withheld(key.metric, {{Timestamp::min(), Timestamp::max()}});
    EXPECT_THAT(*store().list(access, ada), IsEmpty());
    EXPECT_THAT(*store().latest(access, ada), IsEmpty());
    EXPECT_THAT(store().of_metric(access, key.metric), IsEmpty());
    EXPECT_EQ(*store().count(access, ada, key.metric, day, 0), 0U);
    EXPECT_EQ(store().of_metric(everyone, key.metric).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Implementations, SeriesWithheld,
                         testing::Values(Setting{"memory", false, true},
                                         Setting{"sqlite_head", true, false},
                                         Setting{"sqlite_chunks", true, true}),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace vigil::store
