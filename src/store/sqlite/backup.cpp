#include "store/sqlite/backup.hpp"

#include <filesystem>

#include "store/sqlite/log_schema.hpp"
#include "store/sqlite/record_upkeep.hpp"
#include "store/sqlite/schema.hpp"

namespace vigil::store::sqlite {

namespace {

std::string in(const std::string& folder, const char* name) {
    return (std::filesystem::path(folder) / name).string();
}

Result<void> refuse_existing(const std::string& folder) {
    for (const auto* name : {log_name, store_name})
        if (std::filesystem::exists(in(folder, name)))
            return fail(Error::Kind::conflict, "the folder holds data already: choose an empty one",
                        in(folder, name));
    return {};
}

// What a copy says about itself, once SQLite has found it sound.
Result<void> check_sound(Database& database, const std::string& path) {
    VIGIL_TRY(check, database.prepare("PRAGMA quick_check(1)"));
    VIGIL_TRY(row, check.step());
    if (!row || check.bytes(0) != "ok")
        return fail(Error::Kind::malformed, "the copy is damaged", path);
    return {};
}

Result<BackupReport> report_of(const std::string& folder) {
    BackupReport report;
    VIGIL_TRY(log, Database::open(in(folder, log_name), OpenMode::read_only));
    VIGIL_CHECK(check_sound(log, in(folder, log_name)));
    VIGIL_TRY(store, Database::open(in(folder, store_name), OpenMode::read_only));
    VIGIL_CHECK(check_sound(store, in(folder, store_name)));
    VIGIL_TRY(bounds, log_bounds(log));
    report.log_end = {0, bounds.end};
    report.log_bytes = std::filesystem::file_size(in(folder, log_name));
    report.store_bytes = std::filesystem::file_size(in(folder, store_name));
    return report;
}

Result<BackupReport> copy_all(const std::string& backup_folder, const std::string& data) {
    for (const auto* name : {store_name, log_name})
        VIGIL_CHECK(copy_database(in(backup_folder, name), in(data, name), {}));
    return report_of(data);
}

}  // namespace

Result<BackupReport> backup(LogFile& log, StoreFile& store, const std::string& folder) {
    VIGIL_CHECK(refuse_existing(folder));
    // The store first: what it has applied is in the log that is copied after it.
    VIGIL_CHECK(store.backup(in(folder, store_name)));
    VIGIL_CHECK(log.backup(in(folder, log_name)));
    return report_of(folder);
}

Result<BackupReport> backup_idle(const std::string& data, const std::string& folder) {
    VIGIL_CHECK(refuse_existing(folder));
    for (const auto* name : {store_name, log_name})
        VIGIL_CHECK(copy_database(in(data, name), in(folder, name), {}));
    VIGIL_CHECK(drop_record_index(in(folder, store_name), {}));
    return report_of(folder);
}

Result<BackupReport> restore(const std::string& backup_folder, const std::string& data,
                             const std::function<Result<void>()>& before_copying) {
    VIGIL_CHECK(refuse_existing(data));
    VIGIL_CHECK(report_of(backup_folder));
    VIGIL_CHECK(before_copying());
    auto done = copy_all(backup_folder, data);
    std::error_code ignored;
    if (!done)
        for (const auto* name : {store_name, log_name})
            for (const auto* suffix : {"", "-wal", "-shm", "-journal"})
                std::filesystem::remove(in(data, name) + suffix, ignored);
    return done;
}

}  // namespace vigil::store::sqlite
