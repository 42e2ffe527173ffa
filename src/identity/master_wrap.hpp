#pragma once
// The master key as it is stored: wrapped by a root key, which is a key of 32 bytes, a key of a
// PKCS #11 token, or a TPM's. All of it may be seen; none of it opens without the root key.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "identity/key256.hpp"
#include "identity/key_wrap.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

constexpr std::string_view master_purpose = "vigil master key";

// Tells root keys apart, and says nothing about them: a part of a SHA-256.
using KeyFingerprint = std::array<std::uint8_t, 8>;
KeyFingerprint fingerprint_of(const Key256& root);
std::string to_text(const KeyFingerprint& fingerprint);  // "3f2a 91bc 0d44 e8a7"

// AES-256-GCM under the root key itself.
struct KeyWrap {
    KeyFingerprint root{};
    KeyWrapBytes wrapped{};
    bool operator==(const KeyWrap&) const = default;
};

// How a token encrypted it (PKCS #11 v2.40).
enum class TokenMechanism : std::uint8_t {
    aes_gcm = 1,          // CKM_AES_GCM, master_purpose as additional data, tag of 16 bytes
    rsa_oaep_sha256 = 2,  // CKM_RSA_PKCS_OAEP, MGF1 with the same hash, no label
    rsa_oaep_sha1 = 3     // what many tokens have alone
};
struct TokenWrap {
    std::string token, key;  // labels
    TokenMechanism mechanism{};
    std::string nonce;  // of GCM
    std::string wrapped;
    bool operator==(const TokenWrap&) const = default;
};

// A sealed data object of a TPM 2.0, under the storage key that each TPM makes of its owner seed.
struct TpmWrap {
    std::string public_part, private_part;  // TPM2B_PUBLIC, TPM2B_PRIVATE as the TPM marshals them
    bool operator==(const TpmWrap&) const = default;
};

using MasterWrap = std::variant<KeyWrap, TokenWrap, TpmWrap>;

constexpr std::size_t master_wrap_bytes_max = 8'192;  // an RSA key of 16,384 bits fits
constexpr std::size_t token_label_bytes_max = 255;

// One byte for the alternative, then its fields, the long ones behind their length (LEB128).
std::string encode(const MasterWrap& wrap);
std::optional<MasterWrap> decode_master_wrap(std::string_view bytes);

// "the PKCS #11 token 'ward', key 'vigil'"
std::string describe(const MasterWrap& wrap);
// The word for scripts: "key", "pkcs11" or "tpm".
std::string_view kind_word(const MasterWrap& wrap);

}  // namespace vigil::identity
