#include "store/sqlite/erasure.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/sqlite/record_names.hpp"

namespace vigil::store::sqlite {
namespace {

constexpr int resources_a_step = 64, versions_a_step = 512;
constexpr int merge_pages = 500;
constexpr int steps_max = 1'000'000;  // a bound for what must end by itself

// Current ones, whoever their earlier versions were about.
constexpr const char* select_current =
    "SELECT n.name, r.id, v.number FROM record_versions v JOIN records r ON r.latest = v.number "
    "JOIN record_names n ON n.number = r.type "
    "WHERE v.subject = ?1 AND v.number > ?2 AND v.body IS NOT NULL ORDER BY v.number LIMIT ?3";
constexpr const char* select_bodies =
    "SELECT max(number) FROM (SELECT number FROM record_versions WHERE subject = ?1 AND "
    "number > ?2 AND body IS NOT NULL ORDER BY number LIMIT ?3)";
constexpr const char* clear_bodies =
    "UPDATE record_versions SET body = NULL WHERE subject = ?1 AND number > ?2 AND number <= ?3 "
    "AND body IS NOT NULL";

Result<void> written(StoreFile& file, StoreFile::Work work) {
    return await<void>([&](Done done) { file.write(std::move(work), std::move(done)); });
}

struct Named {
    std::string type, id;
    std::int64_t number = 0;
};

Result<std::vector<Named>> current_after(StoreFile& file, PatientId patient, std::int64_t after) {
    using All = std::vector<Named>;
    return file.read<All>([&](Database& database) -> Result<All> {
        VIGIL_TRY(rows, database.prepare(select_current));
        rows.bind(1, patient.value).bind(2, after).bind(3, resources_a_step);
        All all;
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) return all;
            all.push_back(
                {std::string(rows.bytes(0)), std::string(rows.bytes(1)), rows.integer(2)});
        }
    });
}

// A deletion takes them out of every index, and is what whoever asks for them is told.
Result<std::uint64_t> delete_resources(StoreFile& file, RecordStore& records, const Access& access,
                                       PatientId patient) {
    std::uint64_t count = 0;
    for (std::int64_t after = 0;;) {
        VIGIL_TRY(named, current_after(file, patient, after));
        if (named.empty()) return count;
        VIGIL_CHECK(await<void>([&](Done done) {
            records.write(
                access,
                [&named](RecordTransaction& transaction) -> Result<void> {
                    for (const auto& each : named)
                        VIGIL_CHECK(transaction.remove(each.type, each.id, "DELETE"));
                    return {};
                },
                std::move(done));
        }));
        count += named.size();
        after = named.back().number;
    }
}

// Old versions too, whatever they are of by now.
Result<std::uint64_t> clear_versions(StoreFile& file, PatientId patient) {
    std::uint64_t count = 0;
    for (std::int64_t after = 0;;) {
        std::int64_t up_to = 0, changed = 0;
        VIGIL_CHECK(written(file, [&](Database& database) -> Result<void> {
            VIGIL_TRY(select, database.prepare(select_bodies));
            VIGIL_TRY(row,
                      select.bind(1, patient.value).bind(2, after).bind(3, versions_a_step).step());
            up_to = row && !select.is_null(0) ? select.integer(0) : 0;
            if (up_to == 0) return {};
            VIGIL_TRY(clear, database.prepare(clear_bodies));
            VIGIL_CHECK(clear.bind(1, patient.value).bind(2, after).bind(3, up_to).run());
            changed = sqlite3_changes64(database.handle());
            return {};
        }));
        if (up_to == 0) return count;
        count += static_cast<std::uint64_t>(changed);
        after = up_to;
    }
}

Result<std::uint64_t> delete_of(StoreFile& file, const char* sql, PatientId patient) {
    std::int64_t changed = 0;
    VIGIL_CHECK(written(file, [&](Database& database) -> Result<void> {
        VIGIL_TRY(statement, database.prepare(sql));
        VIGIL_CHECK(statement.bind(1, patient.value).run());
        changed = sqlite3_changes64(database.handle());
        return {};
    }));
    return static_cast<std::uint64_t>(changed);
}

// FTS5 writes deletions beside what they delete, until segments are merged.
Result<void> merge_texts(StoreFile& file, const char* table) {
    for (int step = 0; step < steps_max; ++step) {
        std::int64_t changed = 0;
        VIGIL_CHECK(written(file, [&](Database& database) -> Result<void> {
            const auto before = sqlite3_total_changes64(database.handle());
            // Below zero: all segments together, as 'optimize' does in one go.
            VIGIL_CHECK(
                database.execute(fmt::format("INSERT INTO {0}({0}, rank) VALUES('merge', {1})",
                                             table, step == 0 ? -merge_pages : merge_pages)));
            changed = sqlite3_total_changes64(database.handle()) - before;
            return {};
        }));
        if (changed < 2) return {};  // FTS5: nothing was left to merge
    }
    return {};
}

// Readers look at one page of the log after the other: it is only rarely that all are away.
Result<void> truncate_log(StoreFile& file) {
    constexpr int tries = 60;
    const auto& path = file.path();
    const StoreFile::NoSnapshots none(file);
    VIGIL_TRY(database, Database::open(path, OpenMode::read_write, {}));
    sqlite3_busy_timeout(database.handle(), 500);
    for (int i = 0; i < tries; ++i) {
        VIGIL_TRY(busy, database.number("PRAGMA wal_checkpoint(TRUNCATE)"));
        if (busy == 0) return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return fail(Error::Kind::busy, "the write-ahead log is being read: it keeps what was deleted",
                path);
}

}  // namespace

Result<void> refuse_writes_of(StoreFile& file, PatientId patient) {
    return written(file, [&file, patient](Database&) -> Result<void> {
        file.refuse_writes_of(patient);
        return {};
    });
}

Result<ErasedRows> erase_rows(StoreFile& file, RecordStore& records, const Access& access,
                              PatientId patient) {
    ErasedRows erased;
    VIGIL_CHECK(refuse_writes_of(file, patient));
    VIGIL_TRY(resources, delete_resources(file, records, access, patient));
    erased.resources = resources;
    VIGIL_TRY(versions, clear_versions(file, patient));
    erased.versions = versions;
    VIGIL_TRY(quarantined, delete_of(file, "DELETE FROM quarantine WHERE subject = ?", patient));
    erased.quarantined = quarantined;
    VIGIL_TRY(events, delete_of(file, "DELETE FROM events WHERE subject = ?", patient));
    erased.events = events;
    VIGIL_TRY(documents, delete_of(file, "DELETE FROM documents WHERE subject = ?", patient));
    erased.documents = documents;
    return erased;
}

Result<std::optional<Timestamp>> last_written(StoreFile& file, PatientId patient) {
    using Found = std::optional<Timestamp>;
    return file.read<Found>([&](Database& database) -> Result<Found> {
        VIGIL_TRY(select,
                  database.prepare("SELECT max(updated) FROM record_versions WHERE subject = ?"));
        VIGIL_TRY(row, select.bind(1, patient.value).step());
        if (!row || select.is_null(0)) return Found();
        return Found(from_unix_ns(select.integer(0)));
    });
}

Result<void> wipe_deleted(StoreFile& file) {
    for (const auto* table : {"record_words", "record_strings"})
        VIGIL_CHECK(merge_texts(file, table));
    return truncate_log(file);
}

}  // namespace vigil::store::sqlite
