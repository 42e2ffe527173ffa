#pragma once

#include <array>
#include <cstdint>

namespace vigil::identity {

using Key256 = std::array<std::uint8_t, 32>;

}  // namespace vigil::identity
