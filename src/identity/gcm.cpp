#include "identity/gcm.hpp"

#include <openssl/evp.h>

#include <limits>
#include <stdexcept>

namespace vigil::identity {
namespace {

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* bytes_of(std::string& text, std::size_t at) {
    return reinterpret_cast<std::uint8_t*>(text.data()) + at;
}

// The provider failing under a valid key is exhausted memory or a broken build.
void must(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL's AES-256-GCM failed");
}

int length_of(std::string_view text) {
    if (text.size() > std::numeric_limits<int>::max())
        throw std::length_error("a segment is longer than AES-GCM is used for here");
    return static_cast<int>(text.size());
}

}  // namespace

void GcmCipher::Free::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);
}

GcmCipher::GcmCipher(const Key256& key, Direction direction) : context_(EVP_CIPHER_CTX_new()) {
    if (!context_) throw std::bad_alloc();
    // Fetched once: looking the algorithm up by name costs more than sealing a short segment.
    static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    must(EVP_CipherInit_ex2(context_.get(), algorithm, key.data(), nullptr,
                            direction == Direction::seal ? 1 : 0, nullptr));
}

void GcmCipher::begin(const GcmNonce& nonce, std::string_view associated) {
    must(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), -1, nullptr));
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), nullptr, &written, bytes_of(associated),
                          length_of(associated)));
}

void GcmCipher::seal(const GcmNonce& nonce, std::string_view associated, std::string_view clear,
                     std::string& out) {
    begin(nonce, associated);
    const auto at = out.size();
    out.resize(at + clear.size() + gcm_tag_bytes);
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), bytes_of(out, at), &written, bytes_of(clear),
                          length_of(clear)));
    must(EVP_CipherFinal_ex(context_.get(), bytes_of(out, at + clear.size()), &written));
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag_bytes,
                             bytes_of(out, at + clear.size())));
}

bool GcmCipher::open(const GcmNonce& nonce, std::string_view associated, std::string_view sealed,
                     std::string& out) {
    if (sealed.size() < gcm_tag_bytes) return false;
    const auto length = sealed.size() - gcm_tag_bytes;
    begin(nonce, associated);
    const auto at = out.size();
    out.resize(at + length);
    std::string tag(sealed.substr(length));
    std::uint8_t nothing_left = 0;
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), bytes_of(out, at), &written, bytes_of(sealed),
                          length_of(sealed.substr(0, length))));
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, gcm_tag_bytes,
                             bytes_of(tag, 0)));
    if (EVP_CipherFinal_ex(context_.get(), &nothing_left, &written) == 1) return true;
    out.resize(at);
    return false;
}

}  // namespace vigil::identity
