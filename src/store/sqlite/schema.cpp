#include "store/sqlite/schema.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace vigil::store::sqlite {

Result<void> prepare_file(Database& database, const FileSchema& schema) {
    VIGIL_CHECK(
        database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=ON"));
    VIGIL_TRY(transaction, Transaction::begin(database));
    VIGIL_TRY(application, database.number("PRAGMA application_id"));
    VIGIL_TRY(version, database.number("PRAGMA user_version"));
    VIGIL_TRY(objects, database.number("SELECT count(*) FROM sqlite_schema"));
    if (objects == 0) {
        for (const auto* tables : schema.tables) VIGIL_CHECK(database.execute(tables));
        VIGIL_CHECK(database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}",
                                                 schema.application_id, schema.version)));
        return transaction.commit();
    }
    if (application != schema.application_id)
        return fail(Error::Kind::unsupported,
                    fmt::format("this file is not a Vigil {}", schema.what));
    if (version > 0 && version < schema.version &&
        std::cmp_equal(schema.upgrades.size(), schema.version - 1)) {
        for (auto step = version; step < schema.version; ++step)
            VIGIL_CHECK(database.execute(schema.upgrades[static_cast<std::size_t>(step - 1)]));
        if (schema.finish_upgrade != nullptr) VIGIL_CHECK(schema.finish_upgrade(database, version));
        VIGIL_CHECK(database.execute(fmt::format("PRAGMA user_version={}", schema.version)));
        return transaction.commit();
    }
    if (version != schema.version)
        return fail(Error::Kind::unsupported,
                    fmt::format("this {} was written by another version of Vigil (format {}, this "
                                "program reads {})",
                                schema.what, version, schema.version));
    return {};
}

Result<void> copy_database(const std::string& from, const std::string& to, const std::string& vfs) {
    if (std::filesystem::exists(to))
        return fail(Error::Kind::conflict, "the backup would overwrite a file", to);
    VIGIL_TRY(source, Database::open(from, OpenMode::read_only, vfs));
    VIGIL_TRY(target, Database::open(to, OpenMode::read_write, vfs));
    sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (backup == nullptr)
        return tl::unexpected(error_of(target.handle(), sqlite3_errcode(target.handle())));
    // In one step: it reads one snapshot however busy the source is.
    const int stepped = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (stepped != SQLITE_DONE) return tl::unexpected(error_of(target.handle(), stepped));
    return {};
}

}  // namespace vigil::store::sqlite
