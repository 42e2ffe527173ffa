#include "identity/key_folder.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "identity/key_file.hpp"

namespace vigil::identity {
namespace {

constexpr std::string_view master_name = "master.key";
constexpr std::string_view subjects_name = "subject.keys";
constexpr std::string_view erased_name = "erased.list";
constexpr std::string_view authority_name = "authority.pem";
constexpr std::string_view server_name = "server.pem";
constexpr std::string_view audit_name = "audit.key";
constexpr std::string_view checkpoints_name = "audit.checkpoints";
constexpr std::string_view signing_name = "signing.keys";
constexpr std::string_view restored_name = "audit.restored";
constexpr std::size_t checkpoints_bytes_max = std::size_t{16} << 20;  // beyond, half of it stays

// subject (4, big-endian), wrapped key (60), CRC-32C of both (4).
constexpr std::size_t record_bytes = 68;

std::string encode(const WrappedKey& key) {
    std::string out;
    ByteWriter writer(out);
    writer.big_endian(key.subject.value);
    out.append(key.wrapped.begin(), key.wrapped.end());
    writer.big_endian(crc32c(out));
    return out;
}

std::optional<WrappedKey> decode(std::string_view record) {
    ByteReader reader(record);
    WrappedKey key{.subject = PatientId{reader.big_endian<std::uint32_t>().value_or(0)}};
    const auto wrapped = reader.take(key.wrapped.size()).value_or("");
    const auto crc = reader.big_endian<std::uint32_t>();
    if (!crc || *crc != crc32c(record.substr(0, record.size() - sizeof *crc))) return std::nullopt;
    std::ranges::copy(wrapped, key.wrapped.begin());
    return key;
}

// Of a line of erased.list; 0: it names none.
PatientId subject_of(std::string_view line) {
    JsonDocument document;
    const auto object = document.parse(line);
    const auto number = object ? (*object)["patient"].integer() : std::nullopt;
    if (!number || !std::in_range<std::uint32_t>(*number)) return {};
    return PatientId{static_cast<std::uint32_t>(*number)};
}

}  // namespace

Result<KeyFolder> KeyFolder::open(std::string path, std::string master_file) {
    VIGIL_CHECK(make_private_folder(path));
    return KeyFolder(std::move(path), std::move(master_file));
}

Result<Key256> KeyFolder::kept_elsewhere() const {
    Key256 key{};
    VIGIL_TRY(stored, read_key_file(master_file_, KeyReaders::owner_and_group));
    if (!stored)
        return fail(Error::Kind::not_found, "the master key should be in this file", master_file_);
    if (stored->size() != key.size())
        return fail(Error::Kind::malformed, "the master key is 32 bytes", master_file_);
    std::ranges::copy(*stored, key.begin());
    return key;
}

Result<Key256> KeyFolder::master_key(const RandomSource& random) {
    if (!master_file_.empty()) return kept_elsewhere();
    Key256 key{};
    VIGIL_TRY(stored, read_key_file(file(master_name)));
    if (stored && stored->size() != key.size())
        return fail(Error::Kind::malformed, "the master key is 32 bytes: restore the file",
                    file(master_name));
    if (stored) {
        std::ranges::copy(*stored, key.begin());
        return key;
    }
    // With data keys there, a new master key would only hide that the old one is lost.
    VIGIL_TRY(subjects, read_key_file(file(subjects_name)));
    if (subjects && !subjects->empty())
        return fail(Error::Kind::not_found, "the master key is missing: put the file back",
                    file(master_name));
    random(key);
    VIGIL_CHECK(write_key_file(file(master_name), std::string(key.begin(), key.end())));
    return key;
}

// A sync makes as many patients ready.
constexpr std::uint32_t keys_made_at_once = 64;

Result<KeyRing> KeyFolder::key_ring(const Key256& master, const RandomSource& random) {
    VIGIL_TRY(lines, erased());
    std::unordered_set<PatientId> gone;
    for (const auto& line : lines)
        if (const auto subject = subject_of(line)) gone.insert(subject);
    if (!gone.empty()) VIGIL_CHECK(drop_keys(gone));  // of an older copy of subject.keys
    VIGIL_TRY(stored, wrapped_keys());
    VIGIL_TRY(ring, KeyRing::open(
                        master, stored, random,
                        [path = file(subjects_name),
                         mutex = subjects_file_](std::span<const WrappedKey> keys) {
                            std::string bytes;
                            for (const auto& key : keys) bytes += encode(key);
                            const std::scoped_lock lock(*mutex);
                            return append_key_file(path, bytes);
                        },
                        keys_made_at_once));
    for (const auto subject : gone) ring.erase(subject);
    return std::move(ring);
}

Result<void> KeyFolder::erase(KeyRing& ring, PatientId subject, std::string_view line) {
    VIGIL_CHECK(list_erased(subject, line));
    // From here on none is made for it, and none is added to the file while that is written.
    ring.erase(subject);
    return drop_keys({subject});
}

Result<void> KeyFolder::list_erased(PatientId subject, std::string_view line) {
    const std::scoped_lock lock(*subjects_file_);
    VIGIL_TRY(lines, erased());
    for (const auto& each : lines)
        if (subject_of(each) == subject) return {};
    lines.emplace_back(line);
    std::string bytes;
    for (const auto& each : lines) bytes += each + "\n";
    return write_key_file(file(erased_name), bytes);
}

Result<std::vector<std::string>> KeyFolder::erased() const {
    VIGIL_TRY(bytes, read_key_file(file(erased_name)));
    std::vector<std::string> lines;
    for (std::string_view rest = bytes ? std::string_view(*bytes) : std::string_view();;) {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) return lines;
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
}

Result<void> KeyFolder::drop_keys(const std::unordered_set<PatientId>& subjects) {
    const std::scoped_lock lock(*subjects_file_);
    VIGIL_TRY(stored, wrapped_keys());
    std::string rest;
    for (const auto& key : stored)
        if (!subjects.contains(key.subject)) rest += encode(key);
    if (rest.size() == stored.size() * record_bytes) return {};
    return replace_key_file(file(subjects_name), rest);
}

Result<std::vector<WrappedKey>> KeyFolder::wrapped_keys() {
    VIGIL_TRY(bytes, read_key_file(file(subjects_name)));
    std::vector<WrappedKey> keys;
    if (!bytes) return keys;
    const std::size_t whole = bytes->size() / record_bytes * record_bytes;
    for (std::size_t at = 0; at < whole; at += record_bytes) {
        const auto key = decode(std::string_view(*bytes).substr(at, record_bytes));
        // Nothing was sealed under a key whose record was not whole on the disk: a bad last record
        // is one that a crash cut short. Before that, something has changed the file.
        if (!key && at + 2 * record_bytes <= bytes->size())
            return fail(Error::Kind::malformed,
                        "a data key is damaged: restore the file from its own copy",
                        file(subjects_name) + ", byte " + std::to_string(at));
        if (!key) {
            VIGIL_CHECK(shorten_key_file(file(subjects_name), at));
            return keys;
        }
        keys.push_back(*key);
    }
    if (whole != bytes->size()) VIGIL_CHECK(shorten_key_file(file(subjects_name), whole));
    return keys;
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
