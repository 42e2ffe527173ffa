// What is older than a site keeps goes, and only that; what summarises it stays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metric/catalogue.hpp"
#include "store/series_subject.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/series.hpp"
#include "store/sqlite/verify.hpp"

namespace vigil::store {
namespace {

using namespace test;

constexpr PatientId ada{1};
constexpr DeviceId monitor{1};
constexpr auto day = hours(24);

struct Retention : testing::Test {
    TemporaryFolder folder;
    FlippingSealer sealer;
    Catalogue catalogue;
    std::unique_ptr<sqlite::StoreFile> file;
    std::unique_ptr<SeriesStore> series;
    const Metric& rate = *catalogue.find("heart_rate");
    const SeriesKey rates{monitor, rate.id, 0};
    const SeriesKey notes{monitor, rate.id, 1};
    const SeriesKey wave{monitor, catalogue.find("ecg_ii")->id, 0};
    const store::Access everyone = identity::AccessDesk::to_everyone();

    Retention() { open(); }
    ~Retention() override { close(); }
    void open() {
        auto opened =
            sqlite::StoreFile::open({.path = folder.file(sqlite::store_name), .sealer = &sealer});
        ASSERT_TRUE(opened) << opened.error().message;
        file = std::move(*opened);
        series = std::move(*sqlite::open_series(*file, catalogue));
    }
    void close() {
        if (file) file->finish();
        series.reset();
        file.reset();
    }
    void put(const SeriesKey& key, Timestamp time, decltype(Reading::value) value) {
        series->put(key, ada,
                    {.filed_time = time,
                     .device_time = time,
                     .receive_time = time,
                     .value = std::move(value)});
    }
    // Three hours of each day from `first` days before noon's day on.
    void fill(int first, int last) {
        for (int d = first; d <= last; ++d)
            for (int m = 0; m < 180; ++m) {
                const auto time = noon - day * d + minutes(m);
                put(rates, time, NumericValue{.value = {60 + m % 30, 0}, .unit = rate.unit});
                if (m % 60 == 0) put(notes, time, TextValue{"note"});
                if (m == 0)
                    put(wave, time, WaveformBlock{.period = milliseconds(4), .samples = {1, 2, 3}});
            }
    }
    void flush() {
        ASSERT_TRUE(await<void>([&](Done done) { series->flush(std::move(done)); }));
    }
    int forget(SampleClass which, Timestamp before) {
        for (int steps = 1;; ++steps) {
            const auto more = await<bool>(
                [&](DoneWith<bool> done) { series->forget(which, before, std::move(done)); });
            EXPECT_TRUE(more) << more.error().message;
            if (!more.value_or(false)) return steps;
        }
    }
    void forget_rollups(Timestamp before) {
        for (bool more = true; more;)
            more = await<bool>([&](DoneWith<bool> done) {
                       series->forget_rollups(before, std::move(done));
                   }).value_or(false);
    }
    std::size_t count(const SeriesKey& key) {
        std::size_t found = 0;
        EXPECT_TRUE(series->scan(everyone, ada, key.metric, {noon - day * 400, noon + day * 2},
                                 [&](const SeriesKey& of, const Sample&) {
                                     found += of == key ? 1 : 0;
                                     return true;
                                 }));
        return found;
    }
    std::vector<Bucket> hours_of(Timestamp time) {
        const auto start = std::chrono::floor<std::chrono::days>(time);
        const auto found =
            series->scan(everyone, ada, rates, {start, start + day}, Resolution::hour);
        EXPECT_TRUE(found);
        return found.value_or(std::vector<Bucket>());
    }
    std::optional<SeriesInfo> info(const SeriesKey& key) {
        const auto all = series->list(everyone, ada);
        EXPECT_TRUE(all);
        for (const auto& each : *all)
            if (each.key == key) return each;
        return std::nullopt;
    }
    std::vector<std::string> problems() {
        // A log beside it, so that both files are there.
        Commits commits;
        auto log = sqlite::open_log({.path = folder.file(sqlite::log_name),
                                     .sealer = &sealer,
                                     .clock = [] { return noon; },
                                     .committed = commits.sink()});
        EXPECT_TRUE(log);
        const auto report = sqlite::verify({.log_path = folder.file(sqlite::log_name),
                                            .store_path = folder.file(sqlite::store_name)},
                                           sealer, catalogue);
        EXPECT_TRUE(report);
        return report ? report->problems : std::vector<std::string>{"not verified"};
    }
};

TEST_F(Retention, numbers_go_and_their_roll_ups_stay) {
    fill(0, 9);
    flush();
    const auto before = hours_of(noon - day * 9);
    ASSERT_EQ(before.size(), 3U);
    forget(SampleClass::vitals, noon - day * 5);
    EXPECT_EQ(count(rates), 6U * 180) << "days are kept whole";
    const auto after = hours_of(noon - day * 9);
    ASSERT_EQ(after.size(), 3U);
    for (std::size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i].start, before[i].start);
        EXPECT_EQ(after[i].count, before[i].count);
        EXPECT_EQ(after[i].mean, before[i].mean);
    }
    EXPECT_EQ(count(notes), 30U) << "another class";
    EXPECT_EQ(count(wave), 10U) << "another class";
    EXPECT_EQ(info(rates)->count, 6U * 180);
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Retention, a_series_of_which_roll_ups_are_left_is_still_a_series) {
    fill(8, 9);
    flush();
    forget(SampleClass::vitals, noon - day * 2);
    for (const bool restarted : {false, true}) {
        if (restarted) close(), open();
        ASSERT_TRUE(info(rates));
        EXPECT_EQ(info(rates)->count, 0U);
        EXPECT_EQ(info(rates)->first, noon - day * 9);
        EXPECT_EQ(hours_of(noon - day * 9).size(), 3U);
    }
    // Their own time comes: minutes by the day, hours by the month, days by the year.
    forget_rollups(noon + day * 400);
    EXPECT_EQ(hours_of(noon - day * 9).size(), 0U);
    EXPECT_FALSE(info(rates));
    EXPECT_TRUE(info(notes));
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Retention, a_late_reading_of_a_day_that_went_takes_nothing_from_its_roll_ups) {
    fill(8, 9);
    flush();
    forget(SampleClass::vitals, noon - day * 2);
    put(rates, noon - day * 9, NumericValue{.value = {250, 0}, .unit = rate.unit});
    flush();
    for (bool more = true; more;)
        more = await<bool>([&](DoneWith<bool> done) {
                   series->compact(noon + day * 2, std::move(done));
               }).value_or(false);
    EXPECT_EQ(hours_of(noon - day * 9).size(), 3U);
    EXPECT_THAT(problems(), testing::IsEmpty());
    forget(SampleClass::vitals, noon - day * 2);
    EXPECT_EQ(count(rates), 0U);
}

TEST_F(Retention, a_waveform_series_begins_with_what_is_left_of_it) {
    fill(0, 9);
    flush();
    forget(SampleClass::waveforms, noon - day * 3);
    EXPECT_EQ(count(wave), 4U);
    EXPECT_EQ(info(wave)->count, 4U);
    EXPECT_EQ(info(wave)->first, noon - day * 3);
    EXPECT_EQ(count(rates), 10U * 180);
    forget(SampleClass::waveforms, noon + day * 3);
    EXPECT_FALSE(info(wave));
    forget(SampleClass::events, noon - day * 3);
    EXPECT_EQ(count(notes), 12U);
    EXPECT_EQ(info(notes)->first, noon - day * 3);
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Retention, much_goes_in_small_steps) {
    fill(0, 300);
    flush();
    EXPECT_GT(forget(SampleClass::vitals, noon - day), 20)
        << "a step is bounded, however much is old";
    EXPECT_EQ(count(rates), 2U * 180);
}

}  // namespace
}  // namespace vigil::store
