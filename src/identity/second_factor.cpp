#include "identity/second_factor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "identity/recovery_codes.hpp"
#include "identity/totp.hpp"

namespace vigil::identity {
namespace {

tl::unexpected<Error> wrong(const char* message, const char* place) {
    return fail(Error::Kind::forbidden, message, place);
}

}  // namespace

SecondFactorDesk::SecondFactorDesk(Parts parts) : parts_(std::move(parts)) {}

std::string SecondFactorDesk::open_ticket(AccountId account, std::string_view address,
                                          Timestamp now) {
    const auto* known = parts_.registry.account(account);
    return tickets_.open(account, known ? known->password_hash : std::string(), address, now,
                         parts_.random);
}

Result<FactorUsed> SecondFactorDesk::redeem(std::string_view ticket, std::string_view code,
                                            std::string_view address, Timestamp now) {
    VIGIL_TRY(account, holder(ticket, address, now));
    return use(*account, code, address, now);
}

Result<const Account*> SecondFactorDesk::look(std::string_view ticket, std::string_view address,
                                              Timestamp now) const {
    return owner(tickets_.find(ticket, address, now));
}

Result<const Account*> SecondFactorDesk::holder(std::string_view ticket, std::string_view address,
                                                Timestamp now) {
    return owner(tickets_.attempt(ticket, address, now));
}

Result<const Account*> SecondFactorDesk::owner(const FactorTickets::Ticket* ticket) const {
    const auto* account = ticket ? parts_.registry.account(ticket->account) : nullptr;
    if (!account || !account->enabled || account->password_hash != ticket->password_hash)
        return wrong("this sign-in is over: begin again with your password", "ticket");
    return account;
}

Principal SecondFactorDesk::complete(const FactorUsed& used, std::string_view ticket,
                                     std::string_view address, Timestamp now) {
    tickets_.close(ticket);
    const auto* account = parts_.registry.account(used.account);
    if (!account || !account->enabled) return nobody();
    auto who = principal_of(*account);
    parts_.sign_in.complete(who, address, now);
    return who;
}

Result<FactorUsed> SecondFactorDesk::check_code(AccountId account, std::string_view code,
                                                std::string_view address, Timestamp now) {
    const auto* known = parts_.registry.account(account);
    if (!known) return fail(Error::Kind::not_found, "there is no such account", "account");
    return use(*known, code, address, now);
}

Result<FactorUsed> SecondFactorDesk::use(const Account& account, std::string_view code,
                                         std::string_view address, Timestamp now) {
    const auto wait = guard_.wait(account.user_name, address, now);
    if (wait > Nanoseconds(0)) {
        refuse(account, address, now, "too many wrong codes");
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        return fail(Error::Kind::busy, "too many wrong codes: wait and try again",
                    std::to_string(seconds));
    }
    guard_.attempt(account.user_name, address, now);
    const auto& has = parts_.registry.factors().of(account.id);
    FactorUsed used{.account = account.id, .act = {now, account.user_name, {}}};
    const auto typed = plain_code(code);
    if (has.totp && typed.size() == totp_digits) {
        VIGIL_TRY(secret, opened(*has.totp));
        auto& accepted = accepted_[account.id];
        accepted = std::max(accepted, has.totp->accepted);
        const auto step = totp_match(secret, typed, now, accepted);
        if (!step) {
            refuse(account, address, now, "wrong code");
            return wrong("this code is not right, or was used already: take the next one", "code");
        }
        accepted = *step;
        used.act.body = TotpUsed{account.id, *step};
    } else {
        const auto digest = recovery_digest(code);
        if (std::ranges::find(has.recovery, digest) == has.recovery.end()) {
            refuse(account, address, now, "wrong recovery code");
            return wrong("this code is not right, or was used already", "code");
        }
        used.act.body = RecoveryCodeUsed{account.id, digest};
        used.must_be_durable = true;
    }
    guard_.succeeded(account.user_name, address, now);
    return used;
}

Result<TotpEnrolment> SecondFactorDesk::begin_totp(const SignIn& session, Timestamp now) {
    const auto* account = parts_.registry.account(session.account);
    if (!account) return fail(Error::Kind::not_found, "there is no such account", "account");
    std::array<std::uint8_t, totp_secret_bytes> bytes{};
    parts_.random(bytes);
    auto& pending = pending_[session.id];
    pending = {.secret = std::string(bytes.begin(), bytes.end()),
               .expires = now + enrolment_lifetime};
    return TotpEnrolment{.secret = base32(pending.secret),
                         .uri = totp_uri(pending.secret, parts_.issuer, account->user_name),
                         .expires = pending.expires};
}

Result<TotpConfirmed> SecondFactorDesk::confirm_totp(const SignIn& session, std::string_view code,
                                                     const Given& given) {
    const auto found = pending_.find(session.id);
    if (found == pending_.end() || found->second.expires <= given.at)
        return fail(Error::Kind::not_found, "the set-up took too long: begin it again", "totp");
    const auto& secret = found->second.secret;
    const auto step = totp_match(secret, plain_code(code), given.at, 0);
    if (!step) return wrong("the app shows another code now: type that one", "code");
    std::string sealed;
    parts_.sealer.seal({}, secret, sealed);
    auto recovery = new_recovery_codes(parts_.random);
    TotpConfirmed confirmed{.act = {given.at, given.by,
                                    TotpSet{.account = session.account,
                                            .sealed_secret = base64url(sealed),
                                            .recovery = std::move(recovery.digests),
                                            .registered = given.at}},
                            .recovery_codes = std::move(recovery.codes)};
    pending_.erase(found);
    accepted_[session.account] = *step;
    return confirmed;
}

Result<Act> SecondFactorDesk::plan_remove_totp(AccountId account, const Given& given) const {
    const auto* known = parts_.registry.account(account);
    if (!known || !parts_.registry.factors().of(account).totp)
        return fail(Error::Kind::conflict, "no authenticator app is set up", "totp");
    const bool last = parts_.registry.factors().of(account).passkeys.empty();
    if (last && parts_.sign_in.asks_factor(*known))
        return fail(Error::Kind::conflict,
                    "this site asks you for a second factor: set another app up in its place",
                    "totp");
    return Act{given.at, given.by, TotpRemoved{account}};
}

Result<SecondFactorDesk::NewRecoveryCodes> SecondFactorDesk::plan_recovery_codes(
    AccountId account, const Given& given) const {
    if (!parts_.registry.factors().of(account).any())
        return fail(Error::Kind::conflict, "no second factor is set up", "recovery_codes");
    auto made = new_recovery_codes(parts_.random);
    return NewRecoveryCodes{
        .act = {given.at, given.by, RecoveryCodesSet{account, std::move(made.digests)}},
        .codes = std::move(made.codes)};
}

Result<Act> SecondFactorDesk::plan_reset(AccountId account, const Given& given) const {
    if (!parts_.registry.factors().of(account).any())
        return fail(Error::Kind::conflict, "this account has no second factor", "account");
    return Act{given.at, given.by, FactorsReset{account}};
}

void SecondFactorDesk::sweep(Timestamp now) {
    tickets_.sweep(now);
    std::erase_if(pending_, [&](const auto& entry) { return entry.second.expires <= now; });
}

Result<std::string> SecondFactorDesk::opened(const AccountFactors::Totp& totp) const {
    VIGIL_TRY(sealed, from_base64url(totp.sealed_secret));
    std::string secret;
    VIGIL_CHECK(parts_.sealer.open({}, sealed, secret));
    return secret;
}

void SecondFactorDesk::refuse(const Account& account, std::string_view address, Timestamp now,
                              std::string reason) {
    parts_.audit.note(nobody(),
                      {.act = store::Act::read,
                       .subjects = {},
                       .what = fmt::format("sign-in {}: second factor", account.user_name),
                       .purpose = "sign-in",
                       .from = std::string(address),
                       .at = now},
                      false, std::move(reason));
}

}  // namespace vigil::identity
