#include "store/sqlite/record_upkeep.hpp"

#include <fmt/format.h>

#include "store/sqlite/record_body.hpp"
#include "store/sqlite/record_plan.hpp"

namespace vigil::store::sqlite {

Result<void> drop_record_index(const std::string& path, const std::string& vfs) {
    VIGIL_TRY(database, Database::open(path, OpenMode::read_write, vfs));
    VIGIL_TRY(there, database.number("SELECT count(*) FROM record_rows"));
    VIGIL_TRY(records, database.number("SELECT count(*) FROM records"));
    if (there == 0 && records == 0) return {};
    VIGIL_CHECK(database.execute(
        "BEGIN IMMEDIATE;"
        "DELETE FROM record_index; DELETE FROM record_rows;"
        "DELETE FROM record_texts;"
        "INSERT INTO record_words(record_words) VALUES('delete-all');"
        "INSERT INTO record_strings(record_strings) VALUES('delete-all');"
        "UPDATE record_index_state SET whole = 0;"
        // What keys stand under gets numbers anew, in the form of whoever reindexes.
        "DELETE FROM record_names WHERE kind IN (2, 6, 7);"
        "COMMIT"));
    // What was deleted still stands in free pages; and then in the log of this rewriting.
    VIGIL_CHECK(database.execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
    return {};
}

namespace {

class RecordCheck {
public:
    RecordCheck(StoreBodies& bodies, Database& database,
                const std::function<void(std::string)>& problem)
        : bodies_(bodies), database_(database), problem_(problem) {}

    Result<RecordCounts> run() {
        VIGIL_CHECK(names_.load(database_));
        VIGIL_CHECK(check_versions());
        VIGIL_CHECK(check_latest());
        VIGIL_TRY(whole, database_.number("SELECT whole FROM record_index_state"));
        if (whole != 0) VIGIL_CHECK(check_index());
        return counts_;
    }

private:
    void problem(std::uint64_t record, std::string_view what) {
        problem_(fmt::format("records: resource {}: {}", record, what));
    }

    Result<void> check_versions() {
        VIGIL_TRY(rows, database_.prepare(
                            "SELECT number, record, version, subject, body, "
                            "version - lag(version, 1, 0) OVER (PARTITION BY record ORDER BY "
                            "version) FROM record_versions ORDER BY number"));
        for (std::int64_t expected = 1;; ++expected) {
            VIGIL_TRY(row, rows.step());
            if (!row) return {};
            ++counts_.versions;
            const auto record = static_cast<std::uint64_t>(rows.integer(1));
            if (rows.integer(0) != expected) {
                problem_(fmt::format("records: changes {} to {} are missing", expected,
                                     rows.integer(0) - 1));
                expected = rows.integer(0);
            }
            if (rows.integer(5) != 1)
                problem(record, fmt::format("the version before {} is missing", rows.integer(2)));
            if (rows.is_null(4)) continue;
            std::optional<PatientId> subject;
            if (!rows.is_null(3)) subject = PatientId{static_cast<std::uint32_t>(rows.integer(3))};
            if (const auto body = unpacked_body(bodies_, subject, rows.bytes(4)); !body)
                problem(record,
                        fmt::format("version {}: {}", rows.integer(2), body.error().message));
        }
    }

    Result<void> check_latest() {
        VIGIL_TRY(rows, database_.prepare(
                            "SELECT r.record FROM records r LEFT JOIN record_versions v ON "
                            "v.number = r.latest WHERE r.version <> coalesce((SELECT max(version) "
                            "FROM record_versions m WHERE m.record = r.record), 0) OR (r.latest "
                            "<> 0 AND (v.record IS NOT r.record OR v.version <> r.version))"));
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) return {};
            problem(static_cast<std::uint64_t>(rows.integer(0)),
                    "its current version is not the last one kept");
        }
    }

    // Keys are counted on both sides: all of a resource's are there, and no more stand in all.
    Result<void> check_index() {
        VIGIL_TRY(rows, database_.prepare(
                            "SELECT r.record, w.rows FROM records r JOIN record_versions v ON "
                            "v.number = r.latest LEFT JOIN record_rows w ON w.record = r.record "
                            "WHERE v.body IS NOT NULL"));
        std::int64_t keys = 0;
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) break;
            ++counts_.resources;
            const auto record = static_cast<std::uint64_t>(rows.integer(0));
            if (rows.is_null(1)) {
                problem(record, "it is not in the search index");
                continue;
            }
            VIGIL_TRY(found, check_keys(record, rows.bytes(1)));
            keys += found;
        }
        VIGIL_TRY(all, database_.number("SELECT count(*) FROM record_index"));
        VIGIL_TRY(blobs, database_.number("SELECT count(*) FROM record_rows"));
        if (all != keys || static_cast<std::uint64_t>(blobs) != counts_.resources)
            problem_("records: the search index holds what is no current resource's");
        return {};
    }

    Result<std::int64_t> check_keys(std::uint64_t record, std::string_view bytes) {
        RowsReader reader(bytes);
        std::vector<StoredRow> rows;
        for (StoredRow row; reader.next(row);) rows.push_back(row);
        if (reader.damaged()) {
            problem(record, "what it is found by is damaged");
            return std::int64_t{0};
        }
        std::vector<IndexKey> keys;
        VIGIL_TRY(listing, find_listing(database_, names_, reader.head().type));
        append_listing_keys(listing, reader.head(), keys);
        append_keys(reader.head().type, rows, *names_.homes(), keys);
        put_in_order(keys);
        VIGIL_TRY(select, database_.lend("SELECT 1 FROM record_index WHERE parameter = ? AND "
                                         "key = ? AND record = ?"));
        std::int64_t found = 0;
        for (const auto& key : keys) {
            select->reset();
            VIGIL_TRY(there, select->bind(1, key.parameter)
                                 .bind_blob(2, key.key)
                                 .bind(3, static_cast<std::int64_t>(record))
                                 .step());
            if (there)
                ++found;
            else
                problem(record, "it is not found by all that stands in it");
        }
        return found;
    }

    StoreBodies& bodies_;
    Database& database_;
    RecordNames names_;
    const std::function<void(std::string)>& problem_;
    RecordCounts counts_;
};

}  // namespace

Result<RecordCounts> check_records(StoreBodies& bodies, Database& database,
                                   const std::function<void(std::string)>& problem) {
    return RecordCheck(bodies, database, problem).run();
}

}  // namespace vigil::store::sqlite
