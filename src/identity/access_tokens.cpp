#include "identity/access_tokens.hpp"

#include <utility>

namespace vigil::identity {

std::string AccessTokens::issue(AccessToken token, const RandomSource& random) {
    auto secret = std::string(access_token_prefix) + new_secret(random);
    const auto digest = sha256(secret);
    auto& of_app = of_app_[token.who.app];
    of_app.push_back(digest);
    tokens_.emplace(digest, std::move(token));
    if (of_app.size() > tokens_an_app_max) {
        tokens_.erase(of_app.front());
        of_app.pop_front();
    }
    return secret;
}

const AccessToken* AccessTokens::find(std::string_view token, Timestamp now) const {
    if (!token.starts_with(access_token_prefix)) return nullptr;
    const auto found = tokens_.find(sha256(token));
    return found == tokens_.end() || found->second.who.until <= now ? nullptr : &found->second;
}

bool AccessTokens::revoke(std::string_view token) {
    return tokens_.erase(sha256(token)) > 0;
}

void AccessTokens::revoke_all(GrantId grant) {
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second.who.grant == grant; });
}

void AccessTokens::sweep(Timestamp now) {
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second.who.until <= now; });
    for (auto place = of_app_.begin(); place != of_app_.end();) {
        auto& issued = place->second;
        std::erase_if(issued, [&](const Digest& each) { return !tokens_.contains(each); });
        place = issued.empty() ? of_app_.erase(place) : std::next(place);
    }
}

}  // namespace vigil::identity
