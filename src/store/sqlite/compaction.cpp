#include "store/sqlite/compaction.hpp"

#include <algorithm>
#include <map>

#include "store/merge.hpp"
#include "store/sqlite/chunk_table.hpp"
#include "store/sqlite/rollup_table.hpp"
#include "store/sqlite/series_table.hpp"

namespace vigil::store::sqlite {

namespace {

// What one transaction takes on: other writers of the file wait for it.
constexpr int hours_per_call = 8;
constexpr int days_per_call = 2;
// Late readings come mostly within minutes: a day is closed once they have.
constexpr Nanoseconds day_grace = std::chrono::minutes(10);

constexpr auto hour_length = length_of(Resolution::hour);
constexpr auto day_length = length_of(Resolution::day);

using RunName = std::tuple<MetricId, std::uint16_t, ValueKind>;

// Chunks of one device and class family, read run by run.
class Sources {
public:
    static Result<Sources> load(ChunkTable& chunks, std::span<const ChunkRow> rows) {
        Sources sources;
        for (const auto& row : rows) {
            VIGIL_TRY(clear, chunks.load(row));
            sources.bodies_.push_back(std::make_unique<std::string>(std::move(clear)));
            VIGIL_TRY(reader, ChunkReader::open(*sources.bodies_.back()));
            for (std::size_t i = 0; i < reader.runs().size(); ++i) {
                const auto& run = reader.runs()[i];
                sources.runs_[{run.metric, run.channel, run.kind}].emplace_back(
                    sources.readers_.size(), i);
            }
            sources.readers_.push_back(std::move(reader));
        }
        return sources;
    }
    // Settled; `dropped` is told how many repeats there were.
    Result<SampleRun> run(const RunName& name, std::uint64_t& dropped) {
        SampleRun run{.metric = std::get<0>(name), .channel = std::get<1>(name), .samples = {}};
        for (const auto& [reader, index] : runs_.at(name))
            VIGIL_CHECK(readers_[reader].samples(index, decoder_, run.samples));
        dropped = run.samples.size();
        settle(run.samples);
        dropped -= run.samples.size();
        return run;
    }
    std::vector<RunName> names() const {
        std::vector<RunName> names;
        names.reserve(runs_.size());
        for (const auto& [name, places] : runs_) names.push_back(name);
        return names;
    }

private:
    std::vector<std::unique_ptr<std::string>> bodies_;
    std::vector<ChunkReader> readers_;
    std::map<RunName, std::vector<std::pair<std::size_t, std::size_t>>> runs_;
    ColumnDecoder decoder_;
};

class Compaction {
public:
    Compaction(StoreFile& file, Database& database, const Catalogue& catalogue)
        : catalogue_(catalogue),
          database_(database),
          chunks_(file, database),
          rollups_(file, database) {}

    Result<Compacted> close_days(Timestamp before) {
        VIGIL_TRY(days, open_days(database_, before, days_per_call));
        for (const auto& each : days) VIGIL_CHECK(close(each));
        compacted_.more = days.size() == days_per_call;
        return std::move(compacted_);
    }

    Result<Compacted> run(Timestamp now) {
        const auto day = floor_to(now - day_grace, day_length);
        VIGIL_TRY(days, open_days(database_, day, days_per_call));
        for (const auto& each : days) VIGIL_CHECK(close(each));
        VIGIL_TRY(hours, small_chunks(floor_to(now, hour_length), day));
        for (const auto& hour : hours) VIGIL_CHECK(merge_hour(hour));
        compacted_.more = days.size() == days_per_call || hours.size() == hours_per_call;
        return std::move(compacted_);
    }

private:
    // Hours that are over and hold what was flushed. Vitals of days that are over are not merged by
    // the hour any more: their day is about to be.
    Result<std::vector<ChunkRow>> small_chunks(Timestamp hour, Timestamp day) {
        VIGIL_TRY(select, database_.prepare("SELECT DISTINCT patient, device, class, run, "
                                            "first_time - (first_time % ?1 + ?1) % ?1 "
                                            "FROM chunks WHERE tier = 0 AND first_time < ?2 AND "
                                            "(class = ?3 OR first_time >= ?4) LIMIT ?5"));
        select.bind(1, hour_length.count())
            .bind(2, unix_ns(hour))
            .bind(3, static_cast<int>(SampleClass::waveforms))
            .bind(4, unix_ns(day))
            .bind(5, hours_per_call);
        std::vector<ChunkRow> found;
        for (;;) {
            VIGIL_TRY(row, select.step());
            if (!row) return found;
            ChunkRow hour_row;
            hour_row.place = {.patient = PatientId{static_cast<std::uint32_t>(select.integer(0))},
                              .device = DeviceId{static_cast<std::uint32_t>(select.integer(1))},
                              .which = static_cast<SampleClass>(select.integer(2)),
                              .run = static_cast<std::uint32_t>(select.integer(3)),
                              .tier = Tier::hour};
            hour_row.first = from_unix_ns(select.integer(4));
            found.push_back(hour_row);
        }
    }

    Result<void> merge_hour(const ChunkRow& hour) {
        VIGIL_TRY(rows, chunks_.find(hour.place.patient, hour.place.device,
                                     {hour.first, hour.first + hour_length}));
        std::erase_if(rows, [&](const ChunkRow& row) {
            return row.place.tier == Tier::day || row.place.which != hour.place.which ||
                   row.place.run != hour.place.run;
        });
        return merge(rows, hour.place, nullptr);
    }

    struct Totals {
        std::vector<Rollup> minutes, hours, days;
    };
    using TotalsOf = std::map<SeriesKey, Totals>;

    Result<void> merge(std::span<const ChunkRow> rows, const ChunkPlace& place, TotalsOf* totals) {
        VIGIL_TRY(sources, Sources::load(chunks_, rows));
        std::vector<SampleRun> runs;
        for (const auto& name : sources.names()) {
            std::uint64_t dropped = 0;
            VIGIL_TRY(run, sources.run(name, dropped));
            const SeriesKey key{place.device, run.metric, run.channel};
            if (dropped > 0) {
                VIGIL_CHECK(take_from_series(database_, {place.patient, key}, dropped));
                compacted_.touched.insert(place.patient);
            }
            if (totals != nullptr && std::get<2>(name) == ValueKind::numeric)
                (*totals)[key] = total(run);
            runs.push_back(std::move(run));
        }
        for (const auto& row : rows) VIGIL_CHECK(chunks_.remove(row.id));
        return chunks_.write(place, runs, Effort::compaction);
    }

    Totals total(const SampleRun& run) const {
        const Normaliser normaliser(catalogue_.at(run.metric));
        RollupBuilder minutes(length_of(Resolution::minute)), hours(hour_length), days(day_length);
        for (const auto& sample : run.samples) {
            const auto& number = std::get<NumericValue>(sample.value);
            const auto normal =
                normaliser.normal(number.value, number.unit, number.special, sample.status);
            if (!normal) continue;
            minutes.add(sample.filed_time, *normal);
            hours.add(sample.filed_time, *normal);
            days.add(sample.filed_time, *normal);
        }
        return {minutes.finish(), hours.finish(), days.finish()};
    }

    Result<void> close(const OpenDay& open) {
        const Span day{open.day, open.day + day_length};
        VIGIL_TRY(rows, chunks_.find(open.patient, open.device, day));
        TotalsOf totals;
        for (const auto which : {SampleClass::vitals, SampleClass::events}) {
            std::vector<ChunkRow> of_class;
            std::ranges::copy_if(rows, std::back_inserter(of_class),
                                 [&](const ChunkRow& row) { return row.place.which == which; });
            if (of_class.empty()) continue;
            const ChunkPlace place{.patient = open.patient,
                                   .device = open.device,
                                   .which = which,
                                   .run = 0,
                                   .tier = Tier::day};
            VIGIL_CHECK(merge(of_class, place, &totals));
        }
        VIGIL_CHECK(put(open, day, std::move(totals)));
        return close_day(database_, open.patient, open.device, open.day);
    }

    // For every series that has roll-ups in that day or had some before.
    Result<void> put(const OpenDay& open, Span day, TotalsOf totals) {
        VIGIL_TRY(known, rolled_up(open));
        for (const auto& key : known) totals.try_emplace(key);
        for (const auto& [key, of] : totals) {
            const FiledSeries series{open.patient, key};
            VIGIL_CHECK(rollups_.replace(series, Resolution::minute, day, of.minutes));
            VIGIL_CHECK(rollups_.replace(series, Resolution::hour, day, of.hours));
            VIGIL_CHECK(rollups_.replace(series, Resolution::day, day, of.days));
        }
        return {};
    }

    Result<std::vector<SeriesKey>> rolled_up(const OpenDay& open) {
        VIGIL_TRY(select, database_.prepare("SELECT DISTINCT metric, channel FROM rollups WHERE "
                                            "patient = ? AND device = ? AND slot = ?"));
        select.bind(1, open.patient.value).bind(2, open.device.value).bind(3, unix_ns(open.day));
        std::vector<SeriesKey> keys;
        for (;;) {
            VIGIL_TRY(row, select.step());
            if (!row) return keys;
            keys.push_back({open.device, MetricId{static_cast<std::uint16_t>(select.integer(0))},
                            static_cast<std::uint16_t>(select.integer(1))});
        }
    }

    const Catalogue& catalogue_;
    Database& database_;
    ChunkTable chunks_;
    RollupTable rollups_;
    Compacted compacted_;
};

}  // namespace

Result<Compacted> compact_chunks(StoreFile& file, Database& database, const Catalogue& catalogue,
                                 Timestamp now) {
    return Compaction(file, database, catalogue).run(now);
}

Result<Compacted> close_days(StoreFile& file, Database& database, const Catalogue& catalogue,
                             Timestamp before) {
    return Compaction(file, database, catalogue).close_days(before);
}

}  // namespace vigil::store::sqlite
