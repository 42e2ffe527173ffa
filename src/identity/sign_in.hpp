#pragma once
// Signing in with a password, at a browser or over MQTT, in the two halves that stand around the
// hashing on a worker thread:
//
//     begin  ─▶  verify_password(password, check.hash) on a worker  ─▶  finish

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"
#include "identity/sign_in_guard.hpp"

namespace vigil::identity {

struct PasswordCheck {
    std::string user_name;
    std::string address;
    std::string
        hash;  // empty where nobody has that name: verify_password takes its time all the same
};

class SignInDesk {
public:
    // All three outlive the desk.
    SignInDesk(const Registry& registry, SignInGuard& guard, AccessDesk& audit)
        : registry_(registry), guard_(guard), audit_(audit) {}

    // `busy`, with the seconds to wait in `place`: too many failures.
    Result<PasswordCheck> begin(std::string_view user_name, std::string_view address,
                                Timestamp now);

    // `forbidden` whatever was wrong: the name, the password, or an account that was disabled.
    Result<Principal> finish(const PasswordCheck& check, bool password_matched, Timestamp now);

    // Since the start: wrong credentials, disabled accounts, and who was told to wait.
    std::uint64_t refused() const { return refused_; }

private:
    void record(const Principal& who, std::string_view user_name, std::string_view address,
                Timestamp now, std::string reason);

    const Registry& registry_;
    SignInGuard& guard_;
    AccessDesk& audit_;
    std::uint64_t refused_ = 0;
};

}  // namespace vigil::identity
