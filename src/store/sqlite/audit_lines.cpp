#include "store/sqlite/audit_lines.hpp"

#include <algorithm>

namespace vigil::store::sqlite {

namespace {

constexpr const char* insert_line =
    "INSERT INTO audit(number, time, body, hash) VALUES(?, ?, ?, ?)";
constexpr const char* select_lines =
    "SELECT number, time, body, hash FROM audit WHERE number > ? ORDER BY number LIMIT ?";
constexpr const char* update_hash = "UPDATE audit SET hash = ?2 WHERE number = ?1";
constexpr std::int64_t lines_per_page = 4'096;

Result<void> insert(Database& database, const ChainEnd& line, Timestamp time,
                    std::string_view sealed) {
    VIGIL_TRY(statement, database.lend(insert_line));
    return statement->bind(1, static_cast<std::int64_t>(line.number))
        .bind(2, unix_ns(time))
        .bind_blob(3, sealed)
        .bind_blob(4, bytes_of(line.hash))
        .run();
}

}  // namespace

Result<void> AuditLines::load(Database& database) {
    VIGIL_TRY(last,
              database.prepare("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"));
    VIGIL_TRY(row, last.step());
    state_ = {};
    if (row) {
        state_.end.number = static_cast<std::uint64_t>(std::max<std::int64_t>(0, last.integer(0)));
        const auto hash = last.bytes(1);
        std::copy_n(hash.begin(), std::min(hash.size(), state_.end.hash.size()),
                    state_.end.hash.begin());
    }
    VIGIL_TRY(highest, highest_line_ever(database));
    state_.next = std::max(highest, state_.end.number) + 1;
    committed();
    return {};
}

Result<void> AuditLines::add(Database& database, Timestamp time, std::string_view sealed) {
    const auto put = [&] {
        const ChainEnd line{state_.next, hash_.of(state_.end.hash, state_.next, time, sealed)};
        auto done = insert(database, line, time, sealed);
        if (done) state_ = {.end = line, .next = line.number + 1};
        return done;
    };
    auto done = put();
    if (done) return done;
    // Somebody else has written to the file: what they wrote does not fit the chain, but the audit
    // goes on after it.
    VIGIL_TRY(highest, database.number("SELECT max(number) FROM audit"));
    if (std::cmp_less(highest, state_.next)) return done;
    state_.next = static_cast<std::uint64_t>(highest) + 1;
    return put();
}

void AuditLines::committed() {
    const std::lock_guard guard(committed_mutex_);
    committed_ = state_.end;
}

ChainEnd AuditLines::committed_end() const {
    const std::lock_guard guard(committed_mutex_);
    return committed_;
}

Result<bool> each_line(Database& database, std::int64_t after,
                       const std::function<void(const StoredLine&)>& visit) {
    VIGIL_TRY(select, database.lend(select_lines));
    select->bind(1, after).bind(2, lines_per_page);
    for (std::int64_t lines = 0;; ++lines) {
        VIGIL_TRY(row, select->step());
        if (!row) return lines == lines_per_page;
        visit({.number = static_cast<std::uint64_t>(select->integer(0)),
               .time = from_unix_ns(select->integer(1)),
               .body = select->bytes(2),
               .hash = select->bytes(3)});
    }
}

Result<void> chain_lines(Database& database) {
    ChainHash hash;
    ChainEnd end;
    for (bool more = true; more;) {
        std::vector<ChainEnd> page;
        VIGIL_TRY(
            further,
            each_line(database, static_cast<std::int64_t>(end.number), [&](const StoredLine& line) {
                end = {line.number, hash.of(end.hash, line.number, line.time, line.body)};
                page.push_back(end);
            }));
        more = further;
        for (const auto& line : page) {
            VIGIL_TRY(update, database.lend(update_hash));
            VIGIL_CHECK(update->bind(1, static_cast<std::int64_t>(line.number))
                            .bind_blob(2, bytes_of(line.hash))
                            .run());
        }
    }
    return {};
}

Result<std::uint64_t> highest_line_ever(Database& database) {
    VIGIL_TRY(highest, database.number("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"));
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, highest));
}

}  // namespace vigil::store::sqlite
