// Whatever bytes stand in the registry's snapshot: refused, or a registry whose own snapshot makes
// the same one.

#include <cstdlib>
#include <string_view>

#include "identity/registry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using vigil::identity::Registry;
    const auto registry = Registry::restore({reinterpret_cast<const char*>(data), size});
    if (!registry) return 0;
    const auto kept = registry->snapshot();
    const auto again = Registry::restore(kept);
    if (!again || again->snapshot() != kept) std::abort();
    return 0;
}
