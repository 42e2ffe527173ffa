#include "app/data_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "identity/key_file.hpp"
#include "store/sqlite/audit_passage.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/rebuild.hpp"
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
    folder->documents_ = store::sqlite::open_documents(*folder->file_);
    folder->audit_ = store::sqlite::open_audit(*folder->file_);
    folder->audit_passage_ = store::sqlite::open_audit_passage(*folder->file_);
    folder->quarantine_ = store::sqlite::open_quarantine(*folder->file_);
    folder->events_ = store::sqlite::open_events(*folder->file_);
    folder->records_ = store::sqlite::open_records(*folder->file_, options.clock);
    VIGIL_TRY(log, store::sqlite::open_log({.path = options.path + "/log.db",
                                            .sealer = sealer,
                                            .clock = options.clock,
                                            .committed = options.committed,
                                            .vfs = {}}));
    folder->log_ = std::move(log);
    VIGIL_CHECK(folder->open_audit_checkpoints(options));
    return folder;
}

Result<void> DataFolder::open_keys(const DataFolderOptions& options) {
    const auto random = identity::system_random();
    VIGIL_TRY(keys, identity::KeyFolder::open(options.path + "/keys"));
    keys_ = std::make_unique<identity::KeyFolder>(std::move(keys));
    VIGIL_TRY(key_store,
              identity::KeyStore::open(keys_->path(), options.roots, random, options.clock));
    key_store_ = std::move(key_store);
    sealer_ = std::make_unique<identity::GcmSealer>(key_store_->ring(), random);
    VIGIL_TRY(authority, keys_->authority(options.site_name, options.clock()));
    authority_ = std::make_unique<identity::CertificateAuthority>(std::move(authority));
    return {};
}

Result<void> DataFolder::open_audit_checkpoints(const DataFolderOptions& options) {
    VIGIL_TRY(key, keys_->audit_key(identity::system_random()));
    audit_checkpoints_ =
        std::make_unique<AuditCheckpoints>(AuditCheckpoints::Sources{.file = *file_,
                                                                     .documents = *documents_,
                                                                     .store_path = file_->path(),
                                                                     .keys = *keys_,
                                                                     .now = options.clock},
                                           key);
    return audit_checkpoints_->begin(options.restored);
}

Result<void> DataFolder::erase_key(PatientId patient, std::string_view act) {
    VIGIL_CHECK(key_store_->erase(patient, act));
    sealer_->forget(patient);
    return {};
}

Result<void> DataFolder::backup(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code failure;
    if (fs::exists(folder, failure) && !fs::is_empty(folder, failure))
        return fail(Error::Kind::conflict, "the folder for the backup is not empty", folder);
    VIGIL_CHECK(identity::make_private_folder(folder));
    VIGIL_TRY(checkpoint, audit_checkpoints_->make("backup"));
    (void)checkpoint;
    VIGIL_TRY(done, store::sqlite::backup(*log_, *file_, folder));
    (void)done;
    return {};
}

Result<store::sqlite::VerifyReport> DataFolder::verify(const Catalogue& catalogue) {
    return store::sqlite::verify({.log_path = path_ + "/log.db", .store_path = path_ + "/vigil.db"},
                                 *sealer_, catalogue);
}

Result<std::uint64_t> DataFolder::forget_derived() {
    if (const auto first = log_->first(); first.offset > 1)
        return fail(Error::Kind::unsupported,
                    fmt::format("the log begins at entry {}: what came before it is only in "
                                "vigil.db; restore a backup instead",
                                first.offset),
                    path_);
    std::uint64_t entries = 0;
    const auto read = log_->read({}, [&](const store::Entry&) { return ++entries != 0; });
    if (!read)
        return fail(Error::Kind::unsupported,
                    fmt::format("a commit of the log cannot be read ({}): what it held is only in "
                                "vigil.db; restore a backup instead",
                                read.error().message),
                    read.error().place);
    VIGIL_CHECK(store::sqlite::forget_derived(*file_));
    return entries;
}

void DataFolder::finish() {
    log_->finish();
    if (!std::exchange(finished_, true))
        if (const auto last = audit_checkpoints_->make("stop");
            !last && last.error().kind != Error::Kind::not_found)
            fmt::print(stderr, "vigil: no checkpoint of the audit was made: {}\n",
                       last.error().message);
    file_->finish();
}

}  // namespace vigil::app
