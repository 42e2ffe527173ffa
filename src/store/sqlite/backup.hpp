#pragma once
// Both files, copied while they are in use, such that the copy of the log has all that the copy of
// the store has applied. Bodies stay sealed: keys are backed up elsewhere (identity/).

#include <cstdint>
#include <functional>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/sqlite/log.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

struct BackupReport {
    std::uint64_t log_bytes = 0, store_bytes = 0;
    Position log_end;  // after the newest entry in the copy
};

// Into an existing folder that holds neither file.
Result<BackupReport> backup(LogFile& log, StoreFile& store, const std::string& folder);
// Of a data folder that no server uses.
Result<BackupReport> backup_idle(const std::string& data, const std::string& folder);

// Puts a backup into a data folder that holds neither file, after SQLite has found both copies
// sound. `before_copying` is called once nothing speaks against it; where it or the copying fails,
// no copy is left.
Result<BackupReport> restore(
    const std::string& backup_folder, const std::string& data,
    const std::function<Result<void>()>& before_copying = [] { return Result<void>(); });

inline constexpr const char* log_name = "log.db";
inline constexpr const char* store_name = "vigil.db";

}  // namespace vigil::store::sqlite
