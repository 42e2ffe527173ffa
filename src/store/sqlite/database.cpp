#include "store/sqlite/database.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "store/sqlite/gathering_vfs.hpp"

namespace vigil::store::sqlite {

namespace {

// Another process (a backup tool, the sqlite3 shell) may hold a lock for a moment.
constexpr int busy_timeout_ms = 10'000;

std::string_view cause(int code) {
    switch (code & 0xFF) {
        case SQLITE_FULL:
            return "the disk is full: free some space, then it goes on by itself";
        case SQLITE_READONLY:
            return "the data folder is read-only";
        case SQLITE_CANTOPEN:
            return "the file cannot be opened: check that the folder exists and may be written";
        case SQLITE_IOERR:
            return "the disk reported an error";
        case SQLITE_CORRUPT:
            return "the file is damaged: run 'vigil verify'";
        case SQLITE_NOTADB:
            return "the file is not a Vigil database";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "the file is locked by another program";
        default:
            return "the database refused";
    }
}

// SQLite counts its memory under one lock for all threads, which nobody here asks for. Refused, and
// without harm, where it has been started already.
void count_no_memory() {
    static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)configured;
}

Error::Kind kind_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_FULL:
        case SQLITE_READONLY:
        case SQLITE_IOERR:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error::Kind::busy;  // the sender may try again later
        default:
            return Error::Kind::internal;
    }
}

}  // namespace

Error error_of(sqlite3* connection, int code) {
    // Where it cannot make a file longer SQLite may call it an I/O error.
    if (const int why = connection != nullptr ? sqlite3_system_errno(connection) : 0;
        (code & 0xFF) == SQLITE_IOERR && (why == ENOSPC || why == EDQUOT || why == EFBIG))
        code = SQLITE_FULL;
    const char* name = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
    return {.kind = kind_of(code),
            .message = fmt::format(
                "{} (SQLite {}: {})", cause(code), code,
                connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code)),
            .place = name != nullptr ? name : ""};
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto* connection = sqlite3_db_handle(statement_.get());
    auto error = error_of(connection, sqlite3_extended_errcode(connection));
    sqlite3_reset(statement_.get());
    return tl::unexpected(std::move(error));
}

Result<void> Statement::run() {
    for (;;) {
        const auto row = step();
        if (!row || !*row) {
            reset();
            if (!row) return tl::unexpected(row.error());
            return {};
        }
    }
}

Result<Database> Database::open(const std::string& path, OpenMode mode, const std::string& vfs) {
    const int flags = (mode == OpenMode::read_only ? SQLITE_OPEN_READONLY
                                                   : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    count_no_memory();
    auto over = mode == OpenMode::read_only ? vfs : gathering_vfs(vfs);
    if (over.empty()) over = vfs;
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &raw, flags, over.empty() ? nullptr : over.c_str());
    Database database;
    database.connection_.reset(raw);
    database.prepared_ = std::make_unique<PreparedStatements>();
    if (code != SQLITE_OK) {
        auto error = error_of(raw, code);
        error.place = path;
        return tl::unexpected(std::move(error));
    }
    sqlite3_busy_timeout(raw, busy_timeout_ms);
    return database;
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return tl::unexpected(error_of(handle(), code));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return tl::unexpected(error_of(handle(), code));
    return Statement(statement);
}

Result<LentStatement> Database::lend(const char* sql) {
    auto& kept = (*prepared_)[sql];
    if (kept.empty()) {
        VIGIL_TRY(fresh, prepare(sql));
        return LentStatement(*prepared_, sql, std::move(fresh));
    }
    auto statement = std::move(kept.back());
    kept.pop_back();
    return LentStatement(*prepared_, sql, std::move(statement));
}

Result<std::int64_t> Database::number(std::string_view sql) {
    VIGIL_TRY(statement, prepare(sql));
    VIGIL_TRY(row, statement.step());
    return row ? statement.integer(0) : 0;
}

Result<Transaction> Transaction::begin(Database& database) {
    VIGIL_CHECK(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::~Transaction() {
    if (database_ == nullptr || sqlite3_get_autocommit(database_->handle()) != 0) return;
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
    VIGIL_CHECK(database_->execute("COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace vigil::store::sqlite
