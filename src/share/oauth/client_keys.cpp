#include "share/oauth/client_keys.hpp"

#include <utility>

#include "identity/jose/jwt.hpp"

namespace vigil::share {

namespace jose = identity::jose;

bool ClientKeys::need_fetch(const identity::App& app, std::string_view assertion,
                            Timestamp now) const {
    if (app.jwks_uri.empty()) return false;
    const auto known = fetched_.find(app.jwks_uri);
    if (known == fetched_.end()) return true;
    const auto age = now - known->second.at;
    if (age < fetched_again_after) return false;
    const auto key = jose::claimed_key(assertion);
    return age > fetched_for || (key && !key->empty() && !known->second.keys.has(*key));
}

void ClientKeys::fetched(const identity::App& app, const Result<std::string>& jwks, Timestamp now) {
    auto& known = fetched_[app.jwks_uri];
    known.at = now;
    if (!jwks) return;
    if (auto read = jose::read_jwks(*jwks)) known.keys = std::move(*read);
}

Result<jose::KeySet> ClientKeys::keys_of(const identity::App& app, Timestamp now) const {
    if (app.jwks_uri.empty()) return jose::read_jwks(app.jwks);
    const auto known = fetched_.find(app.jwks_uri);
    const bool any = known != fetched_.end() && !known->second.keys.empty() &&
                     now - known->second.at <= 2 * fetched_for;
    if (any) return known->second.keys;
    return fail(Error::Kind::forbidden, "the app's keys could not be fetched from its jwks_uri");
}

Result<void> ClientKeys::check(const identity::App& app, std::string_view assertion,
                               std::vector<std::string> audiences, Timestamp now) {
    VIGIL_TRY(keys, keys_of(app, now));
    VIGIL_TRY(claims, jose::verify(assertion, keys,
                                   {.issuer = app.client_id,
                                    .subject = app.client_id,
                                    .audiences = std::move(audiences),
                                    .now = now,
                                    .lifetime_max = assertion_lifetime_max}));
    if (claims.id.empty()) return fail(Error::Kind::forbidden, "the assertion has no jti");
    if (used_.size() >= used_max) sweep(now);
    if (used_.size() >= used_max)
        return fail(Error::Kind::busy, "too many assertions were shown lately");
    // Kept for as long as it would be believed, with the leeway.
    const bool first = used_
                           .emplace(identity::sha256(app.client_id + '\n' + claims.id),
                                    claims.expires + std::chrono::minutes(1))
                           .second;
    if (!first) return fail(Error::Kind::forbidden, "this assertion was used already");
    return {};
}

void ClientKeys::sweep(Timestamp now) {
    std::erase_if(used_, [&](const auto& entry) { return entry.second < now; });
    std::erase_if(fetched_,
                  [&](const auto& entry) { return now - entry.second.at > 2 * fetched_for; });
}

}  // namespace vigil::share
