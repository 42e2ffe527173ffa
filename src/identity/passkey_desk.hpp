#pragma once
// Passkeys of accounts: beside the password, in its place, and how somebody gets and removes one.
// Decides and says what act is to be given; share/ gives it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/access_desk.hpp"
#include "identity/passkeys.hpp"
#include "identity/registry.hpp"
#include "identity/second_factor.hpp"
#include "identity/sign_in.hpp"

namespace vigil::identity {

struct PasskeyConfirmed {
    Act act;
    // Shown once; none where the account has a factor, and its codes, already.
    std::vector<std::string> recovery_codes{};
};

class PasskeyDesk {
public:
    struct Parts {
        const Registry& registry;
        SignInDesk& sign_in;
        AccessDesk& audit;
        RandomSource random;
    };
    // What `parts` refers to outlives the desk.
    explicit PasskeyDesk(Parts parts) : parts_(std::move(parts)), challenges_(parts_.random) {}

    std::string challenge(std::string_view context, Timestamp now) const {
        return challenges_.issue(context, now);
    }

    struct Asked {
        std::string context{};               // that the challenge was issued for
        std::optional<AccountId> account{};  // none: whoever's it is
        RelyingParty party{};
        std::string address{};
    };
    // Who showed it. One answer for whatever is wrong with whose it is; the audit tells more.
    Result<FactorUsed> check(const PasskeyShown& shown, const Asked& asked, Timestamp now);
    // The sign-in is complete.
    Principal complete(const FactorUsed& used, std::string_view address, Timestamp now);

    Result<PasskeyConfirmed> add(AccountId account, const PasskeyCreated& created, std::string name,
                                 const Asked& asked, const Given& given);
    // `conflict` for the last factor where the site asks this account for one.
    Result<Act> plan_remove(AccountId account, std::string_view credential,
                            const Given& given) const;

private:
    void record(const Account& account, const Asked& asked, Timestamp now, bool permitted,
                std::string reason);

    Parts parts_;
    Challenges challenges_;
};

}  // namespace vigil::identity
