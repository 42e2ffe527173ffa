#pragma once
// What a data folder holds, opened: keys, the log, and the stores of vigil.db. One process at a
// time.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/audit_checkpoints.hpp"
#include "base/result.hpp"
#include "identity/certificates.hpp"
#include "identity/gcm_sealer.hpp"
#include "identity/key_folder.hpp"
#include "identity/key_store.hpp"
#include "metric/catalogue.hpp"
#include "store/audit.hpp"
#include "store/audit_passage.hpp"
#include "store/documents.hpp"
#include "store/events.hpp"
#include "store/quarantine.hpp"
#include "store/records.hpp"
#include "store/series.hpp"
#include "store/snapshots.hpp"
#include "store/sqlite/log.hpp"
#include "store/sqlite/store_file.hpp"
#include "store/sqlite/verify.hpp"

namespace vigil::app {

struct DataFolderOptions {
    std::string path;
    identity::RootKeys roots = {};  // none named: keys/master.key
    std::string site_name;
    const Catalogue& catalogue;
    std::function<Timestamp()> clock;
    std::function<void(std::vector<store::Commit>)> committed;  // on the committer's thread
    bool restored = false;                                      // from a backup, just now
};

class DataFolder {
public:
    static Result<std::unique_ptr<DataFolder>> open(const DataFolderOptions& options);

    store::sqlite::LogFile& log() { return *log_; }
    store::SeriesStore& series() { return *series_; }
    store::Snapshots& snapshots() { return *snapshots_; }
    store::Documents& documents() { return *documents_; }
    store::Audit& audit() { return *audit_; }
    store::AuditPassage& audit_passage() { return *audit_passage_; }
    std::uint64_t newest_audit_line() const {  // that is on disk; any thread
        return file_->audit_lines().committed_end().number;
    }
    store::Quarantine& quarantine() { return *quarantine_; }
    store::EventStore& events() { return *events_; }
    store::RecordStore& records() { return *records_; }
    store::Consumers& consumers() { return *file_; }
    identity::KeyFolder& keys() { return *keys_; }
    identity::KeyStore& key_store() { return *key_store_; }
    identity::CertificateAuthority& authority() { return *authority_; }
    store::Sealer& sealer() { return *sealer_; }
    AuditCheckpoints& audit_checkpoints() { return *audit_checkpoints_; }
    const std::string& path() const { return path_; }

    store::sqlite::StoreFile& file() { return *file_; }

    // Destroys the patient's key, for good; `act`: the line that says so (identity/key_store.hpp).
    Result<void> erase_key(PatientId patient, std::string_view act);
    bool is_key_erased(PatientId patient) const { return key_store_->ring().is_erased(patient); }
    // A consistent copy of both files into an empty folder, while the server runs: vigil.db first,
    // so that the log covers it. No keys: what they open must not lie beside them.
    Result<void> backup(const std::string& folder);
    // Checks all that both files hold, beside the running server.
    Result<store::sqlite::VerifyReport> verify(const Catalogue& catalogue);
    // Throws away what the log can make again at the next start, and says how many entries that is;
    // refused where the log does not hold them all.
    Result<std::uint64_t> forget_derived();
    // Ends the stores' threads after what is queued and a checkpoint of the audit. No call that
    // writes may follow.
    void finish();

private:
    Result<void> open_keys(const DataFolderOptions& options);
    Result<void> open_audit_checkpoints(const DataFolderOptions& options);

    std::string path_;
    bool finished_ = false;
    std::unique_ptr<identity::KeyFolder> keys_;
    std::unique_ptr<identity::KeyStore> key_store_;
    std::unique_ptr<identity::GcmSealer> sealer_;
    std::unique_ptr<identity::CertificateAuthority> authority_;
    std::unique_ptr<store::sqlite::StoreFile> file_;
    std::unique_ptr<store::SeriesStore> series_;
    std::unique_ptr<store::Snapshots> snapshots_;
    std::unique_ptr<store::Documents> documents_;
    std::unique_ptr<store::Audit> audit_;
    std::unique_ptr<store::AuditPassage> audit_passage_;
    std::unique_ptr<store::Quarantine> quarantine_;
    std::unique_ptr<store::EventStore> events_;
    std::unique_ptr<store::RecordStore> records_;
    std::unique_ptr<AuditCheckpoints> audit_checkpoints_;
    std::unique_ptr<store::sqlite::LogFile> log_;
};

}  // namespace vigil::app
