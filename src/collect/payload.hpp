#pragma once
// Which topics carry readings, whose, and in what form: docs/guides/connect-a-device.md.

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "codec/payload_rules.hpp"
#include "metric/reading.hpp"

namespace vigil::collect {

// vigil/<device>/<form> and vigil/<gateway>/sub/<sub-device>/<form>.
struct PayloadTopic {
    std::string_view device;
    std::string_view sub_device;  // empty: the device itself
    std::string_view form;        // "telemetry", "senml", "fhir", "wave", "ble/2A37"
};

// Nothing: the topic carries no readings.
std::optional<PayloadTopic> payload_topic(std::string_view topic);

// Reads one payload after another, reusing its memory.
class PayloadDecoder {
public:
    Result<void> decode(const PayloadTopic& topic, std::string_view content_type,
                        std::string_view payload, const codec::DecodeContext& context,
                        DecodedMessage& out);

private:
    JsonDocument json_;
};

}  // namespace vigil::collect
