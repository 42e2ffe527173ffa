#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace vigil {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

// Found once: looking it up takes longer than the digest of a short text.
const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> found(
        EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
    return found.get();
}

int value_of(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || algorithm() == nullptr) throw std::runtime_error("SHA-256 is not available");
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

Sha256Digest Sha256::of(std::initializer_list<std::string_view> parts) {
    Sha256Digest digest{};
    bool done = EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) == 1;
    for (const auto part : parts)
        done = done && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    if (!done || EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
        throw std::runtime_error("SHA-256 failed");
    return digest;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0xF];
    }
    return text;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
    if (text.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

}  // namespace vigil
