#pragma once
// The key files of a data folder but for those of the data keys (identity/key_store.hpp). Every
// file is for its owner only (mode 0600, folder 0700), and one that others may read is refused.
//
//     keys/authority.pem            certificate and key of the authority for devices
//     keys/server.pem               those of the server, where the site brings none of its own
//     keys/audit.key                32 random bytes: the seed that checkpoints are signed with
//     keys/audit.checkpoints        the checkpoints of the audit, appended as they are made
//     keys/signing.keys             what tokens for apps are signed with, each from its time on
//     keys/audit.restored           there while a backup was put back and no checkpoint says so yet
//
// None of them belongs in a backup of the data folder: what they open must not lie beside it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/audit_key.hpp"
#include "identity/certificates.hpp"
#include "identity/jose/signing_keys.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

class KeyFolder {
public:
    // Makes the folder if it is not there.
    static Result<KeyFolder> open(std::string path);

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
    explicit KeyFolder(std::string path) : path_(std::move(path)) {}
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    Result<KeyPair> read_pair(std::string_view name) const;
    Result<void> write_pair(std::string_view name, const KeyPair& pair) const;

    std::string path_;
};

}  // namespace vigil::identity
