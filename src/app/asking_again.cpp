#include "app/asking_again.hpp"

namespace vigil::app {

std::optional<identity::Principal> asking_again(const identity::Registry& registry,
                                                std::uint32_t account, std::uint32_t token) {
    const auto* known = registry.account(AccountId{account});
    if (known == nullptr) return std::nullopt;
    if (token == 0) return identity::principal_of(*known);
    const auto* shown = registry.token(identity::TokenId{token});
    if (shown == nullptr || shown->account != known->id) return std::nullopt;
    return identity::principal_of(*known, *shown);
}

}  // namespace vigil::app
