#include <cstdlib>

#include "codec/fhirjson/observation.hpp"

// What is read and written again can be read again, one reading for one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    namespace fhirjson = codec::fhirjson;
    static const Catalogue catalogue;
    const codec::DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "d"};
    JsonDocument json;
    DecodedMessage message;
    if (!fhirjson::decode({reinterpret_cast<const char*>(data), size}, context, json, message))
        return 0;
    fhirjson::ObservationContext around;
    around.effective = context.receive_time;
    for (const auto& reading : message.readings) {
        std::string text;
        JsonWriter writer(text);
        fhirjson::write_observation(writer, catalogue, reading, around);
        DecodedMessage again;
        if (!fhirjson::decode(text, context, json, again)) std::abort();
    }
    return 0;
}
