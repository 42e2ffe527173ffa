#include "identity/key_folder.hpp"

#include <algorithm>
#include <utility>

#include "identity/key_file.hpp"

namespace vigil::identity {
namespace {

constexpr std::string_view authority_name = "authority.pem";
constexpr std::string_view server_name = "server.pem";
constexpr std::string_view audit_name = "audit.key";
constexpr std::string_view checkpoints_name = "audit.checkpoints";
constexpr std::string_view signing_name = "signing.keys";
constexpr std::string_view restored_name = "audit.restored";
constexpr std::size_t checkpoints_bytes_max = std::size_t{16} << 20;  // beyond, half of it stays

}  // namespace

Result<KeyFolder> KeyFolder::open(std::string path) {
    VIGIL_CHECK(make_private_folder(path));
    return KeyFolder(std::move(path));
}

Result<CertificateAuthority> KeyFolder::authority(std::string_view site_name, Timestamp now) {
    VIGIL_TRY(stored, read_pair(authority_name));
    if (!stored.private_key_pem.empty()) return CertificateAuthority::load(stored);
    VIGIL_TRY(made, CertificateAuthority::create(site_name, now));
    VIGIL_CHECK(write_pair(authority_name, made.pair()));
    return std::move(made);
}

Result<KeyPair> KeyFolder::server_certificate(const CertificateAuthority& authority,
                                              const std::vector<std::string>& names,
                                              Timestamp now) {
    VIGIL_TRY(stored, read_pair(server_name));
    if (!stored.private_key_pem.empty() &&
        still_serves(stored.certificate_pem, authority, names, now))
        return std::move(stored);
    VIGIL_TRY(made, authority.issue_server(names, now));
    VIGIL_CHECK(write_pair(server_name, made.pair));
    return std::move(made.pair);
}

Result<AuditKey> KeyFolder::audit_key(const RandomSource& random) {
    Key256 seed{};
    VIGIL_TRY(stored, read_key_file(file(audit_name)));
    if (stored && stored->size() != seed.size())
        return fail(Error::Kind::malformed, "the audit's key is 32 bytes: restore the file",
                    file(audit_name));
    if (stored) {
        std::ranges::copy(*stored, seed.begin());
    } else {
        random(seed);
        VIGIL_CHECK(write_key_file(file(audit_name), std::string(seed.begin(), seed.end())));
    }
    return AuditKey(seed);
}

Result<std::vector<std::string>> KeyFolder::audit_checkpoints() const {
    VIGIL_TRY(bytes, read_key_file(file(checkpoints_name)));
    return store::split_checkpoints(bytes.value_or("")).checkpoints;
}

Result<void> KeyFolder::keep_audit_checkpoint(std::string_view text) const {
    VIGIL_TRY(bytes, read_key_file(file(checkpoints_name)));
    const auto there = bytes.value_or("");
    const auto kept = store::split_checkpoints(there);
    if (there.size() > checkpoints_bytes_max) {
        std::string newest;
        for (auto i = kept.checkpoints.size() / 2; i < kept.checkpoints.size(); ++i)
            newest += kept.checkpoints[i] + "\n";
        VIGIL_CHECK(write_key_file(file(checkpoints_name), newest));
    } else if (kept.whole != there.size()) {
        VIGIL_CHECK(shorten_key_file(file(checkpoints_name), kept.whole));
    }
    return append_key_file(file(checkpoints_name), std::string(text) + "\n");
}

Result<jose::SigningKeys> KeyFolder::signing_keys(Timestamp now) const {
    VIGIL_TRY(stored, read_key_file(file(signing_name)));
    auto keys = jose::SigningKeys::decode(stored.value_or(""));
    if (!keys) {
        keys.error().place = file(signing_name);
        return keys;
    }
    if (!keys->are_due(now)) return keys;
    auto rotated = keys->rotated(now);
    VIGIL_CHECK(write_key_file(file(signing_name), rotated.encode()));
    return rotated;
}

Result<void> KeyFolder::mark_restored() const {
    return write_key_file(file(restored_name), "a backup was restored\n");
}

Result<bool> KeyFolder::is_marked_restored() const {
    VIGIL_TRY(bytes, read_key_file(file(restored_name)));
    return bytes.has_value();
}

Result<void> KeyFolder::unmark_restored() const {
    return remove_key_file(file(restored_name));
}

// Both parts empty: not there yet.
Result<KeyPair> KeyFolder::read_pair(std::string_view name) const {
    VIGIL_TRY(stored, read_key_file(file(name)));
    if (!stored) return KeyPair{};
    const auto key = stored->find("-----BEGIN PRIVATE KEY-----");
    if (key == std::string::npos)
        return fail(Error::Kind::malformed, "there is no private key in this file", file(name));
    return KeyPair{stored->substr(0, key), stored->substr(key)};
}

// One file, so that a crash never leaves a key beside the certificate of another.
Result<void> KeyFolder::write_pair(std::string_view name, const KeyPair& pair) const {
    return write_key_file(file(name), pair.certificate_pem + pair.private_key_pem);
}

}  // namespace vigil::identity
