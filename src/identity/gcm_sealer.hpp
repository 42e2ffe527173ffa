#pragma once
// store::Sealer with AES-256-GCM under the subject's key. A sealed segment is
//
//     1 byte   1: under the subject's own key; 2: under the site's
//     12       nonce
//     n        the segment, encrypted
//     16       tag
//
// with the first byte and the subject as associated data: a segment moved to another subject does
// not open. From any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "identity/gcm.hpp"
#include "identity/key_ring.hpp"
#include "store/log.hpp"

namespace vigil::identity {

class GcmSealer final : public store::Sealer {
public:
    // The ring outlives the sealer.
    GcmSealer(KeyRing& ring, RandomSource random);

    // What is still sealed for a subject that was erased goes under a key that nobody keeps.
    // Where the subject's key cannot be made durable (disk full) the site's is used: sealed and
    // readable, but not erasable with the subject; `under_site_key` counts these.
    void seal(PatientId subject, std::string_view clear, std::string& sealed_out) override;
    // `not_found`: the subject was erased.
    Result<void> open(PatientId subject, std::string_view sealed, std::string& clear_out) override;
    // Drops what is kept ready of the subject's key, once the ring has erased it.
    void forget(PatientId subject);

    std::uint64_t under_site_key() const { return under_site_key_; }

    static constexpr std::size_t overhead_bytes = 1 + gcm_nonce_bytes + gcm_tag_bytes;
    // Ciphers kept ready for each direction: about 1 kB each.
    static constexpr std::size_t ciphers_max = 4'096;

private:
    using Pool = std::unordered_map<PatientId, std::vector<GcmCipher>>;
    GcmNonce next_nonce();
    static std::optional<GcmCipher> take(Pool& pool, std::size_t& count, PatientId owner);
    void put_back(Pool& pool, std::size_t& count, PatientId owner, GcmCipher cipher);

    KeyRing& ring_;
    RandomSource random_;
    std::atomic<std::uint64_t> under_site_key_ = 0;
    std::mutex mutex_;  // of all below; never held while bytes are encrypted
    Pool sealing_, opening_;
    std::size_t sealing_count_ = 0, opening_count_ = 0;
    std::array<std::uint8_t, 8> nonce_prefix_{};
    std::uint32_t nonce_counter_ = 0;
};

}  // namespace vigil::identity
