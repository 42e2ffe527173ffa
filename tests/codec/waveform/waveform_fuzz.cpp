#include <cstdlib>

#include "codec/waveform/waveform_block.hpp"

// What is read and written again is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    namespace waveform = codec::waveform;
    static const Catalogue catalogue;
    const codec::DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "d"};
    DecodedMessage message;
    if (!waveform::decode({reinterpret_cast<const char*>(data), size}, context, message)) return 0;
    if (message.readings.empty()) return 0;
    std::string again;
    waveform::encode(message.readings, catalogue, 1, again);
    DecodedMessage reread;
    if (!waveform::decode(again, context, reread)) std::abort();
    if (reread.readings != message.readings) std::abort();
    return 0;
}
