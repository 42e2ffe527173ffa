#include "store/sqlite/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/log_commit.hpp"
#include "store/sqlite/chunk_table.hpp"
#include "store/sqlite/record_upkeep.hpp"
#include "store/sqlite/rollup_table.hpp"
#include "store/sqlite/series_reading.hpp"
#include "store/sqlite/series_table.hpp"

namespace vigil::store::sqlite {

namespace {

std::string sentence(const Error& error) {
    return error.place.empty() ? error.message : fmt::format("{} ({})", error.message, error.place);
}

Result<void> check_pages(Database& database, const char* name, VerifyReport& report) {
    VIGIL_TRY(check, database.prepare("PRAGMA quick_check(100)"));
    for (;;) {
        const auto row = check.step();
        if (!row) {
            report.problem(fmt::format("{}: {}", name, sentence(row.error())));
            return {};
        }
        if (!*row) return {};
        if (check.bytes(0) != "ok") report.problem(fmt::format("{}: {}", name, check.bytes(0)));
    }
}

// Returns the end of the log.
Result<std::uint64_t> check_log(Database& database, Sealer& sealer, VerifyReport& report) {
    VIGIL_TRY(rows, database.prepare("SELECT first_offset, count, commit_time, checksum, body "
                                     "FROM commits ORDER BY first_offset"));
    VIGIL_TRY(trimmed, database.number("SELECT max(end_offset) FROM trimmed"));
    auto expected = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(trimmed));
    CommitDecoder decoder;
    Timestamp last_time = Timestamp::min();
    for (;;) {
        const auto row = rows.step();
        if (!row) {
            report.problem(fmt::format("log: {}", sentence(row.error())));
            return expected;
        }
        if (!*row) return expected;
        const auto first = static_cast<std::uint64_t>(rows.integer(0));
        const auto count = static_cast<std::uint64_t>(rows.integer(1));
        const auto time = from_unix_ns(rows.integer(2));
        ++report.commits;
        report.entries += count;
        if (first != expected)
            report.problem(
                fmt::format("log: entries 0:{} to 0:{} are missing", expected, first - 1));
        if (time < last_time)
            report.problem(fmt::format("log: time runs backwards at 0:{}", first));
        if (rows.integer(3) != commit_checksum(first, count, time, rows.bytes(4)))
            report.problem(fmt::format("log: the commit at 0:{} is damaged", first));
        else if (const auto entries =
                     decoder.decode(rows.bytes(4), {0, first}, count, time, sealer);
                 !entries)
            report.problem(
                fmt::format("log: the commit at 0:{}: {}", first, sentence(entries.error())));
        expected = first + count;
        last_time = time;
    }
}

class StoreCheck {
public:
    StoreCheck(StoreBodies& bodies, Database& database, const Catalogue& catalogue,
               VerifyReport& report)
        : bodies_(bodies), database_(database), catalogue_(catalogue), report_(report) {}

    Result<void> run(std::uint64_t log_end) {
        VIGIL_CHECK(check_consumers(log_end));
        VIGIL_CHECK(check_chunks());
        VIGIL_TRY(records, check_records(bodies_, database_, [this](std::string sentence) {
                      report_.problem(std::move(sentence));
                  }));
        report_.resources = records.resources;
        report_.versions = records.versions;
        return check_rollups();
    }

private:
    Result<void> check_consumers(std::uint64_t log_end) {
        VIGIL_TRY(rows, database_.prepare("SELECT name, log_offset FROM consumers"));
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) return {};
            if (static_cast<std::uint64_t>(rows.integer(1)) >= log_end)
                report_.problem(
                    fmt::format("store: consumer '{}' has applied 0:{}, which the log "
                                "does not have",
                                rows.bytes(0), rows.integer(1)));
        }
    }

    Result<void> check_chunks() {
        ChunkTable table(bodies_, database_);
        VIGIL_TRY(rows, database_.prepare("SELECT id, patient, device, class, run, tier, "
                                          "first_time, last_time FROM chunks ORDER BY id"));
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) return {};
            const ChunkRow chunk{
                .id = rows.integer(0),
                .place = {.patient = PatientId{static_cast<std::uint32_t>(rows.integer(1))},
                          .device = DeviceId{static_cast<std::uint32_t>(rows.integer(2))},
                          .which = static_cast<SampleClass>(rows.integer(3)),
                          .run = static_cast<std::uint32_t>(rows.integer(4)),
                          .tier = static_cast<Tier>(rows.integer(5))},
                .first = from_unix_ns(rows.integer(6)),
                .last = from_unix_ns(rows.integer(7))};
            ++report_.chunks;
            if (const auto checked = check_chunk(table, chunk); !checked)
                report_.problem(
                    fmt::format("store: chunk {}: {}", chunk.id, sentence(checked.error())));
        }
    }

    Result<void> check_chunk(ChunkTable& table, const ChunkRow& chunk) {
        VIGIL_TRY(clear, table.load(chunk));
        VIGIL_TRY(reader, ChunkReader::open(clear));
        std::vector<Sample> samples;
        auto first = Timestamp::max(), last = Timestamp::min();
        for (std::size_t i = 0; i < reader.runs().size(); ++i) {
            const auto& run = reader.runs()[i];
            samples.clear();
            VIGIL_CHECK(reader.samples(i, decoder_, samples));
            report_.samples += samples.size();
            if (samples.front().filed_time != run.first || samples.back().filed_time != run.last)
                return fail(Error::Kind::malformed, "a run's times are not those of its samples");
            first = std::min(first, run.first);
            last = std::max(last, run.last);
        }
        if (first != chunk.first || last != chunk.last)
            return fail(Error::Kind::malformed, "the chunk's times are not those of its samples");
        return {};
    }

    // Every series that has minutes of a day that is closed.
    Result<void> check_rollups() {
        VIGIL_TRY(taken, horizon(database_, SampleClass::vitals));
        VIGIL_TRY(rows, database_.prepare(
                            "SELECT patient, device, metric, channel, slot FROM rollups WHERE "
                            "level = 0 AND NOT EXISTS (SELECT 1 FROM open_days WHERE "
                            "open_days.patient = rollups.patient AND "
                            "open_days.device = rollups.device AND open_days.day = slot)"));
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) return {};
            const FiledSeries series{
                .patient = PatientId{static_cast<std::uint32_t>(rows.integer(0))},
                .key = {.device = DeviceId{static_cast<std::uint32_t>(rows.integer(1))},
                        .metric = MetricId{static_cast<std::uint16_t>(rows.integer(2))},
                        .channel = static_cast<std::uint16_t>(rows.integer(3))}};
            const auto day = from_unix_ns(rows.integer(4));
            ++report_.rolled_up_days;
            const auto matches = day < taken ? readable(series, day) : rollups_match(series, day);
            if (!matches || !*matches)
                report_.problem(fmt::format(
                    "store: roll-ups of device {} metric {} on {} are not those of its samples{}",
                    series.key.device.value, series.key.metric.value, format_rfc3339(day),
                    matches ? "" : ": " + sentence(matches.error())));
        }
    }

    // Of a day whose samples retention has taken.
    Result<bool> readable(const FiledSeries& series, Timestamp day) {
        RollupTable table(bodies_, database_);
        VIGIL_TRY(kept,
                  table.read(series, Resolution::minute, {day, day + length_of(Resolution::day)}));
        return !kept.empty();
    }

    Result<bool> rollups_match(const FiledSeries& series, Timestamp day) {
        const Span span{day, day + length_of(Resolution::day)};
        RollupTable table(bodies_, database_);
        VIGIL_TRY(reading, SeriesReading::begin(bodies_, database_, series.patient,
                                                {.keys = {series.key}, .parts = {}}));
        for (const auto level : {Resolution::minute, Resolution::hour, Resolution::day}) {
            VIGIL_TRY(kept, table.read(series, level, span));
            VIGIL_TRY(fresh,
                      reading.summed_up(series.key, catalogue_.at(series.key.metric), span, level));
            if (kept != fresh) return false;
        }
        return true;
    }

    StoreBodies& bodies_;
    Database& database_;
    const Catalogue& catalogue_;
    VerifyReport& report_;
    ColumnDecoder decoder_;
};

}  // namespace

Result<VerifyReport> verify(const DataFiles& files, Sealer& sealer, const Catalogue& catalogue) {
    VerifyReport report;
    VIGIL_TRY(log, Database::open(files.log_path, OpenMode::read_only, files.vfs));
    VIGIL_TRY(store, Database::open(files.store_path, OpenMode::read_only, files.vfs));
    // The store first, then the log: what the one has applied, the other has.
    VIGIL_CHECK(store.execute("BEGIN"));
    VIGIL_CHECK(check_pages(store, "store", report));
    VIGIL_CHECK(check_pages(log, "log", report));
    VIGIL_TRY(log_end, check_log(log, sealer, report));
    StoreBodies bodies(sealer);
    VIGIL_CHECK(StoreCheck(bodies, store, catalogue, report).run(log_end));
    return report;
}

}  // namespace vigil::store::sqlite
