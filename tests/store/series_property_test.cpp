// Random puts (in order, late, repeated, corrected), flushes, compactions, refilings, erasures and
// restarts: the SQLite store answers as the plain list does.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <span>

#include "store/series_subject.hpp"

namespace vigil::store {
namespace {

using namespace test;

const auto everyone = identity::AccessDesk::to_everyone();
constexpr Span whole{noon - hours(24 * 8), noon + hours(24 * 8)};

class Comparison {
public:
    explicit Comparison(unsigned seed) : seed_(seed), random_(seed) {
        for (const auto* name : {"heart_rate", "spo2", "temp_body"})
            metrics_.push_back(real_.catalogue.find(name));
    }

    void step() {
        switch (below(24)) {
            case 0:
                return flush();
            case 1:
                real_.compact(noon + hours(static_cast<int>(below(24 * 6)) - 24 * 2));
                return;
            case 2:
                if (below(4) == 0) return restart();
                return flush();
            case 3:
                if (below(3) == 0) return refile();
                return put();
            case 4:
                if (below(10) == 0) return erase();
                return put();
            case 5:
                return repeat();
            default:
                return put();
        }
    }

    void compare() {
        for (const auto patient : {PatientId{1}, PatientId{2}}) {
            for (const auto* metric : metrics_) compare_samples(patient, *metric);
            compare_latest(patient);
        }
        for (const auto* metric : metrics_) compare_outlines(*metric);
    }

private:
    struct Put {
        SeriesKey key;
        PatientId patient;
        Sample sample;
    };
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
    }
    PatientId patient() { return PatientId{static_cast<std::uint32_t>(below(2) + 1)}; }
    DeviceId device() { return DeviceId{static_cast<std::uint32_t>(below(2) + 1)}; }

    void put() {
        const auto* metric = metrics_[static_cast<std::size_t>(below(3))];
        now_ += milliseconds(below(20'000));
        // One in six is late: by seconds, hours or days.
        auto time = now_;
        if (below(6) == 0) time -= seconds(below(below(2) == 0 ? 100 : 300'000));
        Put put{{device(), metric->id, static_cast<std::uint16_t>(below(2))},
                patient(),
                numeric(time, below(400), -1, metric->unit)};
        put.sample.sequence = static_cast<std::uint32_t>(below(3));
        if (below(15) == 0) put.sample.device_time.reset();
        if (below(15) == 0) put.sample.status = status::invalid;
        apply(put);
        puts_.push_back(put);
    }
    void repeat() {
        if (puts_.empty()) return put();
        auto put = puts_[static_cast<std::size_t>(below(static_cast<std::int64_t>(puts_.size())))];
        if (below(4) == 0) {
            put.sample.status = status::corrected;
            std::get<NumericValue>(put.sample.value).value.mantissa = below(400);
        }
        apply(put);
    }
    void apply(const Put& put) {
        real_.store().put(put.key, put.patient, put.sample);
        plain_.store().put(put.key, put.patient, put.sample);
    }
    void flush() {
        real_.flush();
        plain_.flush();
    }
    void restart() {
        flush();
        real_.restart();
    }
    void refile() {
        const auto from = now_ - minutes(below(600)) - milliseconds(below(60'000));
        const Refile refile{
            device(), {from, from + minutes(below(300))}, PatientId{1}, PatientId{2}};
        real_.refile(refile);
        plain_.refile(refile);
        puts_.clear();  // a repeat of what has moved would be a new reading of its first patient
    }
    void erase() {
        const auto who = patient();
        const auto erased = await<void>([&](Done d) { real_.store().erase(who, std::move(d)); });
        ASSERT_TRUE(erased);
        plain_.store().erase(who, [](const Result<void>&) {});
        puts_.clear();
    }

    static std::string line(const SeriesKey& key, const Sample& sample) {
        return std::to_string(key.device.value) + "/" + std::to_string(key.channel) + " " +
               format_rfc3339(sample.filed_time) + " #" + std::to_string(sample.sequence) + " " +
               to_string(std::get<NumericValue>(sample.value).value) + " " +
               std::to_string(sample.status) +
               (sample.device_time ? " d" + format_rfc3339(*sample.device_time) : "");
    }
    static std::vector<std::string> lines(SeriesStore& store, PatientId patient, MetricId metric,
                                          Span span) {
        std::vector<std::string> found;
        const auto scanned = store.scan(everyone, patient, metric, span,
                                        [&](const SeriesKey& key, const Sample& sample) {
                                            found.push_back(line(key, sample));
                                            return true;
                                        });
        EXPECT_TRUE(scanned) << scanned.error().message;
        return found;
    }
    // Each series apart: between series the order of numbers is free.
    static std::map<SeriesKey, std::vector<std::string>> numbers(SeriesStore& store,
                                                                 PatientId patient, MetricId metric,
                                                                 Span span) {
        std::map<SeriesKey, std::vector<std::string>> found;
        const auto scanned =
            store.scan_numbers(everyone, patient, metric, span,
                               [&](const SeriesKey& key, std::span<const Number> numbers) {
                                   for (const auto& number : numbers)
                                       found[key].push_back(format_rfc3339(number.filed_time) +
                                                            " " + to_string(number.value.value) +
                                                            " " + std::to_string(number.status));
                                   return true;
                               });
        EXPECT_TRUE(scanned) << scanned.error().message;
        return found;
    }
    void compare_samples(PatientId patient, const Metric& metric) {
        const auto from = whole.from + hours(below(24 * 10));
        const auto soon = now_ - seconds(below(3'000));
        for (const auto span : {whole, Span{from, from + hours(below(72))},
                                Span{soon, soon + seconds(below(1'000))}}) {
            ASSERT_EQ(lines(real_.store(), patient, metric.id, span),
                      lines(plain_.store(), patient, metric.id, span))
                << "seed " << seed_;
            for (const auto without : {0U, status::invalid})
                ASSERT_EQ(
                    real_.store().count(everyone, patient, metric.id, span, without).value_or(~0U),
                    plain_.store().count(everyone, patient, metric.id, span, without).value_or(0))
                    << "seed " << seed_;
            ASSERT_EQ(numbers(real_.store(), patient, metric.id, span),
                      numbers(plain_.store(), patient, metric.id, span))
                << "seed " << seed_;
        }
        const SeriesKey key{device(), metric.id, static_cast<std::uint16_t>(below(2))};
        for (const auto resolution : {Resolution::minute, Resolution::hour, Resolution::day})
            compare_buckets(patient, key, {from, from + hours(below(24 * 7))}, resolution);
    }
    void compare_buckets(PatientId patient, const SeriesKey& key, Span span,
                         Resolution resolution) {
        const auto real = real_.store().scan(everyone, patient, key, span, resolution);
        const auto plain = plain_.store().scan(everyone, patient, key, span, resolution);
        ASSERT_TRUE(real) << real.error().message;
        ASSERT_EQ(real->size(), plain->size()) << "seed " << seed_;
        for (std::size_t i = 0; i < real->size(); ++i) {
            const auto &a = (*real)[i], &b = (*plain)[i];
            ASSERT_EQ(a.start, b.start) << "seed " << seed_;
            ASSERT_EQ(a.count, b.count) << "seed " << seed_;
            ASSERT_EQ(a.min, b.min) << "seed " << seed_;
            ASSERT_EQ(a.max, b.max) << "seed " << seed_;
            ASSERT_EQ(a.last, b.last) << "seed " << seed_;
            ASSERT_NEAR(a.mean, b.mean, 1e-9) << "seed " << seed_;
        }
    }
    // Every series that holds anything is named, and nothing of it is outside of what is said.
    void compare_outlines(const Metric& metric) {
        const auto named = real_.store().of_metric(everyone, metric.id);
        for (const auto patient : {PatientId{1}, PatientId{2}}) {
            const auto held = plain_.store().list(everyone, patient);
            ASSERT_TRUE(held);
            for (const auto& series : *held) {
                if (series.key.metric != metric.id) continue;
                const auto found = std::ranges::find_if(named, [&](const SeriesInfo& one) {
                    return one.patient == patient && one.key == series.key;
                });
                ASSERT_NE(found, named.end()) << "seed " << seed_;
                ASSERT_LE(found->first, series.first) << "seed " << seed_;
                ASSERT_GE(found->last, series.last) << "seed " << seed_;
            }
        }
        for (const auto& one : named)
            ASSERT_EQ(std::ranges::count_if(named,
                                            [&](const SeriesInfo& other) {
                                                return other.patient == one.patient &&
                                                       other.key == one.key;
                                            }),
                      1);
    }
    void compare_latest(PatientId patient) {
        const auto real = real_.store().latest(everyone, patient);
        const auto plain = plain_.store().latest(everyone, patient);
        ASSERT_TRUE(real && plain);
        ASSERT_EQ(real->size(), plain->size()) << "seed " << seed_;
        for (std::size_t i = 0; i < real->size(); ++i) {
            ASSERT_EQ((*real)[i].key, (*plain)[i].key);
            ASSERT_EQ((*real)[i].sample.filed_time, (*plain)[i].sample.filed_time)
                << "seed " << seed_;
        }
    }

    unsigned seed_;
    std::mt19937_64 random_;
    SqliteSeriesSubject real_;
    MemorySeriesSubject plain_;
    std::vector<const Metric*> metrics_;
    std::vector<Put> puts_;
    Timestamp now_ = noon;
};

TEST(SeriesProperty, the_store_answers_as_a_plain_list_does) {
    const auto* fixed = std::getenv("VIGIL_SEED");
    const unsigned first = fixed != nullptr ? static_cast<unsigned>(std::atoi(fixed)) : 1;
    for (unsigned seed = first; seed < first + (fixed != nullptr ? 1 : 6); ++seed) {
        Comparison comparison(seed);
        for (int round = 0; round < 12 && !testing::Test::HasFatalFailure(); ++round) {
            for (int i = 0; i < 40; ++i) comparison.step();
            comparison.compare();
        }
        if (testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace vigil::store
