#include "identity/factors.hpp"

#include <algorithm>

#include "identity/people.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {
namespace {

tl::unexpected<Error> void_now(const char* what) {
    return fail(Error::Kind::conflict, what, "second factor");
}

Result<void> check_digests(const std::vector<std::string>& digests) {
    if (digests.size() > recovery_codes_count)
        return fail(Error::Kind::malformed, "more recovery codes than are given",
                    "recovery_sha256");
    for (const auto& digest : digests) VIGIL_CHECK(digest_from_hex(digest));
    return {};
}

}  // namespace

const AccountFactors& Factors::of(AccountId account) const {
    static const AccountFactors none;
    const auto found = accounts_.find(account);
    return found == accounts_.end() ? none : found->second;
}

Result<void> Factors::take(const TotpSet& act) {
    auto& has = accounts_[act.account];
    has.totp = {.sealed_secret = act.sealed_secret, .accepted = 0, .registered = act.registered};
    if (!act.recovery.empty()) has.recovery = act.recovery;
    return {};
}

Result<void> Factors::take(const TotpUsed& act) {
    const auto found = accounts_.find(act.account);
    if (found == accounts_.end() || !found->second.totp)
        return void_now("this account has no authenticator app");
    auto& accepted = found->second.totp->accepted;
    if (act.step <= accepted) return void_now("this code was used already");
    accepted = act.step;
    return {};
}

Result<void> Factors::take(const TotpRemoved& act) {
    const auto found = accounts_.find(act.account);
    if (found == accounts_.end() || !found->second.totp)
        return void_now("this account has no authenticator app");
    found->second.totp.reset();
    drop_if_empty(act.account);
    return {};
}

Result<void> Factors::take(const RecoveryCodesSet& act) {
    const auto found = accounts_.find(act.account);
    if (found == accounts_.end()) return void_now("this account has no second factor");
    found->second.recovery = act.recovery;
    return {};
}

Result<void> Factors::take(const RecoveryCodeUsed& act) {
    const auto found = accounts_.find(act.account);
    const bool was_there = found != accounts_.end() && std::erase(found->second.recovery, act.code);
    return was_there ? Result<void>() : void_now("this code was used already");
}

Result<void> Factors::take(const FactorsReset& act) {
    accounts_.erase(act.account);
    std::erase_if(owners_, [&](const auto& entry) { return entry.second == act.account; });
    return {};
}

Result<void> Factors::take(const PasskeyAdded& act) {
    auto& has = accounts_[act.account];
    const bool free = has.passkeys.size() < passkeys_an_account_max &&
                      owners_.emplace(act.passkey.credential, act.account).second;
    if (!free) {
        drop_if_empty(act.account);
        return void_now("this passkey is registered already");
    }
    has.passkeys.push_back(act.passkey);
    if (!act.recovery.empty()) has.recovery = act.recovery;
    return {};
}

Result<void> Factors::take(const PasskeyUsed& act) {
    auto* known = find(act.account, act.credential);
    if (!known) return void_now("this account has no such passkey");
    known->sign_count = act.sign_count;
    known->used = act.at;
    return {};
}

Result<void> Factors::take(const PasskeyRemoved& act) {
    if (!find(act.account, act.credential)) return void_now("this account has no such passkey");
    std::erase_if(accounts_[act.account].passkeys,
                  [&](const auto& passkey) { return passkey.credential == act.credential; });
    owners_.erase(act.credential);
    drop_if_empty(act.account);
    return {};
}

AccountId Factors::owner(std::string_view credential) const {
    const auto found = owners_.find(credential);
    return found == owners_.end() ? AccountId{} : found->second;
}

const Passkey* Factors::passkey(AccountId account, std::string_view credential) const {
    const auto& has = of(account).passkeys;
    const auto found = std::ranges::find(has, credential, &Passkey::credential);
    return found == has.end() ? nullptr : &*found;
}

Passkey* Factors::find(AccountId account, std::string_view credential) {
    const auto known = accounts_.find(account);
    if (known == accounts_.end()) return nullptr;
    auto& has = known->second.passkeys;
    const auto found = std::ranges::find(has, credential, &Passkey::credential);
    return found == has.end() ? nullptr : &*found;
}

// Recovery codes recover a factor: without one they are nothing.
void Factors::drop_if_empty(AccountId account) {
    const auto found = accounts_.find(account);
    if (found != accounts_.end() && !found->second.any()) accounts_.erase(found);
}

Result<void> check(const TotpSet& act) {
    if (act.sealed_secret.empty() || act.sealed_secret.size() > label_bytes_max)
        return fail(Error::Kind::malformed, "not the length of a sealed secret", "sealed_secret");
    return check_digests(act.recovery);
}
Result<void> check(const RecoveryCodesSet& act) {
    return check_digests(act.recovery);
}
Result<void> check(const PasskeyAdded& act) {
    const auto& [credential, public_key, name, sign_count, registered, used] = act.passkey;
    // 1023 bytes of an id (Level 2 5.8.3) and 1024 of a key, as base64url.
    if (credential.empty() || credential.size() > 1364 || public_key.empty() ||
        public_key.size() > 1366)
        return fail(Error::Kind::malformed, "not the length of a passkey", "credential");
    if (name.size() > label_bytes_max)
        return fail(Error::Kind::too_large, "shorten the name", "name");
    if (sign_count > UINT32_MAX)
        return fail(Error::Kind::malformed, "not a count of signatures", "sign_count");
    return check_digests(act.recovery);
}
Result<void> check(const RecoveryCodeUsed& act) {
    VIGIL_CHECK(digest_from_hex(act.code));
    return {};
}

}  // namespace vigil::identity
