#pragma once
// Keys of OpenSSL made of their numbers: what a COSE_Key (RFC 9052) and a JSON Web Key (RFC 7517)
// both say, each in its own way.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace vigil::identity {

// Nothing: these are no numbers of such a key. Checking a signature leaves a key as it is, from any
// thread.
using EvpKey = std::shared_ptr<evp_pkey_st>;

enum class Curve : std::uint8_t { p256, p384 };

// Of one coordinate, and of each half of a signature that is written r || s.
constexpr std::size_t coordinate_bytes(Curve curve) {
    return curve == Curve::p256 ? 32 : 48;
}

// Big-endian, each of the curve's length. A point that is not on the curve makes no key.
EvpKey elliptic_key(Curve curve, std::string_view x, std::string_view y);
// Big-endian, as long as they come.
EvpKey rsa_key(std::string_view modulus, std::string_view exponent);

// How many bits the modulus of a key of RSA has, or the order of a curve.
int bits_of(const EvpKey& key);

// The hash that goes before a signature; none for Ed25519, which hashes by itself (RFC 8032).
enum class SignatureHash : std::uint8_t { none, sha256, sha384 };

// ECDSA: `signature` is ASN.1's DER. RSA: PKCS #1 v1.5 (RFC 8017 8.2).
bool is_signed_by(const EvpKey& key, SignatureHash hash, std::string_view message,
                  std::string_view signature);

// The same with the private half. Throws where OpenSSL cannot.
std::string signed_by(const EvpKey& key, SignatureHash hash, std::string_view message);

}  // namespace vigil::identity
