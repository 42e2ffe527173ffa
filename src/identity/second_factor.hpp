#pragma once
// The second step of signing in, and how somebody gets what it takes: an authenticator app (TOTP)
// and recovery codes. Decides and says what act is to be given; share/ gives it.
//
// An authenticator's secret lies sealed under the site's key wherever it is kept. It is opened for
// one check, and told once, while it is being set up.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/access_desk.hpp"
#include "identity/factor_tickets.hpp"
#include "identity/registry.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"
#include "identity/sign_in_guard.hpp"
#include "store/log.hpp"

namespace vigil::identity {

// A code has a million values and three of them are good: fewer tries than for a password. Nobody
// gets as far as here without the account's password, so nobody else can use its tries up.
constexpr GuardRules factor_guard_rules{.free_failures = 5,
                                        .delay_first = std::chrono::seconds(5),
                                        .delay_max = std::chrono::minutes(15),
                                        .account_failures = 20,
                                        .account_refill = std::chrono::minutes(10)};

// What a code came to: who is in, and what is to be written down before they are.
struct FactorUsed {
    AccountId account{};
    Act act;
    // The act keeps a code from being used twice across a restart; a recovery code lets nobody in
    // before that is durable.
    bool must_be_durable = false;
};

// What somebody needs to set their authenticator app up, shown once.
struct TotpEnrolment {
    std::string secret{};  // base32
    std::string uri{};     // otpauth://
    Timestamp expires{};
};

struct TotpConfirmed {
    Act act;
    std::vector<std::string> recovery_codes{};  // shown once
};

class SecondFactorDesk {
public:
    struct Parts {
        const Registry& registry;
        store::Sealer& sealer;
        SignInDesk& sign_in;
        AccessDesk& audit;
        RandomSource random;
        std::string issuer;  // what an authenticator app calls this site
    };
    // What `parts` refers to outlives the desk.
    explicit SecondFactorDesk(Parts parts);

    // For whoever has shown this account's password.
    std::string open_ticket(AccountId account, std::string_view address, Timestamp now);

    // `forbidden` at `ticket`: start again with the password; at `code`: not this one. `busy`, with
    // the seconds to wait in `place`: too many were wrong.
    Result<FactorUsed> redeem(std::string_view ticket, std::string_view code,
                              std::string_view address, Timestamp now);
    // Whose ticket it is, for another way to show a factor; `holder` counts as an attempt.
    Result<const Account*> look(std::string_view ticket, std::string_view address,
                                Timestamp now) const;
    Result<const Account*> holder(std::string_view ticket, std::string_view address, Timestamp now);
    void close(std::string_view ticket) { tickets_.close(ticket); }
    // The sign-in is complete: its ticket is good no more.
    Principal complete(const FactorUsed& used, std::string_view ticket, std::string_view address,
                       Timestamp now);

    // For whoever is signed in and changes their factors: the same limits, no ticket.
    Result<FactorUsed> check_code(AccountId account, std::string_view code,
                                  std::string_view address, Timestamp now);

    // One at a time for a session; a new one takes the place of the one before.
    Result<TotpEnrolment> begin_totp(const SignIn& session, Timestamp now);
    // `forbidden` at `code`: the app shows another one; `not_found`: begin again.
    Result<TotpConfirmed> confirm_totp(const SignIn& session, std::string_view code,
                                       const Given& given);
    // `conflict` where the site asks this account for a factor and this is the last, or none is
    // there.
    Result<Act> plan_remove_totp(AccountId account, const Given& given) const;

    struct NewRecoveryCodes {
        Act act;
        std::vector<std::string> codes{};
    };
    Result<NewRecoveryCodes> plan_recovery_codes(AccountId account, const Given& given) const;
    Result<Act> plan_reset(AccountId account, const Given& given) const;

    // Forgets what is over. Call once a minute or so.
    void sweep(Timestamp now);

    static constexpr Nanoseconds enrolment_lifetime = std::chrono::minutes(10);

private:
    struct Pending {
        std::string secret{};
        Timestamp expires{};
    };
    Result<const Account*> owner(const FactorTickets::Ticket* ticket) const;
    Result<FactorUsed> use(const Account& account, std::string_view code, std::string_view address,
                           Timestamp now);
    Result<std::string> opened(const AccountFactors::Totp& totp) const;
    void refuse(const Account& account, std::string_view address, Timestamp now,
                std::string reason);

    Parts parts_;
    SignInGuard guard_{factor_guard_rules};
    FactorTickets tickets_;
    std::unordered_map<SessionId, Pending> pending_;
    // The newest step that was let in, known at once: its act comes later.
    std::unordered_map<AccountId, std::uint64_t> accepted_;
};

}  // namespace vigil::identity
