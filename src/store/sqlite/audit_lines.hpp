#pragma once
// The lines of the audit as they stand in vigil.db, and the end of their chain.

#include <functional>
#include <mutex>

#include "store/audit_chain.hpp"
#include "store/audit_check.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

// The writer's thread has it to itself, but for `committed_end`. Work that is undone is followed by
// `back_to` where the chain stood before it.
class AuditLines {
public:
    Result<void> load(Database& database);
    // Within a transaction.
    Result<void> add(Database& database, Timestamp time, std::string_view sealed);

    struct State {
        ChainEnd end;
        std::uint64_t next = 1;  // no number is given twice, whatever became of the lines
    };
    const State& state() const { return state_; }
    void back_to(const State& state) { state_ = state; }
    void committed();
    ChainEnd committed_end() const;  // any thread

private:
    ChainHash hash_;
    State state_;
    mutable std::mutex committed_mutex_;
    ChainEnd committed_;
};

// Chains lines that have no hashes; of a file from before there were any.
Result<void> chain_lines(Database& database);

// Some lines above `after`, in order; whether there may be more.
Result<bool> each_line(Database& database, std::int64_t after,
                       const std::function<void(const StoredLine&)>& visit);

// The highest number that was ever given.
Result<std::uint64_t> highest_line_ever(Database& database);

}  // namespace vigil::store::sqlite
