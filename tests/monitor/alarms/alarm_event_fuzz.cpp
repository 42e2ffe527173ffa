// Whatever bytes stand in an `event` entry: refused or understood, and what is understood is
// written and read back as the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "monitor/alarms/event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::monitor;
    const auto event = decode_event({reinterpret_cast<const char*>(data), size});
    if (!event) return 0;
    std::string bytes;
    encode(*event, bytes);
    const auto again = decode_event(bytes);
    if (!again || *again != *event) std::abort();
    return 0;
}
