// What every SeriesStore keeps: one suite, run against each implementation, with what was put still
// in memory, flushed to small chunks, merged into large ones, and after a restart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/series_subject.hpp"

namespace vigil::store {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr PatientId ada{1}, ben{2};
constexpr DeviceId monitor{7};
const auto everyone = identity::AccessDesk::to_everyone();

struct Setting {
    const char* name;
    bool sqlite, flushed, compacted, restarted;
};

struct SeriesContract : testing::TestWithParam<Setting> {
    std::unique_ptr<SeriesSubject> subject =
        GetParam().sqlite ? std::unique_ptr<SeriesSubject>(new SqliteSeriesSubject)
                          : std::make_unique<MemorySeriesSubject>();
    const Metric& heart_rate = *subject->catalogue.find("heart_rate");
    SeriesKey key{monitor, heart_rate.id, 0};

    SeriesStore& store() { return subject->store(); }
    void put(const Sample& sample, PatientId patient = ada) { store().put(key, patient, sample); }
    Sample rate(Timestamp filed, std::int64_t mantissa, int exponent = 0) {
        return numeric(filed, mantissa, exponent, heart_rate.unit);
    }
    // Brings what was put to where this run of the suite wants it.
    void settle() {
        if (GetParam().flushed) subject->flush();
        if (GetParam().compacted) subject->compact(noon + hours(24 * 400));
        if (GetParam().restarted) subject->restart();
    }
    std::vector<Sample> samples(PatientId patient = ada,
                                Span span = {noon - hours(24 * 365), noon + hours(24 * 365)}) {
        std::vector<Sample> found;
        const auto scanned = store().scan(everyone, patient, key.metric, span,
                                          [&](const SeriesKey& of, const Sample& sample) {
                                              EXPECT_EQ(of, key);
                                              found.push_back(sample);
                                              return true;
                                          });
        EXPECT_TRUE(scanned) << scanned.error().message;
        expect_numbers_of(found, patient, span);
        return found;
    }
    // The numbers alone are those of the samples, wherever they are.
    void expect_numbers_of(std::vector<Sample> found, PatientId patient, Span span) {
        std::erase_if(found, [](const Sample& sample) { return sample.value.index() != 0; });
        auto next = found.begin();
        const auto scanned = store().scan_numbers(
            everyone, patient, key.metric, span,
            [&](const SeriesKey& of, std::span<const Number> numbers) {
                EXPECT_EQ(of, key);
                for (const auto& number : numbers) {
                    if (next == found.end()) return ADD_FAILURE() << "a number too many", false;
                    EXPECT_EQ(number.filed_time, next->filed_time);
                    EXPECT_EQ(number.status, next->status);
                    EXPECT_EQ(number.value, std::get<NumericValue>(next->value));
                    ++next;
                }
                return true;
            });
        EXPECT_TRUE(scanned) << scanned.error().message;
        EXPECT_EQ(found.end() - next, 0) << "numbers are missing";
    }
    std::vector<std::string> values(PatientId patient = ada,
                                    Span span = {noon - hours(24 * 365), noon + hours(24 * 365)}) {
        std::vector<std::string> found;
        for (const auto& sample : samples(patient, span))
            found.push_back(to_string(std::get<NumericValue>(sample.value).value));
        return found;
    }
};

TEST_P(SeriesContract, a_value_comes_back_as_it_was_sent) {
    auto sent = rate(noon, 100, -2);
    sent.device_time = noon - milliseconds(1'234);
    sent.receive_time = noon + seconds(3);
    sent.sequence = 5;
    sent.status = status::questionable | status::late;
    put(sent);
    auto special = rate(noon + seconds(1), 0);
    special.device_time.reset();
    std::get<NumericValue>(special.value).special = SpecialValue::over_range;
    put(special);
    settle();
    const auto found = samples();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].filed_time, sent.filed_time);
    EXPECT_EQ(found[0].device_time, sent.device_time);
    EXPECT_EQ(found[0].receive_time, sent.receive_time);
    EXPECT_EQ(found[0].sequence, sent.sequence);
    EXPECT_EQ(found[0].status, sent.status);
    EXPECT_EQ(to_string(std::get<NumericValue>(found[0].value).value), "1.00");
    EXPECT_EQ(std::get<NumericValue>(found[0].value).unit, heart_rate.unit);
    EXPECT_EQ(found[1].device_time, std::nullopt);
    EXPECT_EQ(std::get<NumericValue>(found[1].value).special, SpecialValue::over_range);
}

TEST_P(SeriesContract, every_kind_of_value_is_kept) {
    const std::vector<decltype(Reading::value)> sent{
        CodedValue{"urn:iso:std:iso:11073:10101", "MDC_X", "Something"},
        TextValue{"a note"},
        EventValue{"MDC_EVT_LEAD_OFF", "lead II"},
        TextValue{""},
        WaveformBlock{.period = milliseconds(4),
                      .scale = {5, -3},
                      .offset = {-1, 0},
                      .unit = heart_rate.unit,
                      .samples = {1, 2, WaveformBlock::missing, WaveformBlock::missing, -2'000'000,
                                  INT32_MAX}},
        WaveformBlock{.period = milliseconds(4),
                      .scale = {5, -3},
                      .offset = {-1, 0},
                      .unit = {},
                      .samples = {WaveformBlock::missing}},
        NumericValue{.value = {72, 0}, .unit = {}, .special = SpecialValue::none}};
    for (std::size_t i = 0; i < sent.size(); ++i) {
        auto sample = rate(noon + seconds(i), 0);
        sample.value = sent[i];
        put(sample);
    }
    settle();
    const auto found = samples();
    ASSERT_EQ(found.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(found[i].value, sent[i]) << i;
}

TEST_P(SeriesContract, samples_come_in_order_of_filed_time_however_they_came) {
    put(rate(noon + seconds(20), 3));
    put(rate(noon, 1));
    settle();
    put(rate(noon - hours(50), 0));  // a day that may be closed by now
    put(rate(noon + seconds(10), 2));
    settle();
    put(rate(noon + seconds(30), 4));
    EXPECT_THAT(values(), ElementsAre("0", "1", "2", "3", "4"));
    EXPECT_THAT(values(ada, {noon, noon + seconds(20)}), ElementsAre("1", "2"));
}

TEST_P(SeriesContract, numbers_of_more_than_a_block_come_whole_and_can_be_stopped) {
    for (int i = 0; i < 1'000; ++i) put(rate(noon + seconds(i), i));
    settle();
    EXPECT_EQ(samples(ada, {noon + seconds(3), noon + seconds(903)}).size(), 900U);
    std::size_t calls = 0;
    EXPECT_TRUE(store().scan_numbers(everyone, ada, key.metric, {noon, noon + hours(1)},
                                     [&](const SeriesKey&, std::span<const Number>) {
                                         ++calls;
                                         return false;
                                     }));
    EXPECT_EQ(calls, 1U);
}

TEST_P(SeriesContract, a_repeat_counts_once_wherever_the_first_is) {
    put(rate(noon, 72));
    settle();
    put(rate(noon, 72));
    put(rate(noon, 72, 0));
    auto as_sent = rate(noon, 720, -1);  // 72.0 is another reading than 72
    put(as_sent);
    settle();
    EXPECT_THAT(values(), ElementsAre("72", "72.0"));
    const auto buckets =
        store().scan(everyone, ada, key, {noon, noon + seconds(1)}, Resolution::hour);
    ASSERT_TRUE(buckets);
    ASSERT_EQ(buckets->size(), 1U);
    EXPECT_EQ(buckets->front().count, 2U);
}

TEST_P(SeriesContract, a_resend_filed_at_receive_time_is_told_by_its_device_time) {
    const auto device_time = noon - hours(9);
    for (const int at : {0, 5}) {
        auto sample = rate(noon + seconds(at), 72);
        sample.device_time = device_time;
        sample.status = status::clock;
        put(sample);
    }
    settle();
    EXPECT_THAT(values(), ElementsAre("72"));
}

TEST_P(SeriesContract, a_correction_takes_the_place_of_what_was_filed) {
    put(rate(noon, 720));
    put(rate(noon + seconds(1), 73));
    settle();
    auto corrected = rate(noon, 72);
    corrected.status = status::corrected;
    put(corrected);
    settle();
    EXPECT_THAT(values(), ElementsAre("72", "73"));
    const auto buckets =
        store().scan(everyone, ada, key, {noon, noon + minutes(1)}, Resolution::minute);
    ASSERT_TRUE(buckets);
    ASSERT_EQ(buckets->size(), 1U);
    EXPECT_EQ(buckets->front().max, 73);
}

TEST_P(SeriesContract, a_correction_may_take_the_value_back) {
    put(rate(noon, 720));
    put(rate(noon + seconds(1), 73));
    settle();
    auto withdrawn = rate(noon, 720);
    withdrawn.status = status::corrected | status::invalid;
    put(withdrawn);
    put(rate(noon, 720));  // sent again
    settle();
    std::vector<std::uint32_t> found;
    ASSERT_TRUE(store().scan(everyone, ada, key.metric, {noon, noon + minutes(1)},
                             [&](const SeriesKey&, const Sample& sample) {
                                 found.push_back(sample.status);
                                 return true;
                             }));
    EXPECT_THAT(found, ElementsAre(withdrawn.status, 0U));
    const auto buckets =
        store().scan(everyone, ada, key, {noon, noon + minutes(1)}, Resolution::minute);
    ASSERT_TRUE(buckets);
    ASSERT_EQ(buckets->size(), 1U);
    EXPECT_EQ(buckets->front().count, 1U);
    EXPECT_EQ(buckets->front().max, 73);
}

TEST_P(SeriesContract, a_correction_stands_wherever_it_is_refiled) {
    put(rate(noon, 720));
    put(rate(noon + minutes(50), 74));  // in one chunk with it
    settle();
    auto corrected = rate(noon, 72);
    corrected.status = status::corrected;
    put(corrected);
    settle();
    EXPECT_GT(subject->refile({monitor, {noon, noon + minutes(1)}, ada, ben}), 0U);
    std::vector<std::string> found;
    ASSERT_TRUE(store().scan(everyone, ben, key.metric, {noon, noon + minutes(1)},
                             [&](const SeriesKey&, const Sample& sample) {
                                 found.push_back(
                                     to_string(std::get<NumericValue>(sample.value).value));
                                 return true;
                             }));
    EXPECT_THAT(found, ElementsAre("72"));
}

TEST_P(SeriesContract, buckets_sum_up_what_counts_in_the_normal_unit) {
    const Metric& temperature = *subject->catalogue.find("temp_body");
    key.metric = temperature.id;
    const auto fahrenheit = *units::find("[degF]");
    put(numeric(noon, 370, -1, temperature.unit));
    put(numeric(noon + seconds(10), 1004, -1, fahrenheit));  // 38.0 Cel
    auto invalid = numeric(noon + seconds(20), 999, 0, temperature.unit);
    invalid.status = status::invalid;
    put(invalid);
    auto special = numeric(noon + seconds(30), 0, 0, temperature.unit);
    std::get<NumericValue>(special.value).special = SpecialValue::not_a_number;
    put(special);
    put(numeric(noon + minutes(59), 360, -1, temperature.unit));
    put(numeric(noon + hours(20), 350, -1, temperature.unit));
    settle();
    const Span span{noon, noon + hours(24)};
    const auto minutes_found = store().scan(everyone, ada, key, span, Resolution::minute);
    ASSERT_TRUE(minutes_found);
    ASSERT_EQ(minutes_found->size(), 3U);
    const auto& first = minutes_found->front();
    EXPECT_EQ(first.start, noon);
    EXPECT_EQ(first.count, 2U);
    EXPECT_DOUBLE_EQ(first.min, 37.0);
    EXPECT_DOUBLE_EQ(first.max, 38.0);
    EXPECT_DOUBLE_EQ(first.mean, 37.5);
    EXPECT_DOUBLE_EQ(first.last, 38.0);
    const auto hours_found = store().scan(everyone, ada, key, span, Resolution::hour);
    ASSERT_TRUE(hours_found);
    ASSERT_EQ(hours_found->size(), 2U);
    EXPECT_EQ(hours_found->front().count, 3U);
    EXPECT_DOUBLE_EQ(hours_found->front().mean, 37.0);
    const auto days = store().scan(everyone, ada, key, span, Resolution::day);
    ASSERT_TRUE(days);
    ASSERT_EQ(days->size(), 2U);
    EXPECT_EQ(days->front().start, noon - hours(12));
    EXPECT_DOUBLE_EQ(days->back().min, 35.0);
}

TEST_P(SeriesContract, a_late_sample_is_in_the_bucket_it_belongs_to) {
    put(rate(noon, 70));
    settle();
    put(rate(noon + seconds(1), 90));
    settle();
    const auto days = store().scan(everyone, ada, key, {noon, noon + hours(1)}, Resolution::day);
    ASSERT_TRUE(days);
    ASSERT_EQ(days->size(), 1U);
    EXPECT_EQ(days->front().count, 2U);
    EXPECT_DOUBLE_EQ(days->front().mean, 80);
}

TEST_P(SeriesContract, refiling_moves_a_span_of_a_device_and_its_roll_ups) {
    for (int i = 0; i < 10; ++i) put(rate(noon + minutes(i), 60 + i));
    store().put({DeviceId{8}, key.metric, 0}, ada, rate(noon + minutes(4), 99));
    settle();
    EXPECT_EQ(subject->refile({monitor, {noon + minutes(3), noon + minutes(6)}, ada, ben}), 3U);
    EXPECT_THAT(values(ben), ElementsAre("63", "64", "65"));
    const auto hour = store().scan(everyone, ada, key, {noon, noon + hours(1)}, Resolution::hour);
    ASSERT_TRUE(hour);
    ASSERT_EQ(hour->size(), 1U);
    EXPECT_EQ(hour->front().count, 7U);
    const auto listed = store().list(everyone, ben);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().first, noon + minutes(3));
    EXPECT_EQ(listed->front().last, noon + minutes(5));
    EXPECT_EQ(listed->front().count, 3U);
    EXPECT_EQ(subject->refile({monitor, {noon, noon + hours(1)}, ben, ada}), 3U);
    EXPECT_THAT(samples(ben), IsEmpty());
}

TEST_P(SeriesContract, erasing_leaves_nothing_of_a_patient_and_all_of_others) {
    put(rate(noon, 60));
    put(rate(noon, 61), ben);
    settle();
    put(rate(noon + seconds(1), 62));
    const auto erased = await<void>([&](Done d) { store().erase(ada, std::move(d)); });
    ASSERT_TRUE(erased);
    EXPECT_THAT(values(), IsEmpty());
    EXPECT_THAT(values(ben), ElementsAre("61"));
    EXPECT_TRUE(store().list(everyone, ada)->empty());
    EXPECT_TRUE(store().latest(everyone, ada)->empty());
    EXPECT_TRUE(
        store().scan(everyone, ada, key, {noon, noon + hours(1)}, Resolution::day)->empty());
    put(rate(noon + seconds(2), 63));
    EXPECT_THAT(values(), ElementsAre("63"));
}

TEST_P(SeriesContract, latest_is_the_newest_by_filed_time_and_waveforms_without_samples) {
    put(rate(noon + seconds(5), 75));
    put(rate(noon, 70));
    const SeriesKey wave{monitor, subject->catalogue.find("ecg_ii")->id, 0};
    auto block = rate(noon, 0);
    block.value = WaveformBlock{.period = milliseconds(4), .unit = {}, .samples = {1, 2, 3}};
    store().put(wave, ada, block);
    settle();
    const auto latest = store().latest(everyone, ada);
    ASSERT_TRUE(latest);
    ASSERT_EQ(latest->size(), 2U);
    for (const auto& each : *latest) {
        if (each.key == key)
            EXPECT_EQ(std::get<NumericValue>(each.sample.value).value.mantissa, 75);
        else
            EXPECT_TRUE(std::get<WaveformBlock>(each.sample.value).samples.empty());
    }
}

TEST_P(SeriesContract, each_device_has_its_newest_reading_whoever_it_is_filed_under) {
    EXPECT_THAT(store().newest_of_devices(), IsEmpty());
    put(rate(noon + seconds(5), 72), ben);
    put(rate(noon, 71), ada);
    const DeviceId other{8};
    store().put({other, heart_rate.id, 0}, {}, rate(noon + seconds(1), 70));
    settle();
    EXPECT_THAT(store().newest_of_devices(),
                testing::UnorderedElementsAre(testing::Pair(monitor, noon + seconds(5)),
                                              testing::Pair(other, noon + seconds(1))));
}

TEST_P(SeriesContract, tells_what_each_device_measures_whoever_it_is_filed_under) {
    EXPECT_THAT(store().measured(), IsEmpty());
    put(rate(noon + seconds(5), 72), ben);
    put(rate(noon, 71), ada);
    settle();
    put(rate(noon + seconds(9), 73), ada);
    const auto measured = store().measured();
    ASSERT_EQ(measured.size(), 1U);
    EXPECT_EQ(measured[0].device, monitor);
    EXPECT_EQ(measured[0].metric, heart_rate.id);
    EXPECT_EQ(measured[0].first, noon);
    EXPECT_EQ(measured[0].newest, noon + seconds(9));
}

TEST_P(SeriesContract, a_metrics_series_are_named_whoever_they_are_filed_under) {
    EXPECT_THAT(store().of_metric(everyone, key.metric), IsEmpty());
    put(rate(noon, 70), ada);
    put(rate(noon + seconds(9), 71), ada);
    put(rate(noon + seconds(5), 72), ben);
    settle();
    const auto access = identity::AccessDesk::to({ada});
    const auto series = store().of_metric(access, key.metric);
    ASSERT_EQ(series.size(), 1U);
    EXPECT_EQ(series[0].patient, ada);
    EXPECT_EQ(series[0].key, key);
    EXPECT_LE(series[0].first, noon);
    EXPECT_GE(series[0].last, noon + seconds(9));
    EXPECT_EQ(store().of_metric(everyone, key.metric).size(), 2U);
    const auto done = await<void>([&](Done d) { store().erase(ada, std::move(d)); });
    ASSERT_TRUE(done);
    EXPECT_THAT(store().of_metric(access, key.metric), IsEmpty());
}

TEST_P(SeriesContract, an_access_that_does_not_cover_the_patient_sees_nothing) {
    put(rate(noon, 70));
    settle();
    const auto access = identity::AccessDesk::to({ben});
    EXPECT_THAT(store().of_metric(access, key.metric), IsEmpty());
    EXPECT_FALSE(store().count(access, ada, key.metric, {noon, noon + seconds(1)}, 0));
    const Span span{noon, noon + seconds(1)};
    const auto scanned = store().scan(access, ada, key.metric, span,
                                      [](const SeriesKey&, const Sample&) { return true; });
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().kind, Error::Kind::forbidden);
    EXPECT_FALSE(store().scan(access, ada, key, span, Resolution::minute));
    EXPECT_FALSE(store().list(access, ada));
    EXPECT_FALSE(store().latest(access, ada));
}

TEST_P(SeriesContract, retention_removes_one_class_and_leaves_the_others) {
    put(rate(noon - hours(24 * 10), 60));
    auto note = rate(noon - hours(24 * 10), 0);
    note.value = TextValue{"kept"};
    put(note);
    put(rate(noon, 61));
    settle();
    if (!GetParam().flushed) return;  // what is in memory is not yet subject to it
    const auto forgotten = await<bool>([&](DoneWith<bool> d) {
        store().forget(SampleClass::vitals, noon - hours(24 * 5), std::move(d));
    });
    ASSERT_TRUE(forgotten);
    const auto found = samples();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].value, note.value);
    EXPECT_EQ(store().list(everyone, ada)->front().count, 2U);
}

TEST_P(SeriesContract, positions_tell_how_far_the_chunks_have_come) {
    put(rate(noon, 60));
    store().advance({0, 17});
    subject->flush();
    EXPECT_EQ(store().applied(), (Position{0, 17}));
    subject->restart();
    EXPECT_EQ(store().applied(), (Position{0, 17}));
}

TEST_P(SeriesContract, the_ends_of_time_are_no_place_to_fall_over) {
    put(rate(noon, 60));
    settle();
    const Span all{Timestamp::min(), Timestamp::max()};
    EXPECT_THAT(values(ada, all), ElementsAre("60"));
    for (const auto resolution : {Resolution::minute, Resolution::hour, Resolution::day})
        EXPECT_EQ(store()
                      .scan(everyone, ada, key, {noon - hours(1), noon + hours(1)}, resolution)
                      ->size(),
                  1U);
}

INSTANTIATE_TEST_SUITE_P(Implementations, SeriesContract,
                         testing::Values(Setting{"memory", false, true, false, false},
                                         Setting{"sqlite_head", true, false, false, false},
                                         Setting{"sqlite_chunks", true, true, false, false},
                                         Setting{"sqlite_compacted", true, true, true, false},
                                         Setting{"sqlite_restarted", true, true, false, true},
                                         Setting{"sqlite_compacted_restarted", true, true, true,
                                                 true}),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace vigil::store
