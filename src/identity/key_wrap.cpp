#include "identity/key_wrap.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>

#include "identity/gcm.hpp"

namespace vigil::identity {

KeyWrapBytes wrap_key(const Key256& by, std::string_view purpose, const Key256& key,
                      const RandomSource& random) {
    GcmNonce nonce{};
    random(nonce);
    std::string clear(key.begin(), key.end()), sealed;
    GcmCipher(by, GcmCipher::Direction::seal).seal(nonce, purpose, clear, sealed);
    OPENSSL_cleanse(clear.data(), clear.size());
    KeyWrapBytes out{};
    std::ranges::copy(sealed, std::ranges::copy(nonce, out.begin()).out);
    return out;
}

std::optional<Key256> unwrap_key(const Key256& by, std::string_view purpose,
                                 const KeyWrapBytes& wrapped) {
    GcmNonce nonce{};
    const auto rest = std::next(wrapped.begin(), gcm_nonce_bytes);
    std::copy(wrapped.begin(), rest, nonce.begin());
    std::string clear;
    if (!GcmCipher(by, GcmCipher::Direction::open)
             .open(nonce, purpose, std::string(rest, wrapped.end()), clear))
        return std::nullopt;
    Key256 key{};
    std::ranges::copy(clear, key.begin());
    OPENSSL_cleanse(clear.data(), clear.size());
    return key;
}

}  // namespace vigil::identity
