#pragma once
// The second factors of accounts: the acts that decide on them, and what stands of those.
//
// A secret that must be known to check a code is sealed under the site's key before it comes here:
// what is in memory, in the log and in a snapshot is the sealed form (identity/second_factor.hpp
// opens it for the time of one check).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::identity {

constexpr std::size_t recovery_codes_count = 10;

// A new authenticator app in place of what was there, and new recovery codes.
struct TotpSet {
    static constexpr std::string_view act_name = "totp-set";
    AccountId account{};
    std::string sealed_secret{};          // base64url
    std::vector<std::string> recovery{};  // SHA-256 of each recovery code, hexadecimal
    Timestamp registered{};
    bool operator==(const TotpSet&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("sealed_secret", act.sealed_secret);
        visit("recovery_sha256", act.recovery);
        visit("registered", act.registered);
    }
};

// A code was accepted: its step (RFC 6238 4.2) and those before it are good no more.
struct TotpUsed {
    static constexpr std::string_view act_name = "totp-used";
    AccountId account{};
    std::uint64_t step = 0;
    bool operator==(const TotpUsed&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("step", act.step);
    }
};

struct TotpRemoved {
    static constexpr std::string_view act_name = "totp-removed";
    AccountId account{};
    bool operator==(const TotpRemoved&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
    }
};

struct RecoveryCodesSet {
    static constexpr std::string_view act_name = "recovery-codes-set";
    AccountId account{};
    std::vector<std::string> recovery{};
    bool operator==(const RecoveryCodesSet&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("recovery_sha256", act.recovery);
    }
};

struct RecoveryCodeUsed {
    static constexpr std::string_view act_name = "recovery-code-used";
    AccountId account{};
    std::string code{};  // its SHA-256
    bool operator==(const RecoveryCodeUsed&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("code_sha256", act.code);
    }
};

// By an administrator: the account has no second factor any more, and signs in anew.
struct FactorsReset {
    static constexpr std::string_view act_name = "factors-reset";
    AccountId account{};
    bool operator==(const FactorsReset&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
    }
};

// A key pair of one account, whose private half an authenticator keeps (identity/passkeys.hpp).
struct Passkey {
    std::string credential{};  // its id, base64url
    std::string public_key{};  // COSE_Key, base64url
    std::string name{};        // what its owner calls it
    std::uint64_t sign_count = 0;
    Timestamp registered{};
    Timestamp used{};  // 1970: never
    bool operator==(const Passkey&) const = default;
};

constexpr std::size_t passkeys_an_account_max = 20;

struct PasskeyAdded {
    static constexpr std::string_view act_name = "passkey-added";
    AccountId account{};
    Passkey passkey{};
    std::vector<std::string> recovery{};  // with the first factor
    bool operator==(const PasskeyAdded&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("credential", act.passkey.credential);
        visit("public_key", act.passkey.public_key);
        visit("name", act.passkey.name);
        visit("sign_count", act.passkey.sign_count);
        visit("registered", act.passkey.registered);
        visit("used", act.passkey.used);
        visit("recovery_sha256", act.recovery);
    }
};

struct PasskeyUsed {
    static constexpr std::string_view act_name = "passkey-used";
    AccountId account{};
    std::string credential{};
    std::uint64_t sign_count = 0;
    Timestamp at{};
    bool operator==(const PasskeyUsed&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("credential", act.credential);
        visit("sign_count", act.sign_count);
        visit("at", act.at);
    }
};

struct PasskeyRemoved {
    static constexpr std::string_view act_name = "passkey-removed";
    AccountId account{};
    std::string credential{};
    bool operator==(const PasskeyRemoved&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("account", act.account);
        visit("credential", act.credential);
    }
};

struct AccountFactors {
    struct Totp {
        std::string sealed_secret{};
        std::uint64_t accepted = 0;  // the newest step for which a code was taken
        Timestamp registered{};
    };
    std::optional<Totp> totp{};
    std::vector<Passkey> passkeys{};      // in the order of their registration
    std::vector<std::string> recovery{};  // of the codes that are left
    bool any() const { return totp.has_value() || !passkeys.empty(); }
};

class Factors {
public:
    // Of an account that has none: an empty one.
    const AccountFactors& of(AccountId account) const;

    // Whose passkey it is; 0: nobody's.
    AccountId owner(std::string_view credential) const;
    const Passkey* passkey(AccountId account, std::string_view credential) const;

    // `conflict`: what another act did in between made this one void.
    Result<void> take(const TotpSet& act);
    Result<void> take(const TotpUsed& act);
    Result<void> take(const TotpRemoved& act);
    Result<void> take(const RecoveryCodesSet& act);
    Result<void> take(const RecoveryCodeUsed& act);
    Result<void> take(const FactorsReset& act);
    Result<void> take(const PasskeyAdded& act);
    Result<void> take(const PasskeyUsed& act);
    Result<void> take(const PasskeyRemoved& act);

    // The shortest list of acts that makes the same.
    template <class Write>
    void each_act(Write write) const {
        for (const auto& [account, has] : accounts_) {
            if (has.totp) {
                write(TotpSet{account, has.totp->sealed_secret, {}, has.totp->registered});
                if (has.totp->accepted > 0) write(TotpUsed{account, has.totp->accepted});
            }
            for (const auto& passkey : has.passkeys) write(PasskeyAdded{account, passkey, {}});
            if (!has.recovery.empty()) write(RecoveryCodesSet{account, has.recovery});
        }
    }

private:
    Passkey* find(AccountId account, std::string_view credential);
    void drop_if_empty(AccountId account);

    std::map<AccountId, AccountFactors> accounts_;
    std::map<std::string, AccountId, std::less<>> owners_;  // by credential
};

// What may stand in an entry: lengths, counts, digests.
Result<void> check(const TotpSet& act);
Result<void> check(const RecoveryCodesSet& act);
Result<void> check(const RecoveryCodeUsed& act);
Result<void> check(const PasskeyAdded& act);

}  // namespace vigil::identity
