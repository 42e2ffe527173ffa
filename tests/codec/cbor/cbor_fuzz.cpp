// Whatever bytes are to be CBOR: read to their end, or refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/cbor/cbor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vigil::codec::cbor::CborReader reader({reinterpret_cast<const char*>(data), size});
    while (!reader.empty()) {
        const auto before = reader.position();
        const auto item = reader.next();
        if (!item || !reader.skip_content(*item)) break;
        if (reader.position() <= before) std::abort();
    }
    return 0;
}
