#pragma once
// SQLite as this room uses it: connections and statements that close themselves, and results that
// say what went wrong in words an operator can act on.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vigil::store::sqlite {

struct StatementCloser {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct ConnectionCloser {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

// Not thread-safe: a statement belongs to whoever holds its connection.
class Statement {
public:
    Statement() = default;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    // Bound text and blobs are not copied: they must live until `reset` or the next `step`.
    Statement& bind(int index, std::int64_t value) {
        sqlite3_bind_int64(statement_.get(), index, value);
        return *this;
    }
    Statement& bind_blob(int index, std::string_view bytes) {
        // A null pointer would bind NULL: an empty blob is something else.
        sqlite3_bind_blob64(statement_.get(), index, bytes.empty() ? "" : bytes.data(),
                            bytes.size(), SQLITE_STATIC);
        return *this;
    }
    Statement& bind_text(int index, std::string_view text) {
        sqlite3_bind_text64(statement_.get(), index, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8);
        return *this;
    }

    Result<bool> step();  // true: a row stands ready
    Result<void> run();   // to the end, rows ignored; then reset
    void reset() {
        sqlite3_reset(statement_.get());
        sqlite3_clear_bindings(statement_.get());
    }

    std::int64_t integer(int column) const {
        return sqlite3_column_int64(statement_.get(), column);
    }
    bool is_null(int column) const {
        return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
    }
    // Valid until the next step or reset.
    std::string_view bytes(int column) const {
        const void* data = sqlite3_column_blob(statement_.get(), column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
        return data == nullptr ? std::string_view()
                               : std::string_view(static_cast<const char*>(data), size);
    }

private:
    std::unique_ptr<sqlite3_stmt, StatementCloser> statement_;
};

// Statements that a connection keeps prepared, by the address of their text.
using PreparedStatements = std::unordered_map<const char*, std::vector<Statement>>;

// A statement on loan: goes back, reset, to the connection that keeps it prepared. Whoever needs
// the same one meanwhile is lent another.
class LentStatement {
public:
    LentStatement(PreparedStatements& home, const char* sql, Statement statement)
        : home_(&home), sql_(sql), statement_(std::move(statement)) {}
    LentStatement(LentStatement&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)),
          sql_(other.sql_),
          statement_(std::move(other.statement_)) {}
    LentStatement& operator=(LentStatement&&) = delete;
    ~LentStatement() {
        if (home_ == nullptr) return;
        statement_.reset();
        (*home_)[sql_].push_back(std::move(statement_));
    }
    Statement* operator->() { return &statement_; }
    Statement& operator*() { return statement_; }

private:
    PreparedStatements* home_;
    const char* sql_;
    Statement statement_;
};

enum class OpenMode : std::uint8_t { read_write, read_only };

class Database {
public:
    Database() = default;
    // `vfs` names the SQLite VFS, empty for the system's: tests pull the plug with their own.
    static Result<Database> open(const std::string& path, OpenMode mode,
                                 const std::string& vfs = {});

    Result<void> execute(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    // The same, prepared once: `sql` is a literal, known by its address.
    Result<LentStatement> lend(const char* sql);
    Result<std::int64_t> number(std::string_view sql);  // the first column of the first row, else 0
    sqlite3* handle() const { return connection_.get(); }

private:
    std::unique_ptr<sqlite3, ConnectionCloser> connection_;
    std::unique_ptr<PreparedStatements> prepared_;  // closed before the connection is
};

// BEGIN IMMEDIATE … COMMIT; rolls back unless committed.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

Error error_of(sqlite3* connection, int code);

}  // namespace vigil::store::sqlite
