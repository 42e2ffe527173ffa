#pragma once
// Who asked for something that goes on without them, found again by the numbers that were kept.

#include <optional>

#include "identity/registry.hpp"
#include "identity/rights.hpp"

namespace vigil::app {

// Nothing: the account or the token is gone. Whether they may still is another question.
std::optional<identity::Principal> asking_again(const identity::Registry& registry,
                                                std::uint32_t account, std::uint32_t token);

}  // namespace vigil::app
