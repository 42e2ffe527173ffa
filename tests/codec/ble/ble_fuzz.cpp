#include "codec/ble/characteristic.hpp"

// The first two bytes are the characteristic, or one of those that are read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    static const Catalogue catalogue;
    static codec::ble::DeviceMemory memory;
    constexpr std::uint16_t known[] = {0x2A18, 0x2A19, 0x2A1C, 0x2A1E, 0x2A34, 0x2A35, 0x2A36,
                                       0x2A37, 0x2A5E, 0x2A5F, 0x2A9C, 0x2A9D, 0x2AA7, 0x2AAA};
    if (size < 1) return 0;
    const auto characteristic = known[data[0] % std::size(known)];
    const codec::DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "d"};
    JsonDocument json;
    DecodedMessage message;
    (void)codec::ble::decode(characteristic, {reinterpret_cast<const char*>(data) + 1, size - 1},
                             context, memory, json, message);
    return 0;
}
