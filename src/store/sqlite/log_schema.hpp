#pragma once
// The tables of log.db and what is asked of them.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

inline constexpr std::string_view insert_commit =
    "INSERT INTO commits(first_offset, count, commit_time, checksum, bytes, body) "
    "VALUES(?, ?, ?, ?, ?, ?)";
// The commit that holds an offset, or else the next one.
inline constexpr std::string_view select_commit_from =
    "SELECT first_offset, count, commit_time, checksum, body FROM commits WHERE first_offset >= "
    "coalesce((SELECT first_offset FROM commits WHERE first_offset <= ?1 AND "
    "first_offset + count > ?1 ORDER BY first_offset DESC LIMIT 1), ?1) "
    "ORDER BY first_offset LIMIT 1";

// Creates the tables where there are none; refuses a file of another program or a newer version.
Result<void> prepare_log_file(Database& database);

struct LogBounds {
    std::uint64_t first = 1, end = 1;
    Timestamp last_time;
    std::uint64_t bytes = 0;  // of all bodies ever written
};
Result<LogBounds> log_bounds(Database& database);

// Of the commit that holds the offset.
Result<Timestamp> commit_time_at(Database& database, std::uint64_t offset);

// The first commit not older than `since` of the newest whose bodies fit into `bytes_max`, found by
// halving: times and running byte counts only grow. The newest commit always counts.
Result<std::uint64_t> retained_from(Database& database, const LogBounds& bounds, Timestamp since,
                                    std::uint64_t bytes_max);

// Deletes commits that lie wholly before `before`, as many as one step may take (but one at least),
// and keeps their digest, in one transaction.
struct ForgetStep {
    int rows_max = 64;
    std::uint64_t bytes_max = std::uint64_t{1} << 20;
};
struct Forgotten {
    int rows = 0;
    std::uint64_t end = 0;
    bool more = false;
};
Result<Forgotten> forget_commits(Database& database, std::uint64_t before, const ForgetStep& step);

}  // namespace vigil::store::sqlite
