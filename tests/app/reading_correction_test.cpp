#include "app/reading_correction.hpp"

#include <gmock/gmock.h>

#include "identity/access_desk.hpp"
#include "store/memory_series.hpp"

namespace vigil::app {
namespace {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);
constexpr PatientId ada{1};

class ReadingCorrectionTest : public testing::Test {
protected:
    store::Sample rate(std::int64_t value, std::uint32_t sequence, std::uint32_t status = 0) {
        return {.filed_time = noon,
                .device_time = noon,
                .receive_time = noon,
                .sequence = sequence,
                .status = status,
                .value = NumericValue{{value, 0}, key_metric().unit, SpecialValue::none}};
    }
    const Metric& key_metric() const { return *catalogue.find("heart_rate"); }
    store::SeriesKey key() const { return {{7}, key_metric().id, 0}; }
    void put(const store::Sample& sample) { series.put(key(), ada, sample); }
    Reading said(std::int64_t value) {
        return {.metric = key_metric().id,
                .channel = 0,
                .status = 0,
                .device_time = noon,
                .value = rate(value, 0).value};
    }
    FiledThere there(std::int64_t was, std::optional<std::uint32_t> ordinal = {}) {
        const auto reading = said(was);
        std::optional<fhir::ViewId> view;
        if (ordinal)
            view = fhir::ViewId{
                .device = {7}, .metric = key_metric().id, .time = noon, .ordinal = *ordinal};
        const auto found =
            filed_reading(series, access, {ada, key(), noon, view, reading, versions});
        EXPECT_TRUE(found);
        return found ? *found : FiledThere{};
    }
    static std::int64_t value_of(const store::Sample& sample) {
        return std::get<NumericValue>(sample.value).value.mantissa;
    }

    std::vector<Timestamp> versions{noon};
    Catalogue catalogue;
    store::test::MemorySeries series{catalogue};
    store::Access access = identity::AccessDesk::for_system("test");
};

TEST_F(ReadingCorrectionTest, a_view_is_found_by_its_place_among_what_has_views) {
    EXPECT_FALSE(there(72, 0).is_there);
    put(rate(72, 0));
    put(rate(80, 1, status::of_record));
    put(rate(73, 2));
    ASSERT_TRUE(there(72, 0).sample);
    EXPECT_EQ(value_of(*there(72, 0).sample), 72);
    ASSERT_TRUE(there(73, 1).sample);
    EXPECT_EQ(value_of(*there(73, 1).sample), 73);
    EXPECT_FALSE(there(80, 2).is_there);
}

TEST_F(ReadingCorrectionTest, what_a_record_said_is_found_by_what_it_said) {
    put(rate(72, 0));
    EXPECT_FALSE(there(72).is_there) << "a device said that";
    put(rate(80, 1, status::of_record));
    ASSERT_TRUE(there(81).sample) << "the only one, whatever it has become";
    put(rate(90, 2, status::of_record));
    ASSERT_TRUE(there(90).sample);
    EXPECT_EQ(there(90).sample->sequence, 2U);
    EXPECT_TRUE(there(81).is_there);
    EXPECT_FALSE(there(81).sample) << "it might be either";
}

TEST_F(ReadingCorrectionTest, what_another_record_said_is_not_this_ones) {
    using std::chrono::milliseconds;
    auto sample = rate(72, 0, status::of_record);
    sample.receive_time = noon + milliseconds(4'300);
    put(sample);
    versions = {noon + milliseconds(4'302), noon + milliseconds(4'298)};
    EXPECT_FALSE(there(72).is_there);
    versions.push_back(noon + milliseconds(4'300) + std::chrono::microseconds(900));
    EXPECT_TRUE(there(72).sample) << "the series keeps milliseconds";
}

TEST_F(ReadingCorrectionTest, once_compacted_a_record_is_told_by_the_second) {
    using std::chrono::milliseconds;
    auto sample = rate(72, 0, status::of_record);
    sample.receive_time = noon + milliseconds(4'000);
    put(sample);
    for (const int off : {4'501, 3'499}) {
        versions = {noon + milliseconds(off)};
        EXPECT_FALSE(there(72).is_there) << off;
    }
    for (const int near : {4'499, 3'501}) {
        versions = {noon + milliseconds(near)};
        EXPECT_TRUE(there(72).sample) << near;
    }
}

TEST_F(ReadingCorrectionTest, what_stands_with_another_in_one_place_is_left_alone) {
    put(rate(72, 0));
    put(rate(73, 0));
    EXPECT_TRUE(there(72, 0).is_there);
    EXPECT_FALSE(there(72, 0).sample);
}

TEST_F(ReadingCorrectionTest, amends_what_differs_and_keeps_what_was_noted) {
    const auto sample = rate(172, 0, status::late | status::questionable | status::of_record);
    const auto amended_one = amended(sample, said(72));
    ASSERT_TRUE(amended_one);
    EXPECT_EQ(amended_one->status, status::late | status::of_record | status::corrected);
    EXPECT_EQ(std::get<NumericValue>(amended_one->value).value.mantissa, 72);
    EXPECT_EQ(amended_one->device_time, noon);
    auto same = said(172);
    same.status = status::questionable;
    EXPECT_FALSE(amended(sample, same));
    EXPECT_TRUE(amended(sample, said(172))) << "it is no longer questionable";
    auto digits = same;
    digits.value = NumericValue{{1720, -1}, key_metric().unit, SpecialValue::none};
    EXPECT_TRUE(amended(sample, digits)) << "1.0 is not 1.00";
}

TEST_F(ReadingCorrectionTest, what_is_withdrawn_keeps_its_value_and_comes_back) {
    auto sample = rate(72, 0);
    const auto gone = withdrawn(sample);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->status, status::invalid | status::corrected);
    EXPECT_EQ(gone->value, sample.value);
    sample.status = gone->status;
    EXPECT_FALSE(withdrawn(sample)) << "it is already";
    const auto back = amended(sample, said(72));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->status, status::corrected);
}

}  // namespace
}  // namespace vigil::app
