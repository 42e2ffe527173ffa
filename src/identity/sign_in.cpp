#include "identity/sign_in.hpp"

#include <utility>

namespace vigil::identity {

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

Result<Principal> SignInDesk::finish(const PasswordCheck& check, bool password_matched,
                                     Timestamp now) {
    const auto* account = registry_.find_account(check.user_name);
    // The password may have been changed while the old one was being looked at.
    const bool unchanged = account && account->password_hash == check.hash;
    if (!password_matched || !unchanged || !account->enabled) {
        record(nobody(), check.user_name, check.address, now,
               account && !account->enabled ? "account disabled" : "wrong name or password");
        return fail(Error::Kind::forbidden, "wrong user name or password");
    }
    guard_.succeeded(check.user_name, check.address, now);
    auto who = principal_of(*account);
    record(who, check.user_name, check.address, now, {});
    return who;
}

void SignInDesk::record(const Principal& who, std::string_view user_name, std::string_view address,
                        Timestamp now, std::string reason) {
    if (!reason.empty()) ++refused_;
    // What was typed into the name field may be a password: only names that exist are written down.
    const bool exists = registry_.find_account(user_name) != nullptr;
    const AccessRequest request{.act = store::Act::read,
                                .subjects = {},
                                .what = exists ? "sign-in " + std::string(user_name) : "sign-in",
                                .purpose = "sign-in",
                                .from = std::string(address),
                                .at = now};
    const bool permitted = reason.empty();  // before it is moved from
    audit_.note(who, request, permitted, std::move(reason));
}

}  // namespace vigil::identity
