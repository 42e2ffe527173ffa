// What is older than a site keeps goes: chunks by class, and the roll-ups that outlive them.

#include <algorithm>
#include <array>
#include <map>

#include "store/sqlite/rollup_table.hpp"
#include "store/sqlite/series_writing.hpp"

namespace vigil::store::sqlite {

namespace {

// What one transaction takes on: audit lines wait behind it.
constexpr int chunks_per_step = 64;
constexpr std::int64_t chunk_bytes_per_step = std::int64_t{2} << 20;
constexpr int rollups_per_step = 64;

constexpr auto day_length = length_of(Resolution::day);

struct Found {
    std::vector<ChunkRow> rows;
    bool more = false;
};

Result<Found> old_chunks(Database& database, SampleClass which, Timestamp day) {
    // Waveforms have no roll-ups to wait for.
    VIGIL_TRY(
        select,
        database.prepare("SELECT id, patient, device, run, tier, first_time, last_time, "
                         "length(body) FROM chunks INDEXED BY chunks_age WHERE class = ?1 AND "
                         "last_time < ?2 AND (?1 = ?3 OR NOT EXISTS (SELECT 1 FROM open_days WHERE "
                         "open_days.patient = chunks.patient AND open_days.device = chunks.device "
                         "AND day = first_time - (first_time % ?4 + ?4) % ?4)) "
                         "ORDER BY last_time LIMIT ?5"));
    select.bind(1, static_cast<int>(which))
        .bind(2, unix_ns(day))
        .bind(3, static_cast<int>(SampleClass::waveforms))
        .bind(4, day_length.count())
        .bind(5, chunks_per_step);
    Found found;
    for (std::int64_t bytes = 0;;) {
        VIGIL_TRY(row, select.step());
        if (!row) break;
        bytes += select.integer(7);
        found.more = !found.rows.empty() && bytes > chunk_bytes_per_step;
        if (found.more) break;
        found.rows.push_back(
            {.id = select.integer(0),
             .place = {.patient = PatientId{static_cast<std::uint32_t>(select.integer(1))},
                       .device = DeviceId{static_cast<std::uint32_t>(select.integer(2))},
                       .which = which,
                       .run = static_cast<std::uint32_t>(select.integer(3)),
                       .tier = static_cast<Tier>(select.integer(4))},
             .first = from_unix_ns(select.integer(5)),
             .last = from_unix_ns(select.integer(6))});
    }
    found.more = found.more || found.rows.size() == chunks_per_step;
    return found;
}

// How many samples of each series a chunk holds, taken from its row of `series`. A damaged chunk
// goes all the same: its samples could not be read.
Result<void> take_out(ChunkTable& chunks, Database& database, const ChunkRow& row,
                      std::set<FiledSeries>& touched) {
    const auto clear = chunks.load(row);
    if (!clear && clear.error().kind == Error::Kind::busy) return tl::unexpected(clear.error());
    if (const auto reader = clear ? ChunkReader::open(*clear) : tl::unexpected(clear.error())) {
        for (const auto& run : reader->runs()) {
            const FiledSeries series{row.place.patient,
                                     {row.place.device, run.metric, run.channel}};
            VIGIL_CHECK(take_from_series(database, series, run.count));
            touched.insert(series);
        }
    }
    return chunks.remove(row.id);
}

Result<bool> has_rollups(Database& database, const FiledSeries& series) {
    VIGIL_TRY(select, database.prepare("SELECT 1 FROM rollups WHERE patient = ? AND device = ? AND "
                                       "metric = ? AND channel = ? LIMIT 1"));
    select.bind(1, series.patient.value)
        .bind(2, series.key.device.value)
        .bind(3, series.key.metric.value)
        .bind(4, series.key.channel);
    return select.step();
}

// The time of the first sample that the chunks still hold, looked for from the oldest on.
Result<std::optional<Timestamp>> first_kept(ChunkTable& chunks, Database& database,
                                            const FiledSeries& series) {
    VIGIL_TRY(select, database.prepare("SELECT id, class, run, first_time, last_time FROM chunks "
                                       "WHERE patient = ? AND device = ? AND tier = ? "
                                       "ORDER BY first_time"));
    std::optional<Timestamp> first;
    for (const auto tier : {Tier::day, Tier::hour, Tier::flushed}) {
        select.reset();
        select.bind(1, series.patient.value)
            .bind(2, series.key.device.value)
            .bind(3, static_cast<int>(tier));
        for (bool found = false; !found;) {
            VIGIL_TRY(any, select.step());
            if (!any) break;
            const ChunkRow row{.id = select.integer(0),
                               .place = {.patient = series.patient,
                                         .device = series.key.device,
                                         .which = static_cast<SampleClass>(select.integer(1)),
                                         .run = static_cast<std::uint32_t>(select.integer(2)),
                                         .tier = tier},
                               .first = from_unix_ns(select.integer(3)),
                               .last = from_unix_ns(select.integer(4))};
            if (first && *first <= row.first) break;
            if (!may_hold(row, series.key)) continue;
            VIGIL_TRY(clear, chunks.load(row));
            VIGIL_TRY(reader, ChunkReader::open(clear));
            for (const auto& run : reader.runs()) {
                if (run.metric != series.key.metric || run.channel != series.key.channel) continue;
                first = first ? std::min(*first, run.first) : run.first;
                found = true;
            }
        }
    }
    return first;
}

// A series begins with what is left of it; where roll-ups reach further back, with them.
Result<void> settle_series(ChunkTable& chunks, Database& database, const FiledSeries& series) {
    VIGIL_TRY(rolled_up, has_rollups(database, series));
    if (rolled_up) return {};
    VIGIL_TRY(first, first_kept(chunks, database, series));
    VIGIL_TRY(update,
              database.prepare(first ? "UPDATE series SET first_time = ?5 WHERE patient = ?1 AND "
                                       "device = ?2 AND metric = ?3 AND channel = ?4"
                                     : "DELETE FROM series WHERE patient = ?1 AND device = ?2 AND "
                                       "metric = ?3 AND channel = ?4"));
    update.bind(1, series.patient.value)
        .bind(2, series.key.device.value)
        .bind(3, series.key.metric.value)
        .bind(4, series.key.channel);
    if (first) update.bind(5, unix_ns(*first));
    return update.run();
}

Result<ForgetStepDone> settle_all(StoreFile& file, Database& database,
                                  const std::set<FiledSeries>& touched, bool more) {
    ForgetStepDone done{.more = more, .patients = {}};
    ChunkTable chunks(file, database);
    for (const auto& series : touched) {
        VIGIL_CHECK(settle_series(chunks, database, series));
        done.patients.insert(series.patient);
    }
    return done;
}

}  // namespace

Result<ForgetStepDone> forget_chunks(StoreFile& file, Database& database, SampleClass which,
                                     Timestamp day) {
    VIGIL_CHECK(move_horizon(database, which, day));
    VIGIL_TRY(found, old_chunks(database, which, day));
    ChunkTable chunks(file, database);
    std::set<FiledSeries> touched;
    for (const auto& row : found.rows) VIGIL_CHECK(take_out(chunks, database, row, touched));
    return settle_all(file, database, touched, found.more);
}

Result<ForgetStepDone> forget_rollups(StoreFile& file, Database& database, Timestamp before) {
    std::set<FiledSeries> touched;
    bool more = false;
    VIGIL_TRY(remove, database.prepare("DELETE FROM rollups WHERE id IN (SELECT id FROM rollups "
                                       "INDEXED BY rollups_age WHERE level = ? AND slot < ? "
                                       "ORDER BY slot LIMIT ?) "
                                       "RETURNING patient, device, metric, channel"));
    for (const auto level : {Resolution::minute, Resolution::hour, Resolution::day}) {
        remove.reset();
        // A slot that `before` lies in is not over.
        remove.bind(1, static_cast<int>(level))
            .bind(2, unix_ns(slot_of(level, before).from))
            .bind(3, rollups_per_step);
        for (int rows = 0;; ++rows) {
            VIGIL_TRY(row, remove.step());
            if (!row) break;
            more = more || rows + 1 == rollups_per_step;
            touched.insert({PatientId{static_cast<std::uint32_t>(remove.integer(0))},
                            {DeviceId{static_cast<std::uint32_t>(remove.integer(1))},
                             MetricId{static_cast<std::uint16_t>(remove.integer(2))},
                             static_cast<std::uint16_t>(remove.integer(3))}});
        }
    }
    return settle_all(file, database, touched, more);
}

}  // namespace vigil::store::sqlite
