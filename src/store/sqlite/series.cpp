#include "store/sqlite/series.hpp"

#include <algorithm>

#include "store/head.hpp"
#include "store/rollup.hpp"
#include "store/sqlite/compaction.hpp"
#include "store/sqlite/series_reading.hpp"
#include "store/sqlite/series_table.hpp"
#include "store/sqlite/series_writing.hpp"

namespace vigil::store::sqlite {

namespace {

// Spans are brought into the years that times can be told in, with room to round up and down.
Span bounded(Span span) {
    using std::chrono::January, std::chrono::sys_days, std::chrono::year;
    constexpr Timestamp earliest = sys_days(year(1700) / January / 1);
    constexpr Timestamp latest = sys_days(year(2250) / January / 1);
    return {std::clamp(span.from, earliest, latest), std::clamp(span.to, earliest, latest)};
}

Result<void> check(const Access& access, PatientId patient) {
    if (access.covers(patient)) return {};
    return fail(Error::Kind::forbidden, "this access does not cover the patient");
}

Span everything() {
    return bounded({Timestamp::min(), Timestamp::max()});
}

// Whether any reading of the metric may be seen, whenever it was.
bool sees_any(const Access& access, PatientId patient, MetricId metric) {
    return access.covers(patient) && !access.seen(patient, metric, everything()).empty();
}

Timestamp ceil_to(Timestamp time, Nanoseconds length) {
    const auto floor = floor_to(time, length);
    return floor < time ? floor + length : floor;
}

// The stretches whose buckets are seen whole: one that reaches into what is withheld would tell of
// it. A span that nothing is withheld from stays as it is.
std::vector<Span> whole_buckets(const Access& access, PatientId patient, MetricId metric, Span span,
                                Resolution resolution) {
    const auto length = length_of(resolution);
    const Span of_buckets{floor_to(span.from, length), ceil_to(span.to, length)};
    auto parts = access.seen(patient, metric, of_buckets);
    if (parts.size() == 1 && parts.front() == of_buckets) return {span};
    for (auto& part : parts) part = {ceil_to(part.from, length), floor_to(part.to, length)};
    std::erase_if(parts, [](const Span& part) { return part.from >= part.to; });
    return parts;
}

class SqliteSeries final : public SeriesStore {
public:
    SqliteSeries(StoreFile& file, const Catalogue& catalogue, std::uint64_t flushes,
                 Position applied, const KeptSeries& kept)
        : file_(file), catalogue_(catalogue), head_(flushes, applied, kept) {}

    void put(const SeriesKey& series, PatientId patient, const Sample& sample) override {
        head_.put(series, patient, sample);
    }
    void refile(const Refile& refile, DoneWith<std::uint64_t> done) override;
    void erase(PatientId patient, Done done) override;
    void advance(Position up_to) override { head_.advance(up_to); }
    Position applied() const override { return head_.applied(); }
    void flush(Done done) override;
    void compact(Timestamp now, DoneWith<bool> done) override;
    void forget(SampleClass which, Timestamp before, DoneWith<bool> done) override;
    void forget_rollups(Timestamp before, DoneWith<bool> done) override;
    std::size_t head_bytes() const override { return head_.byte_count(); }

    Result<void> scan(const Access& access, PatientId patient, MetricId metric, Span span,
                      const std::function<bool(const SeriesKey&, const Sample&)>& visit) override;
    Result<void> scan_numbers(const Access& access, PatientId patient, MetricId metric, Span span,
                              const NumberVisitor& visit) override;
    Result<std::vector<Bucket>> scan(const Access& access, PatientId patient, SeriesKey series,
                                     Span span, Resolution resolution) override;
    Result<std::vector<SeriesInfo>> list(const Access& access, PatientId patient) override;
    std::vector<SeriesInfo> of_metric(const Access& access, MetricId metric) override {
        return head_.of_metric(
            metric, [&](PatientId patient) { return sees_any(access, patient, metric); });
    }
    Result<std::uint64_t> count(const Access& access, PatientId patient, MetricId metric, Span span,
                                std::uint32_t without) override;
    Result<std::vector<LatestSample>> latest(const Access& access, PatientId patient) override;
    std::unordered_map<DeviceId, Timestamp> newest_of_devices() const override {
        return head_.newest_of_devices();
    }
    std::vector<MeasuredMetric> measured() const override { return head_.measured(); }

private:
    // What a piece of work leaves for memory to take over once it is committed.
    struct Outcome {
        Flushed flushed;
        std::vector<PatientId> replaced;
        KeptSeries kept;
        std::uint64_t count = 0;
        bool more = false;
    };
    using Step = std::function<Result<void>(Database&, Outcome&)>;
    // Flushes first if `frozen`; `then` sees what it left.
    void write(bool frozen, Step step, std::function<void(Result<Outcome>)> then);
    void forget_step(std::function<Result<ForgetStepDone>(Database&)> step, DoneWith<bool> done);
    Result<void> flush_frozen(Database& database, Outcome& outcome);
    static Result<void> reload(Database& database, PatientId patient, Outcome& outcome);
    Result<void> load_newest(PatientId patient, std::vector<Head::Newest>& newest);

    template <class T>
    Result<T> reading(PatientId patient, const std::function<bool(const SeriesKey&)>& wanted,
                      const std::function<Result<T>(SeriesReading&)>& work) {
        auto view = head_.view(patient, wanted);
        return file_.read<T>(
            [&](Database& database) -> Result<T> {
                VIGIL_TRY(reading, SeriesReading::begin(file_, database, patient, std::move(view)));
                return work(reading);
            },
            StoreFile::Sees::all_but_audit);
    }

    StoreFile& file_;
    const Catalogue& catalogue_;
    Head head_;
};

void SqliteSeries::write(bool frozen, Step step, std::function<void(Result<Outcome>)> then) {
    auto outcome = std::make_shared<Outcome>();
    file_.write(
        [this, frozen, outcome, step = std::move(step)](Database& database) -> Result<void> {
            *outcome = {};
            if (frozen) VIGIL_CHECK(flush_frozen(database, *outcome));
            return step(database, *outcome);
        },
        [this, frozen, outcome, then = std::move(then)](const Result<void>& result) {
            if (!result) return then(tl::unexpected(result.error()));
            if (frozen)
                head_.forget(outcome->flushed.generation, outcome->flushed.applied,
                             outcome->flushed.kept);
            if (!outcome->replaced.empty()) head_.replace(outcome->replaced, outcome->kept);
            then(std::move(*outcome));
        });
}

Result<void> SqliteSeries::flush_frozen(Database& database, Outcome& outcome) {
    const auto frozen = head_.frozen();
    if (frozen.empty()) {
        outcome.flushed.applied = head_.applied();
        return {};
    }
    VIGIL_TRY(flushed, flush_generations(file_, database, frozen));
    outcome.flushed = std::move(flushed);
    return {};
}

Result<void> SqliteSeries::reload(Database& database, PatientId patient, Outcome& outcome) {
    VIGIL_TRY(kept, kept_series(database, patient));
    outcome.replaced.push_back(patient);
    outcome.kept.insert(outcome.kept.end(), kept.begin(), kept.end());
    return {};
}

void SqliteSeries::flush(Done done) {
    head_.freeze();
    write(
        true, [](Database&, Outcome&) -> Result<void> { return {}; },
        [done = std::move(done)](Result<Outcome> outcome) {
            done(outcome ? Result<void>() : tl::unexpected(std::move(outcome).error()));
        });
}

void SqliteSeries::refile(const Refile& refile, DoneWith<std::uint64_t> done) {
    head_.freeze();
    write(
        true,
        [this, refile](Database& database, Outcome& outcome) -> Result<void> {
            if (refile.from == refile.to) return {};
            auto bounds = refile;
            bounds.span = bounded(refile.span);
            VIGIL_TRY(moved, refile_chunks(file_, database, bounds));
            outcome.count = moved;
            VIGIL_CHECK(reload(database, refile.from, outcome));
            return reload(database, refile.to, outcome);
        },
        [done = std::move(done)](Result<Outcome> outcome) {
            if (outcome)
                done(outcome->count);
            else
                done(tl::unexpected(std::move(outcome).error()));
        });
}

void SqliteSeries::erase(PatientId patient, Done done) {
    head_.freeze();
    write(
        true,
        [patient](Database& database, Outcome& outcome) -> Result<void> {
            VIGIL_CHECK(erase_chunks(database, patient));
            return reload(database, patient, outcome);
        },
        [done = std::move(done)](Result<Outcome> outcome) {
            done(outcome ? Result<void>() : tl::unexpected(std::move(outcome).error()));
        });
}

void SqliteSeries::compact(Timestamp now, DoneWith<bool> done) {
    write(
        false,
        [this, now](Database& database, Outcome& outcome) -> Result<void> {
            VIGIL_TRY(compacted, compact_chunks(file_, database, catalogue_, now));
            outcome.more = compacted.more;
            for (const auto patient : compacted.touched)
                VIGIL_CHECK(reload(database, patient, outcome));
            return {};
        },
        [done = std::move(done)](Result<Outcome> outcome) {
            if (outcome)
                done(outcome->more);
            else
                done(tl::unexpected(std::move(outcome).error()));
        });
}

void SqliteSeries::forget(SampleClass which, Timestamp before, DoneWith<bool> done) {
    forget_step(
        [this, which, before](Database& database) -> Result<ForgetStepDone> {
            const auto day = floor_to(before, length_of(Resolution::day));
            VIGIL_TRY(closed, close_days(file_, database, catalogue_, day));
            VIGIL_TRY(done, forget_chunks(file_, database, which, day));
            done.more = done.more || closed.more;
            done.patients.merge(closed.touched);
            return std::move(done);
        },
        std::move(done));
}

void SqliteSeries::forget_rollups(Timestamp before, DoneWith<bool> done) {
    forget_step([this, before](
                    Database& database) { return sqlite::forget_rollups(file_, database, before); },
                std::move(done));
}

void SqliteSeries::forget_step(std::function<Result<ForgetStepDone>(Database&)> step,
                               DoneWith<bool> done) {
    write(
        false,
        [step = std::move(step)](Database& database, Outcome& outcome) -> Result<void> {
            VIGIL_TRY(forgotten, step(database));
            outcome.more = forgotten.more;
            for (const auto patient : forgotten.patients)
                VIGIL_CHECK(reload(database, patient, outcome));
            return {};
        },
        [done = std::move(done)](Result<Outcome> outcome) {
            if (outcome)
                done(outcome->more);
            else
                done(tl::unexpected(std::move(outcome).error()));
        });
}

Result<void> SqliteSeries::scan(const Access& access, PatientId patient, MetricId metric, Span span,
                                const std::function<bool(const SeriesKey&, const Sample&)>& visit) {
    VIGIL_CHECK(check(access, patient));
    bool more = true;
    const auto until_told = [&](const SeriesKey& key, const Sample& sample) {
        return more = visit(key, sample);
    };
    for (const auto part : access.seen(patient, metric, bounded(span))) {
        VIGIL_CHECK(reading<void>(
            patient, [&](const SeriesKey& key) { return key.metric == metric; },
            [&](SeriesReading& reading) { return reading.scan(part, until_told); }));
        if (!more) break;
    }
    return {};
}

Result<void> SqliteSeries::scan_numbers(const Access& access, PatientId patient, MetricId metric,
                                        Span span, const NumberVisitor& visit) {
    VIGIL_CHECK(check(access, patient));
    bool more = true;
    const NumberVisitor until_told = [&](const SeriesKey& key, std::span<const Number> numbers) {
        return more = visit(key, numbers);
    };
    for (const auto part : access.seen(patient, metric, bounded(span))) {
        VIGIL_CHECK(reading<void>(
            patient, [&](const SeriesKey& key) { return key.metric == metric; },
            [&](SeriesReading& reading) { return reading.numbers(part, until_told); }));
        if (!more) break;
    }
    return {};
}

Result<std::vector<Bucket>> SqliteSeries::scan(const Access& access, PatientId patient,
                                               SeriesKey series, Span span, Resolution resolution) {
    VIGIL_CHECK(check(access, patient));
    std::vector<Bucket> buckets;
    for (const auto whole :
         whole_buckets(access, patient, series.metric, bounded(span), resolution)) {
        VIGIL_TRY(rollups, reading<std::vector<Rollup>>(
                               patient, [&](const SeriesKey& key) { return key == series; },
                               [&](SeriesReading& reading) {
                                   return reading.rollups(series, catalogue_.at(series.metric),
                                                          whole, resolution);
                               }));
        buckets.reserve(buckets.size() + rollups.size());
        for (const auto& rollup : rollups) buckets.push_back(rollup.bucket());
    }
    return buckets;
}

Result<std::uint64_t> SqliteSeries::count(const Access& access, PatientId patient, MetricId metric,
                                          Span span, std::uint32_t without) {
    VIGIL_CHECK(check(access, patient));
    std::uint64_t sum = 0;
    for (const auto part : access.seen(patient, metric, bounded(span))) {
        VIGIL_TRY(count, reading<std::uint64_t>(
                             patient, [&](const SeriesKey& key) { return key.metric == metric; },
                             [&](SeriesReading& reading) { return reading.count(part, without); }));
        sum += count;
    }
    return sum;
}

Result<std::vector<SeriesInfo>> SqliteSeries::list(const Access& access, PatientId patient) {
    VIGIL_CHECK(check(access, patient));
    auto series = head_.list(patient);
    std::erase_if(series, [&](SeriesInfo& each) {
        const auto parts =
            access.seen(patient, each.key.metric, {each.first, each.last + Nanoseconds(1)});
        if (parts.empty()) return true;
        each.first = std::max(each.first, parts.front().from);
        each.last = std::min(each.last, parts.back().to - Nanoseconds(1));
        return false;
    });
    return series;
}

Result<std::vector<LatestSample>> SqliteSeries::latest(const Access& access, PatientId patient) {
    VIGIL_CHECK(check(access, patient));
    auto newest = head_.newest(patient);
    std::erase_if(newest, [&](const Head::Newest& each) {
        return !access.sees(patient, each.key.metric, each.filed_time);
    });
    VIGIL_CHECK(load_newest(patient, newest));
    std::vector<LatestSample> found;
    for (auto& each : newest)
        if (each.sample) found.push_back({each.key, std::move(*each.sample)});
    return found;
}

// After a start the newest of a series that has been silent since is in a chunk: read once.
Result<void> SqliteSeries::load_newest(PatientId patient, std::vector<Head::Newest>& newest) {
    for (auto& each : newest) {
        if (each.sample) continue;
        VIGIL_CHECK(reading<void>(
            patient, [&](const SeriesKey& key) { return key == each.key; },
            [&](SeriesReading& reading) {
                return reading.scan({each.filed_time, each.filed_time + Nanoseconds(1)},
                                    [&](const SeriesKey&, const Sample& sample) {
                                        each.sample = outline(sample);
                                        return true;
                                    });
            }));
        if (each.sample) head_.remember(patient, each.key, *each.sample);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<SeriesStore>> open_series(StoreFile& file, const Catalogue& catalogue) {
    struct Start {
        std::uint64_t flushes = 0;
        KeptSeries kept;
    };
    VIGIL_TRY(start, file.read<Start>([](Database& database) -> Result<Start> {
        VIGIL_TRY(flushes, flush_count(database));
        VIGIL_TRY(kept, kept_series(database));
        return Start{flushes, std::move(kept)};
    }));
    return std::make_unique<SqliteSeries>(file, catalogue, start.flushes,
                                          file.applied(series_consumer), start.kept);
}

}  // namespace vigil::store::sqlite
