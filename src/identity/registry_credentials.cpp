// Credentials that are random secrets: looked up by number or digest, compared in constant time.

#include "identity/registry.hpp"

namespace vigil::identity {
namespace {

// One answer for whatever is wrong: which part it was would help only a guesser.
tl::unexpected<Error> wrong() {
    return fail(Error::Kind::forbidden, "the credential is not valid");
}

}  // namespace

bool Registry::has_token(DeviceId device) const {
    return device_tokens_.contains(device);
}

bool Registry::has_certificate(DeviceId device, Timestamp now) const {
    const auto* newest = newest_certificate(device, now);
    return newest != nullptr && !newest->revoked && now < newest->not_after;
}

Result<Principal> Registry::check_device_token(std::string_view external_id,
                                               std::string_view secret) const {
    // Hashed first, so that the answer takes as long for a device nobody knows.
    const auto shown = sha256(secret);
    const auto* device = find_device(external_id);
    const auto known = device ? device_tokens_.find(device->id) : device_tokens_.end();
    if (known == device_tokens_.end() || !same_secret(known->second, shown)) return wrong();
    return principal_of(*device);
}

Result<Principal> Registry::check_certificate(std::string_view serial, Timestamp now) const {
    const auto* known = certificate(serial);
    if (!known || known->revoked || now < known->not_before || known->not_after <= now)
        return wrong();
    const auto* owner = device(known->device);
    return owner ? Result<Principal>(principal_of(*owner)) : wrong();
}

Result<Principal> Registry::check_api_token(std::string_view secret, Timestamp now) const {
    // The digest of 256 random bits tells nothing of its neighbours: a plain look-up leaks nothing.
    const auto known = token_of_secret_.find(sha256(secret));
    if (known == token_of_secret_.end()) return wrong();
    const auto* token = this->token(known->second);
    const auto* owner = token ? account(token->account) : nullptr;
    if (!owner || !owner->enabled || token->expires <= now) return wrong();
    return principal_of(*owner, *token);
}

bool Registry::stands(const Principal& who, Timestamp now) const {
    const auto* owner = account(who.account);
    if (!owner || !owner->enabled) return false;
    if (who.app) return app_stands(who, *owner, now);
    if (!who.token_id) return principal_of(*owner).rights == who.rights;
    const auto* shown = token(who.token_id);
    return shown && now < shown->expires && principal_of(*owner, *shown).rights == who.rights;
}

std::vector<AccessEnded> Registry::expired(Timestamp since, Timestamp now) const {
    std::vector<AccessEnded> ended;
    for (const auto& [serial, certificate] : certificates_)
        if (!certificate.revoked && since < certificate.not_after && certificate.not_after <= now)
            ended.push_back({.device = certificate.device});
    for (const auto& [id, token] : tokens_)
        if (since < token.expires && token.expires <= now)
            ended.push_back({.account = token.account});
    return ended;
}

}  // namespace vigil::identity
