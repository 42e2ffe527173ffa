#include "identity/factor_tickets.hpp"

#include <utility>

#include "identity/sign_in_guard.hpp"

namespace vigil::identity {

std::string FactorTickets::open(AccountId account, std::string password_hash,
                                std::string_view address, Timestamp now,
                                const RandomSource& random) {
    sweep(now);
    make_room(account);
    auto ticket = new_secret(random);
    tickets_.emplace(sha256(ticket), Ticket{.account = account,
                                            .password_hash = std::move(password_hash),
                                            .network = network_of(address),
                                            .expires = now + lifetime});
    return ticket;
}

const FactorTickets::Ticket* FactorTickets::attempt(std::string_view ticket,
                                                    std::string_view address, Timestamp now) {
    const auto found = tickets_.find(sha256(ticket));
    if (found == tickets_.end()) return nullptr;
    auto& known = found->second;
    if (known.expires <= now || known.attempts >= attempts_max) {
        tickets_.erase(found);
        return nullptr;
    }
    // It stays good where it was given: whoever took a copy cannot use it up.
    if (known.network != network_of(address)) return nullptr;
    ++known.attempts;
    return &known;
}

const FactorTickets::Ticket* FactorTickets::find(std::string_view ticket, std::string_view address,
                                                 Timestamp now) const {
    const auto found = tickets_.find(sha256(ticket));
    const bool good = found != tickets_.end() && now < found->second.expires &&
                      found->second.attempts < attempts_max &&
                      found->second.network == network_of(address);
    return good ? &found->second : nullptr;
}

void FactorTickets::close(std::string_view ticket) {
    tickets_.erase(sha256(ticket));
}

void FactorTickets::sweep(Timestamp now) {
    std::erase_if(tickets_, [&](const auto& entry) { return entry.second.expires <= now; });
}

void FactorTickets::make_room(AccountId account) {
    std::size_t count = 0;
    auto oldest = tickets_.end();
    for (auto it = tickets_.begin(); it != tickets_.end(); ++it) {
        if (it->second.account != account) continue;
        ++count;
        if (oldest == tickets_.end() || it->second.expires < oldest->second.expires) oldest = it;
    }
    if (count >= tickets_an_account_max) tickets_.erase(oldest);
}

}  // namespace vigil::identity
