#pragma once
// How both files begin: whose they are, which version, and how they are written.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace vigil::store::sqlite {

struct FileSchema {
    std::int64_t application_id = 0;
    std::int64_t version = 0;
    const char* what = "";                     // "log": for the error
    std::span<const char* const> tables = {};  // CREATE statements for an empty file
    // What makes a file of version n + 1 of one of version n, from version 1 on.
    std::span<const char* const> upgrades = {};
    // What SQL cannot do of that; told the version that the file had.
    Result<void> (*finish_upgrade)(Database&, std::int64_t from) = nullptr;
};

// WAL, full sync, no checkpoint on this connection; then the tables where there are none, or the
// steps from an older version to this one. Refuses a file of another program or a newer version.
Result<void> prepare_file(Database& database, const FileSchema& schema);

// A consistent copy of a database that may be in use, to `to`, which must not exist yet.
Result<void> copy_database(const std::string& from, const std::string& to, const std::string& vfs);

}  // namespace vigil::store::sqlite
