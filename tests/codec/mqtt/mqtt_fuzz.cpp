// Any bytes, as either version: no crash, and what is understood encodes to what is understood
// again.
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"

using namespace vigil::mqtt;

namespace {

void check(const Frame& frame, Version version) {
    const auto packet = decode(frame, version);
    if (!packet) return;
    std::string bytes;
    // A 3.1.1 AUTH does not exist, and CONNECT says its own version.
    encode(*packet, version, bytes);
    PacketFramer framer(variable_byte_integer_max);
    framer.feed(bytes);
    const auto again = framer.next();
    if (!again || !*again) std::abort();
    const auto second = decode(**again, version);
    if (!second || *second != *packet) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    PacketFramer framer(64 * 1024);
    const auto middle = size / 2;
    for (const auto piece : {bytes.substr(0, middle), bytes.substr(middle)}) {
        framer.feed(piece);
        for (;;) {
            const auto frame = framer.next();
            if (!frame) return 0;
            if (!*frame) break;
            check(**frame, Version::v5);
            check(**frame, Version::v3_1_1);
        }
        framer.keep_rest();
    }
    return 0;
}
