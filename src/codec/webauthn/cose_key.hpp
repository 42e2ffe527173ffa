#pragma once
// A public key as authenticators write it: COSE_Key (RFC 9052 7, RFC 9053, RFC 8230), of the three
// algorithms that Web Authentication asks every relying party to take first.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::codec::webauthn {

// IANA COSE Algorithms.
enum class CoseAlgorithm : std::int16_t { es256 = -7, eddsa = -8, rs256 = -257 };

struct PublicKey {
    CoseAlgorithm algorithm = CoseAlgorithm::es256;
    std::string x{}, y{};               // es256: 32 bytes each; eddsa: x, 32 bytes
    std::string modulus{}, exponent{};  // rs256: big-endian, no leading zeros
    bool operator==(const PublicKey&) const = default;
};

// RSA: 2048 to 4096 bits.
constexpr std::size_t rsa_modulus_bytes_min = 256, rsa_modulus_bytes_max = 512;
constexpr std::size_t cose_key_bytes_max = 1024;

// One key and nothing after it. `unsupported`: another algorithm, curve or type.
Result<PublicKey> decode_cose_key(std::string_view bytes);
// In the order of CTAP2 canonical CBOR.
std::string encode(const PublicKey& key);

}  // namespace vigil::codec::webauthn
