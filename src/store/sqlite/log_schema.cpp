#include "store/sqlite/log_schema.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/hash.hpp"
#include "store/sqlite/schema.hpp"

namespace vigil::store::sqlite {

namespace {

constexpr std::int64_t application_id = 0x56474C31;  // "VGL1"
constexpr std::int64_t schema_version = 2;

// One row a commit: SQL costs are paid once for all entries that one sync makes durable. `bytes`
// counts the bodies up to and with this one: where a bound in bytes lies is found without adding
// them up. `trimmed` says what stood in the log before its first commit, so that offsets go on
// where they were.
constexpr std::array<const char*, 1> tables{R"(
CREATE TABLE commits(
    first_offset INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    commit_time INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE trimmed(
    first_offset INTEGER PRIMARY KEY,
    end_offset INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;
)"};

// Commits of version 1 count as nothing: time bounds them.
constexpr std::array<const char*, 1> upgrades{
    "ALTER TABLE commits ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0"};

struct CommitRow {
    std::uint64_t first = 0;
    std::int64_t time = 0;
    std::uint64_t bytes_before = 0;  // of all bodies before this one
};

constexpr std::string_view select_commit_at =
    "SELECT first_offset, commit_time, bytes, length(body) FROM commits WHERE first_offset <= ? "
    "ORDER BY first_offset DESC LIMIT 1";

// The commit that holds `offset`.
Result<CommitRow> commit_holding(Statement& select, std::uint64_t offset) {
    select.reset();
    select.bind(1, static_cast<std::int64_t>(offset));
    VIGIL_TRY(row, select.step());
    if (!row) return fail(Error::Kind::internal, "the log has no such commit");
    const auto up_to = select.integer(2), own = select.integer(3);
    return CommitRow{
        .first = static_cast<std::uint64_t>(select.integer(0)),
        .time = select.integer(1),
        .bytes_before = static_cast<std::uint64_t>(std::max<std::int64_t>(0, up_to - own))};
}

}  // namespace

Result<void> prepare_log_file(Database& database) {
    return prepare_file(database, {.application_id = application_id,
                                   .version = schema_version,
                                   .what = "log",
                                   .tables = tables,
                                   .upgrades = upgrades});
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
    VIGIL_TRY(newest, database.prepare("SELECT first_offset + count, commit_time, bytes FROM "
                                       "commits ORDER BY first_offset DESC LIMIT 1"));
    VIGIL_TRY(any, newest.step());
    if (any) {
        bounds.end = std::max(bounds.end, static_cast<std::uint64_t>(newest.integer(0)));
        bounds.last_time = from_unix_ns(newest.integer(1));
        bounds.bytes = static_cast<std::uint64_t>(newest.integer(2));
        VIGIL_TRY(oldest, database.number("SELECT min(first_offset) FROM commits"));
        bounds.first = static_cast<std::uint64_t>(oldest);
    }
    return bounds;
}

Result<Timestamp> commit_time_at(Database& database, std::uint64_t offset) {
    VIGIL_TRY(select, database.prepare(select_commit_at));
    VIGIL_TRY(row, commit_holding(select, offset));
    return from_unix_ns(row.time);
}

Result<std::uint64_t> retained_from(Database& database, const LogBounds& bounds, Timestamp since,
                                    std::uint64_t bytes_max) {
    VIGIL_TRY(select, database.prepare(select_commit_at));
    VIGIL_TRY(next, database.prepare("SELECT min(first_offset) FROM commits WHERE "
                                     "first_offset > ?"));
    auto low = bounds.first, high = bounds.end;
    if (low >= high) return high;
    VIGIL_TRY(newest, commit_holding(select, high - 1));
    high = newest.first;
    // Below `low` no commit is kept; the one at `high` is.
    while (low < high) {
        VIGIL_TRY(middle, commit_holding(select, low + (high - low) / 2));
        const bool kept =
            middle.time >= unix_ns(since) && bounds.bytes - middle.bytes_before <= bytes_max;
        if (kept) {
            high = middle.first;
        } else {
            next.reset();
            VIGIL_CHECK(next.bind(1, static_cast<std::int64_t>(middle.first)).step());
            low = static_cast<std::uint64_t>(next.integer(0));
        }
    }
    return high;
}

Result<Forgotten> forget_commits(Database& database, std::uint64_t before, const ForgetStep& step) {
    VIGIL_TRY(transaction, Transaction::begin(database));
    Forgotten forgotten;
    std::uint64_t first = 0;
    std::int64_t first_time = 0, last_time = 0;
    std::string checksums;  // the digest is over the rows' checksums, which cover the bodies
    {
        VIGIL_TRY(rows, database.prepare(
                            "SELECT first_offset, count, commit_time, checksum, length(body) FROM "
                            "commits WHERE first_offset + count <= ?1 ORDER BY first_offset"));
        rows.bind(1, static_cast<std::int64_t>(before));
        std::uint64_t bytes = 0;
        for (;;) {
            VIGIL_TRY(row, rows.step());
            if (!row) break;
            bytes += static_cast<std::uint64_t>(rows.integer(4));
            forgotten.more =
                forgotten.rows == step.rows_max || (forgotten.rows > 0 && bytes > step.bytes_max);
            if (forgotten.more) break;
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
