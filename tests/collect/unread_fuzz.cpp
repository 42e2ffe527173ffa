#include "collect/unread.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = vigil::collect::decode_unread({reinterpret_cast<const char*>(data), size});
    if (!read) return 0;
    std::string again;
    encode(*read, again);
    if (!vigil::collect::decode_unread(again)) __builtin_trap();
    return 0;
}
