#include "app/data_folder.hpp"

#include <filesystem>

#include "identity/key_file.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/records.hpp"
#include "store/sqlite/series.hpp"

namespace vigil::app {

Result<std::unique_ptr<DataFolder>> DataFolder::open(const DataFolderOptions& options) {
    VIGIL_CHECK(identity::make_private_folder(options.path));
    auto folder = std::make_unique<DataFolder>();
    folder->path_ = options.path;
    VIGIL_CHECK(folder->open_keys(options));
    auto* sealer = folder->sealer_.get();
    VIGIL_TRY(file, store::sqlite::StoreFile::open(
                        {.path = options.path + "/vigil.db", .sealer = sealer}));
    folder->file_ = std::move(file);
    VIGIL_TRY(series, store::sqlite::open_series(*folder->file_, options.catalogue));
    folder->series_ = std::move(series);
    folder->snapshots_ = store::sqlite::open_snapshots(*folder->file_);
    folder->audit_ = store::sqlite::open_audit(*folder->file_);
    folder->quarantine_ = store::sqlite::open_quarantine(*folder->file_);
    VIGIL_TRY(log, store::sqlite::open_log({.path = options.path + "/log.db",
                                            .sealer = sealer,
                                            .clock = options.clock,
                                            .committed = options.committed,
                                            .vfs = {}}));
    folder->log_ = std::move(log);
    return folder;
}

Result<void> DataFolder::open_keys(const DataFolderOptions& options) {
    const auto random = identity::system_random();
    VIGIL_TRY(keys, identity::KeyFolder::open(options.path + "/keys"));
    keys_ = std::make_unique<identity::KeyFolder>(std::move(keys));
    VIGIL_TRY(master, keys_->master_key(random));
    VIGIL_TRY(ring, keys_->key_ring(master, random));
    ring_ = std::make_unique<identity::KeyRing>(std::move(ring));
    sealer_ = std::make_unique<identity::GcmSealer>(*ring_, random);
    VIGIL_TRY(authority, keys_->authority(options.site_name, options.clock()));
    authority_ = std::make_unique<identity::CertificateAuthority>(std::move(authority));
    return {};
}

Result<void> DataFolder::backup(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code failure;
    if (fs::exists(folder, failure) && !fs::is_empty(folder, failure))
        return fail(Error::Kind::conflict, "the folder for the backup is not empty", folder);
    VIGIL_CHECK(identity::make_private_folder(folder));
    VIGIL_TRY(done, store::sqlite::backup(*log_, *file_, folder));
    (void)done;
    return {};
}

Result<store::sqlite::VerifyReport> DataFolder::verify(const Catalogue& catalogue) {
    return store::sqlite::verify({.log_path = path_ + "/log.db", .store_path = path_ + "/vigil.db"},
                                 *sealer_, catalogue);
}

void DataFolder::finish() {
    log_->finish();
    file_->finish();
}

}  // namespace vigil::app
