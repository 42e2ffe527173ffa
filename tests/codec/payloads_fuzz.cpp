// A topic, a line end, and whatever was published there: the way in for every device.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/payloads.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    static const Catalogue catalogue;
    static codec::PayloadDecoder decoder;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto address = codec::classify(bytes.substr(0, end));
    if (!address) return 0;
    const codec::DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000)};
    codec::ble::DeviceMemory memory;
    DecodedMessage message;
    if (!decoder.decode(*address, "monitor-1", bytes.substr(end + 1), context, memory, message))
        return 0;
    for (const auto& reading : message.readings)
        if (catalogue.find(reading.metric) == nullptr) std::abort();
    if (message.unread.size() > codec::unread_lines_max + 1) std::abort();
    return 0;
}
