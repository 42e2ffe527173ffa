#pragma once
// The tables of log.db and what is asked of them.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

inline constexpr std::string_view insert_commit =
    "INSERT INTO commits(first_offset, count, commit_time, checksum, body) VALUES(?, ?, ?, ?, ?)";
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
};
Result<LogBounds> log_bounds(Database& database);

// Deletes up to `rows_max` commits that lie wholly before `before` and keeps their digest, in one
// transaction.
struct Forgotten {
    int rows = 0;
    std::uint64_t end = 0;
};
Result<Forgotten> forget_commits(Database& database, std::uint64_t before, int rows_max);

}  // namespace vigil::store::sqlite
