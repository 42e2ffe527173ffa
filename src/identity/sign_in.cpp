#include "identity/sign_in.hpp"

#include <fmt/format.h>

#include <utility>

namespace vigil::identity {

namespace {

constexpr std::string_view provider_step = ": provider";

}  // namespace

Result<PasswordCheck> SignInDesk::begin(std::string_view user_name, std::string_view address,
                                        Timestamp now) {
    const auto wait = guard_.wait(user_name, address, now);
    if (wait > Nanoseconds(0)) {
        record(nobody(), user_name, address, now, "too many failed attempts");
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        return fail(Error::Kind::busy, "too many failed sign-ins: wait and try again",
                    std::to_string(seconds));
    }
    guard_.attempt(user_name, address, now);
    const auto* account = registry_.find_account(user_name);
    return PasswordCheck{.user_name = std::string(user_name),
                         .address = std::string(address),
                         .hash = account ? account->password_hash : std::string()};
}

Result<const Account*> SignInDesk::right(const PasswordCheck& check, bool password_matched,
                                         Timestamp now) {
    const auto* account = registry_.find_account(check.user_name);
    // The password may have been changed while the old one was being looked at.
    const bool unchanged = account && account->password_hash == check.hash;
    if (password_matched && unchanged && account->enabled) return account;
    record(nobody(), check.user_name, check.address, now,
           account && !account->enabled ? "account disabled" : "wrong name or password");
    return fail(Error::Kind::forbidden, "wrong user name or password");
}

Result<Principal> SignInDesk::finish(const PasswordCheck& check, bool password_matched,
                                     Timestamp now) {
    VIGIL_TRY(account, right(check, password_matched, now));
    if (next(*account) != NextStep::signed_in) {
        // Answered as a wrong one is: a guesser learns nothing.
        record(nobody(), check.user_name, check.address, now, "a second factor is asked for");
        return fail(Error::Kind::forbidden, "wrong user name or password");
    }
    auto who = principal_of(*account);
    complete(who, check.address, now);
    return who;
}

Result<FirstStep> SignInDesk::first_step(const PasswordCheck& check, bool password_matched,
                                         Timestamp now) {
    VIGIL_TRY(account, right(check, password_matched, now));
    FirstStep step{.who = principal_of(*account), .next = next(*account)};
    if (step.next == NextStep::factor)
        record(nobody(), check.user_name, check.address, now, {}, ": password");
    else
        complete(step.who, check.address, now);
    return step;
}

Result<FirstStep> SignInDesk::vouched(std::string_view user_name, std::string_view address,
                                      bool with_factor, Timestamp now) {
    const auto* account = registry_.find_account(user_name);
    const bool is_known = account != nullptr;
    if (!is_known || !account->enabled) {
        record(nobody(), user_name, address, now,
               is_known ? "account disabled" : "no account of that name", provider_step);
        return fail(is_known ? Error::Kind::forbidden : Error::Kind::not_found,
                    is_known ? "this account is disabled" : "nobody here has that name");
    }
    FirstStep step{.who = principal_of(*account),
                   .next = with_factor ? NextStep::signed_in : next(*account)};
    record(step.next == NextStep::factor ? nobody() : step.who, user_name, address, now, {},
           provider_step);
    if (step.next != NextStep::factor) guard_.succeeded(user_name, address, now);
    return step;
}

void SignInDesk::refuse_vouched(std::string_view address, Timestamp now, std::string reason) {
    record(nobody(), {}, address, now, std::move(reason), provider_step);
}

void SignInDesk::complete(const Principal& who, std::string_view address, Timestamp now) {
    guard_.succeeded(who.name, address, now);
    record(who, who.name, address, now, {});
}

Result<void> SignInDesk::again(const PasswordCheck& check, bool password_matched, Timestamp now) {
    VIGIL_TRY(account, right(check, password_matched, now));
    guard_.succeeded(check.user_name, check.address, now);
    record(principal_of(*account), check.user_name, check.address, now, {}, ": again");
    return {};
}

bool SignInDesk::asks_factor(const Account& account) const {
    switch (policy_) {
        case FactorPolicy::optional:
            return false;
        case FactorPolicy::administrators:
            return account.role == Role::administrator;
        case FactorPolicy::all:
            return account.role != Role::service;
    }
    return false;
}

NextStep SignInDesk::next(const Account& account) const {
    if (registry_.factors().of(account.id).any()) return NextStep::factor;
    return asks_factor(account) ? NextStep::set_up : NextStep::signed_in;
}

void SignInDesk::record(const Principal& who, std::string_view user_name, std::string_view address,
                        Timestamp now, std::string reason, std::string_view step) {
    if (!reason.empty()) ++refused_;
    // What was typed into the name field may be a password: only names that exist are written down.
    const bool exists = registry_.find_account(user_name) != nullptr;
    const AccessRequest request{
        .act = store::Act::read,
        .subjects = {},
        .what = exists ? fmt::format("sign-in {}{}", user_name, step)
                       : fmt::format("sign-in{}", step == provider_step ? step : ""),
        .purpose = "sign-in",
        .from = std::string(address),
        .at = now};
    const bool permitted = reason.empty();  // before it is moved from
    audit_.note(who, request, permitted, std::move(reason));
}

}  // namespace vigil::identity
