// Whatever bytes stand in an `act` entry: refused or understood, and what is understood is written
// and read back as the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/act.hpp"
#include "identity/registry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto act = vigil::identity::decode_act(bytes)) {
        const auto again = vigil::identity::decode_act(vigil::identity::encode(*act));
        if (!again || *again != *act) std::abort();
        vigil::identity::Registry registry;
        (void)registry.apply(*act, {0, 1});
    }
    (void)vigil::identity::Registry::restore(bytes);
    return 0;
}
