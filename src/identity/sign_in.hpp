#pragma once
// Signing in with a password, at a browser or over MQTT, in the two halves that stand around the
// hashing on a worker thread:
//
//     begin  ─▶  verify_password(password, check.hash) on a worker  ─▶  finish
//
// Where a second factor is asked for, `first_step` stands in place of finish at a browser, and
// second_factor.hpp goes on from there.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"
#include "identity/sign_in_guard.hpp"

namespace vigil::identity {

// Of whom the site asks a second factor. Whoever has set one up is asked for it in any case.
enum class FactorPolicy : std::uint8_t { optional, administrators, all };

struct PasswordCheck {
    std::string user_name;
    std::string address;
    std::string
        hash;  // empty where nobody has that name: verify_password takes its time all the same
};

// What comes after the right password.
enum class NextStep : std::uint8_t {
    signed_in,
    factor,  // it is asked for
    set_up   // the site asks for one, and none is there yet: that first
};

struct FirstStep {
    Principal who;
    NextStep next = NextStep::signed_in;
};

class SignInDesk {
public:
    // All three outlive the desk.
    SignInDesk(const Registry& registry, SignInGuard& guard, AccessDesk& audit,
               FactorPolicy policy = FactorPolicy::optional)
        : registry_(registry), guard_(guard), audit_(audit), policy_(policy) {}

    // `busy`, with the seconds to wait in `place`: too many failures.
    Result<PasswordCheck> begin(std::string_view user_name, std::string_view address,
                                Timestamp now);

    // Where a password is all that can be shown: refused where it is not enough. `forbidden`
    // whatever was wrong: the name, the password, or an account that was disabled.
    Result<Principal> finish(const PasswordCheck& check, bool password_matched, Timestamp now);

    // At a browser. The failures that were counted stay counted until all steps are taken.
    Result<FirstStep> first_step(const PasswordCheck& check, bool password_matched, Timestamp now);
    // In place of a password: the site's own provider says that it is them, `with_factor` if its
    // own second factor is to be enough. `not_found`: nobody has that name; `forbidden`: the
    // account was disabled. Failed passwords are no reason to wait here: nothing can be guessed.
    Result<FirstStep> vouched(std::string_view user_name, std::string_view address,
                              bool with_factor, Timestamp now);
    // A sign-in through the provider came to nothing.
    void refuse_vouched(std::string_view address, Timestamp now, std::string reason);
    // The last step was taken.
    void complete(const Principal& who, std::string_view address, Timestamp now);

    // Somebody who is signed in shows again that it is them.
    Result<void> again(const PasswordCheck& check, bool password_matched, Timestamp now);

    // Whether the site asks a second factor of this account.
    bool asks_factor(const Account& account) const;

    // Since the start: wrong credentials, disabled accounts, and who was told to wait.
    std::uint64_t refused() const { return refused_; }

private:
    Result<const Account*> right(const PasswordCheck& check, bool password_matched, Timestamp now);
    NextStep next(const Account& account) const;
    void record(const Principal& who, std::string_view user_name, std::string_view address,
                Timestamp now, std::string reason, std::string_view step = {});

    const Registry& registry_;
    SignInGuard& guard_;
    AccessDesk& audit_;
    FactorPolicy policy_;
    std::uint64_t refused_ = 0;
};

}  // namespace vigil::identity
