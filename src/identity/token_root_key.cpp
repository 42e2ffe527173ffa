#include "identity/token_root_key.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "identity/gcm.hpp"

namespace vigil::identity {
namespace {

Result<Key256> unwrap_in(TokenSession& session, const TokenWrap& wrap) {
    VIGIL_TRY(clear, session.decrypt(wrap.key, wrap.mechanism, wrap.nonce, wrap.wrapped));
    Key256 master{};
    if (clear.size() != master.size())
        return fail(Error::Kind::malformed, "what the token decrypts is no master key", wrap.key);
    std::ranges::copy(clear, master.begin());
    OPENSSL_cleanse(clear.data(), clear.size());
    return master;
}

}  // namespace

Result<TokenWrap> TokenRootKey::wrap_by(TokenSession& session, TokenMechanism mechanism,
                                        const Key256& master, const RandomSource& random) const {
    TokenWrap wrap{.token = settings_.token,
                   .key = settings_.key,
                   .mechanism = mechanism,
                   .nonce = {},
                   .wrapped = {}};
    if (mechanism == TokenMechanism::aes_gcm) {
        GcmNonce nonce{};
        random(nonce);
        wrap.nonce.assign(nonce.begin(), nonce.end());
    }
    std::string clear(master.begin(), master.end());
    auto wrapped = session.encrypt(settings_.key, mechanism, wrap.nonce, clear);
    OPENSSL_cleanse(clear.data(), clear.size());
    VIGIL_CHECK(wrapped);
    wrap.wrapped = std::move(*wrapped);
    // A token may encrypt in a way that it does not decrypt: better known before it matters.
    VIGIL_TRY(again, unwrap_in(session, wrap));
    if (again != master)
        return fail(Error::Kind::internal, "the token does not give back what it encrypted",
                    settings_.key);
    return wrap;
}

Result<MasterWrap> TokenRootKey::wrap(const Key256& master, const RandomSource& random) {
    if (settings_.token.empty() || settings_.token.size() > token_label_bytes_max ||
        settings_.key.empty() || settings_.key.size() > token_label_bytes_max)
        return fail(Error::Kind::malformed,
                    "name the token and the key in it (keys.pkcs11_token, keys.pkcs11_key)");
    VIGIL_TRY(session, TokenSession::open(settings_, settings_.token));
    VIGIL_TRY(mechanisms, session.mechanisms(settings_.key));
    Result<TokenWrap> wrapped;
    for (const auto mechanism : mechanisms) {
        wrapped = wrap_by(session, mechanism, master, random);
        if (wrapped) return MasterWrap(std::move(*wrapped));
    }
    return tl::unexpected(wrapped.error());
}

Result<Key256> TokenRootKey::unwrap(const MasterWrap& wrap) {
    const auto* wrapped = std::get_if<TokenWrap>(&wrap);
    if (wrapped == nullptr)
        return fail(Error::Kind::conflict, "no token wrapped this master key", describe());
    VIGIL_TRY(session, TokenSession::open(settings_, wrapped->token));
    return unwrap_in(session, *wrapped);
}

bool TokenRootKey::is_of_kind(const MasterWrap& wrap) const {
    return std::holds_alternative<TokenWrap>(wrap);
}

bool TokenRootKey::made(const MasterWrap& wrap) const {
    const auto* wrapped = std::get_if<TokenWrap>(&wrap);
    return wrapped != nullptr && wrapped->token == settings_.token && wrapped->key == settings_.key;
}

std::string TokenRootKey::describe() const {
    return fmt::format("the PKCS #11 token '{}', key '{}'", settings_.token, settings_.key);
}

}  // namespace vigil::identity
