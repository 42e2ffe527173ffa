#pragma once
// The key files of a data folder: the one part of identity/ that touches a disk. Every file is for
// its owner only (mode 0600, folder 0700), and one that others may read is refused.
//
//     keys/master.key               32 random bytes: wraps the data keys
//     keys/subject.keys             the wrapped data keys, appended as patients come
//     keys/erased.list              the patients whose key was destroyed, a line an act
//     keys/authority.pem            certificate and key of the authority for devices
//     keys/server.pem               those of the server, where the site brings none of its own
//     keys/audit.key                32 random bytes: the seed that checkpoints are signed with
//     keys/audit.checkpoints        the checkpoints of the audit, appended as they are made
//     keys/signing.keys             what tokens for apps are signed with, each from its time on
//     keys/audit.restored           there while a backup was put back and no checkpoint says so yet
//
// None of them belongs in a backup of the data folder: what they open must not lie beside it.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/audit_key.hpp"
#include "identity/certificates.hpp"
#include "identity/jose/signing_keys.hpp"
#include "identity/key_ring.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

class KeyFolder {
public:
    // Makes the folder if it is not there. `master_file`: where the site keeps the master key
    // instead, such as a credential that its service manager hands over; it is never made or
    // written, and may be readable to a group (systemd's are, by an access control list).
    static Result<KeyFolder> open(std::string path, std::string master_file = {});

    // Both made on first use, but for a master key that the site keeps elsewhere. The folder
    // outlives the ring.
    Result<Key256> master_key(const RandomSource& random);
    Result<KeyRing> key_ring(const Key256& master, const RandomSource& random);

    // The key of `subject` is nowhere in the folder when it returns, and no copy of subject.keys
    // that is put back brings it back: `line`, one of JSON that names the subject, joins
    // erased.list first. The ring of this folder forgets it too.
    Result<void> erase(KeyRing& ring, PatientId subject, std::string_view line);
    // The lines, oldest first.
    Result<std::vector<std::string>> erased() const;

    Result<CertificateAuthority> authority(std::string_view site_name, Timestamp now);
    // Made on first use, and anew when it is about to expire or lacks one of the names.
    Result<KeyPair> server_certificate(const CertificateAuthority& authority,
                                       const std::vector<std::string>& names, Timestamp now);

    // Made on first use.
    Result<AuditKey> audit_key(const RandomSource& random);
    // The texts of checkpoints, oldest first: a copy out of reach of whoever has the database only.
    // The newest of them, where they come to more than a file may hold.
    Result<std::vector<std::string>> audit_checkpoints() const;
    Result<void> keep_audit_checkpoint(std::string_view text) const;

    // Made on first use and rotated by age: to be asked again each hour or so, on a worker. A key
    // signs nothing before it is on the disk.
    Result<jose::SigningKeys> signing_keys(Timestamp now) const;

    // A restore is owed a checkpoint: known over a crash, and only to whoever has the keys, so that
    // nobody else has old data signed as restored.
    Result<void> mark_restored() const;
    Result<bool> is_marked_restored() const;
    Result<void> unmark_restored() const;

    const std::string& path() const { return path_; }

private:
    KeyFolder(std::string path, std::string master_file)
        : path_(std::move(path)), master_file_(std::move(master_file)) {}
    Result<Key256> kept_elsewhere() const;
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    Result<KeyPair> read_pair(std::string_view name) const;
    Result<void> write_pair(std::string_view name, const KeyPair& pair) const;
    Result<std::vector<WrappedKey>> wrapped_keys();
    Result<void> list_erased(PatientId subject, std::string_view line);
    Result<void> drop_keys(const std::unordered_set<PatientId>& subjects);

    std::string path_, master_file_;
    std::shared_ptr<std::mutex> subjects_file_ = std::make_shared<std::mutex>();  // and erased.list
};

}  // namespace vigil::identity
