#include "identity/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <stdexcept>

namespace vigil::identity {
namespace {

constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string base64url(std::span<const std::uint8_t> bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), base64_variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), base64_variant);
    text.pop_back();  // the terminator that libsodium writes
    return text;
}

}  // namespace

std::string base64url(std::string_view bytes) {
    return base64url(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

Result<std::string> from_base64url(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    const int failed =
        sodium_base642bin(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, nullptr, base64_variant);
    if (failed != 0) return fail(Error::Kind::malformed, "not base64url without padding");
    bytes.resize(length);
    return bytes;
}

RandomSource system_random() {
    if (sodium_init() < 0) throw std::runtime_error("the system's random source is not available");
    return [](std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); };
}

Digest sha256(std::string_view text) {
    Digest digest;
    SHA256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digest.bytes.data());
    return digest;
}

bool same_secret(const Digest& a, const Digest& b) {
    return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string new_secret(const RandomSource& random) {
    std::array<std::uint8_t, 32> bytes{};
    random(bytes);
    return base64url(bytes);
}

std::string derived_secret(std::string_view secret, std::string_view purpose) {
    std::array<std::uint8_t, 32> mac{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const std::uint8_t*>(purpose.data()), purpose.size(), mac.data(),
         &length);
    return base64url(mac);
}

std::string to_hex(const Digest& digest) {
    std::string text(2 * digest.bytes.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), digest.bytes.data(), digest.bytes.size());
    text.pop_back();
    return text;
}

Result<Digest> digest_from_hex(std::string_view hex) {
    Digest digest;
    std::size_t length = 0;
    const int failed = sodium_hex2bin(digest.bytes.data(), digest.bytes.size(), hex.data(),
                                      hex.size(), nullptr, &length, nullptr);
    if (failed != 0 || length != digest.bytes.size() || hex.size() != 2 * length)
        return fail(Error::Kind::malformed, "a SHA-256 digest is 64 hexadecimal digits");
    return digest;
}

}  // namespace vigil::identity
