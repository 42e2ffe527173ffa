#pragma once
// A key of a PKCS #11 token as the root: it wraps and unwraps the master key inside the token,
// which it never leaves. The token is asked at the start and at a rotation, not in between.

#include <string>
#include <utility>

#include "identity/root_key.hpp"
#include "identity/token_session.hpp"

namespace vigil::identity {

class TokenRootKey final : public RootKey {
public:
    explicit TokenRootKey(TokenSettings settings) : settings_(std::move(settings)) {}

    Result<MasterWrap> wrap(const Key256& master, const RandomSource& random) override;
    // By the token and the key that the wrap names, through this module and with this PIN: so that
    // a key can be changed for another of the same token.
    Result<Key256> unwrap(const MasterWrap& wrap) override;
    bool is_of_kind(const MasterWrap& wrap) const override;
    bool made(const MasterWrap& wrap) const override;
    std::string describe() const override;

private:
    Result<TokenWrap> wrap_by(TokenSession& session, TokenMechanism mechanism, const Key256& master,
                              const RandomSource& random) const;

    TokenSettings settings_;
};

}  // namespace vigil::identity
