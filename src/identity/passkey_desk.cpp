#include "identity/passkey_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "identity/recovery_codes.hpp"

namespace vigil::identity {
namespace {

tl::unexpected<Error> refused() {
    return fail(Error::Kind::forbidden, "this passkey does not sign in here", "passkey");
}

}  // namespace

Result<FactorUsed> PasskeyDesk::check(const PasskeyShown& shown, const Asked& asked,
                                      Timestamp now) {
    const auto& factors = parts_.registry.factors();
    const auto credential = base64url(shown.credential_id);
    const auto owner = factors.owner(credential);
    const auto* account = parts_.registry.account(owner);
    if (!account || !account->enabled || asked.account.value_or(owner) != owner) return refused();
    const auto* known = factors.passkey(owner, credential);
    const auto proof =
        check_shown(shown, *known, owner, asked.context, asked.party, challenges_, now);
    if (!proof) {
        record(*account, asked, now, false, proof.error().message);
        return tl::unexpected(proof.error());
    }
    challenges_.use_up(challenge_of(shown.client_data), now);
    if (proof->counted_back)
        record(*account, asked, now, true, "its count went back: there may be a copy of it");
    return FactorUsed{
        .account = owner,
        .act = {now, account->user_name, PasskeyUsed{owner, credential, proof->sign_count, now}}};
}

Principal PasskeyDesk::complete(const FactorUsed& used, std::string_view address, Timestamp now) {
    const auto* account = parts_.registry.account(used.account);
    if (!account || !account->enabled) return nobody();
    auto who = principal_of(*account);
    parts_.sign_in.complete(who, address, now);
    return who;
}

Result<PasskeyConfirmed> PasskeyDesk::add(AccountId account, const PasskeyCreated& created,
                                          std::string name, const Asked& asked,
                                          const Given& given) {
    const auto& factors = parts_.registry.factors();
    if (factors.of(account).passkeys.size() >= passkeys_an_account_max)
        return fail(Error::Kind::conflict, "there are twenty already: remove one first", "passkey");
    VIGIL_TRY(passkey, check_created(created, asked.context, asked.party, challenges_, given.at));
    if (factors.owner(passkey.credential))
        return fail(Error::Kind::conflict, "this passkey is registered already", "passkey");
    passkey.name = name.empty() ? "Passkey" : std::move(name);
    PasskeyAdded added{.account = account, .passkey = std::move(passkey)};
    VIGIL_CHECK(identity::check(added));
    challenges_.use_up(challenge_of(created.client_data), given.at);
    PasskeyConfirmed confirmed;
    if (!factors.of(account).any()) {
        auto recovery = new_recovery_codes(parts_.random);
        added.recovery = std::move(recovery.digests);
        confirmed.recovery_codes = std::move(recovery.codes);
    }
    confirmed.act = {given.at, given.by, std::move(added)};
    return confirmed;
}

Result<Act> PasskeyDesk::plan_remove(AccountId account, std::string_view credential,
                                     const Given& given) const {
    const auto& has = parts_.registry.factors().of(account);
    const auto* known = parts_.registry.account(account);
    if (!known || !parts_.registry.factors().passkey(account, credential))
        return fail(Error::Kind::not_found, "there is no such passkey", "passkey");
    const bool last = !has.totp && has.passkeys.size() == 1;
    if (last && parts_.sign_in.asks_factor(*known))
        return fail(Error::Kind::conflict,
                    "this site asks you for a second factor: set another one up first", "passkey");
    return Act{given.at, given.by, PasskeyRemoved{account, std::string(credential)}};
}

void PasskeyDesk::record(const Account& account, const Asked& asked, Timestamp now, bool permitted,
                         std::string reason) {
    parts_.audit.note(permitted ? principal_of(account) : nobody(),
                      {.act = store::Act::read,
                       .subjects = {},
                       .what = fmt::format("sign-in {}: passkey", account.user_name),
                       .purpose = "sign-in",
                       .from = asked.address,
                       .at = now},
                      permitted, std::move(reason));
}

}  // namespace vigil::identity
