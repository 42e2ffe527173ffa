#include "codec/telemetry/telemetry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    static const Catalogue catalogue;
    const codec::DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "d"};
    JsonDocument json;
    DecodedMessage message;
    (void)codec::telemetry::decode({reinterpret_cast<const char*>(data), size}, context, json,
                                   message);
    return 0;
}
