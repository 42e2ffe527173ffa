#include "store/sqlite/log_schema.hpp"

#include <algorithm>
#include <string>

#include "base/hash.hpp"
#include "store/sqlite/schema.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr std::int64_t application_id = 0x56474C31;  // "VGL1"
constexpr std::int64_t schema_version = 1;

// One row a commit: SQL costs are paid once for all entries that one sync makes durable. `trimmed`
// says what stood in the log before its first commit, so that offsets go on where they were.
constexpr const char* tables = R"(
CREATE TABLE commits(
    first_offset INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    commit_time INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE trimmed(
    first_offset INTEGER PRIMARY KEY,
    end_offset INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;
)";

}  // namespace

Result<void> prepare_log_file(Database& database) {
    return prepare_file(database, {.application_id = application_id,
                                   .version = schema_version,
                                   .what = "log",
                                   .tables = tables});
}

Result<LogBounds> log_bounds(Database& database) {
    LogBounds bounds;
    VIGIL_TRY(trimmed, database.prepare("SELECT end_offset, last_time FROM trimmed "
                                        "ORDER BY first_offset DESC LIMIT 1"));
    VIGIL_TRY(any_trimmed, trimmed.step());
    if (any_trimmed) {
        bounds.first = bounds.end = static_cast<std::uint64_t>(trimmed.integer(0));
        bounds.last_time = from_unix_ns(trimmed.integer(1));
    }
    VIGIL_TRY(newest, database.prepare("SELECT first_offset + count, commit_time FROM commits "
                                       "ORDER BY first_offset DESC LIMIT 1"));
    VIGIL_TRY(any, newest.step());
    if (any) {
        bounds.end = std::max(bounds.end, static_cast<std::uint64_t>(newest.integer(0)));
        bounds.last_time = from_unix_ns(newest.integer(1));
        VIGIL_TRY(oldest, database.number("SELECT min(first_offset) FROM commits"));
        bounds.first = static_cast<std::uint64_t>(oldest);
    }
    return bounds;
}

Result<Forgotten> forget_commits(Database& database, std::uint64_t before, int rows_max) {
    VIGIL_TRY(transaction, Transaction::begin(database));
    Forgotten forgotten;
    std::uint64_t first = 0;
    std::int64_t first_time = 0, last_time = 0;
    std::string checksums;  // the digest is over the rows' checksums, which cover the bodies
    {
        VIGIL_TRY(rows, database.prepare(
                            "SELECT first_offset, count, commit_time, checksum FROM commits "
                            "WHERE first_offset + count <= ?1 ORDER BY first_offset LIMIT ?2"));
        rows.bind(1, static_cast<std::int64_t>(before)).bind(2, rows_max);
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) break;
            if (forgotten.rows++ == 0) {
                first = static_cast<std::uint64_t>(rows.integer(0));
                first_time = rows.integer(2);
            }
            forgotten.end = static_cast<std::uint64_t>(rows.integer(0) + rows.integer(1));
            last_time = rows.integer(2);
            const auto checksum = rows.integer(3);
            checksums.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
        }
    }
    if (forgotten.rows == 0) return forgotten;
    const auto digest = fingerprint(checksums);
    VIGIL_TRY(keep, database.prepare("INSERT INTO trimmed VALUES(?, ?, ?, ?, ?)"));
    keep.bind(1, static_cast<std::int64_t>(first))
        .bind(2, static_cast<std::int64_t>(forgotten.end))
        .bind(3, first_time)
        .bind(4, last_time)
        .bind_blob(5, {reinterpret_cast<const char*>(&digest), sizeof digest});
    VIGIL_CHECK(keep.run());
    VIGIL_TRY(remove, database.prepare("DELETE FROM commits WHERE first_offset < ?"));
    VIGIL_CHECK(remove.bind(1, static_cast<std::int64_t>(forgotten.end)).run());
    VIGIL_CHECK(transaction.commit());
    return forgotten;
}

}  // namespace vigil::store::sqlite
