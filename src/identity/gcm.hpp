#pragma once
// AES-256-GCM (NIST SP 800-38D) with the key schedule kept from one message to the next.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "identity/key256.hpp"

struct evp_cipher_ctx_st;

namespace vigil::identity {

constexpr std::size_t gcm_nonce_bytes = 12;
constexpr std::size_t gcm_tag_bytes = 16;
using GcmNonce = std::array<std::uint8_t, gcm_nonce_bytes>;

// One direction under one key; used by one thread at a time.
class GcmCipher {
public:
    enum class Direction : std::uint8_t { seal, open };
    GcmCipher(const Key256& key, Direction direction);

    // Appends ciphertext and tag. A nonce is never used twice under one key.
    void seal(const GcmNonce& nonce, std::string_view associated, std::string_view clear,
              std::string& out);
    // Appends the clear text; appends nothing and returns false if any byte was changed.
    bool open(const GcmNonce& nonce, std::string_view associated, std::string_view sealed,
              std::string& out);

private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    void begin(const GcmNonce& nonce, std::string_view associated);

    std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace vigil::identity
