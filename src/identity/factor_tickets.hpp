#pragma once
// What a browser holds between the right password and the second factor. In memory only, by its
// digest; good for one sign-in, from one network, for a few minutes and a few attempts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

class FactorTickets {
public:
    struct Ticket {
        AccountId account{};
        std::string password_hash{};  // that was matched: another one since ends the ticket
        std::string network{};        // identity/sign_in_guard.hpp, network_of
        Timestamp expires{};
        std::uint32_t attempts = 0;
    };

    // Whoever gets one has shown an account's password, so an account's own are what it crowds out.
    std::string open(AccountId account, std::string password_hash, std::string_view address,
                     Timestamp now, const RandomSource& random);

    // Counts an attempt. Nothing: none such, over, from elsewhere, or tried too often.
    const Ticket* attempt(std::string_view ticket, std::string_view address, Timestamp now);
    // The same, and counts nothing.
    const Ticket* find(std::string_view ticket, std::string_view address, Timestamp now) const;
    void close(std::string_view ticket);
    void sweep(Timestamp now);
    std::size_t size() const { return tickets_.size(); }

    static constexpr Nanoseconds lifetime = std::chrono::minutes(5);
    static constexpr std::uint32_t attempts_max = 5;
    static constexpr std::size_t tickets_an_account_max = 8;

private:
    void make_room(AccountId account);

    std::unordered_map<Digest, Ticket, DigestHash> tickets_;
};

}  // namespace vigil::identity
