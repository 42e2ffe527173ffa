#pragma once
// One way in for everything a device may publish: which topic carries which payload, and its
// decoder. docs/guides/connect-a-device.md is the page for people.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "codec/ble/characteristic.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec {

enum class PayloadKind : std::uint8_t { telemetry, senml, fhir, ble, wave };

struct PayloadAddress {
    PayloadKind kind = PayloadKind::telemetry;
    std::string_view sub_device;       // named by the topic; empty: the sender itself
    std::uint16_t characteristic = 0;  // of `ble`
};

// `topic_suffix` is what follows "vigil/<device-id>/":
//     telemetry | senml | fhir | wave | ble/<uuid16>, of the sender itself,
//     sub/<sub-device>/(any of these), of a device behind it; also ble/<sub-device>/<uuid16>.
// Nothing: no readings are published there.
std::optional<PayloadAddress> classify(std::string_view topic_suffix);

// Decodes one message after the other, in memory that it keeps: in the steady state telemetry
// allocates nothing. One a thread.
class PayloadDecoder {
public:
    // `sender` is the external id of who published it; `memory` that of the device at `address`.
    // A failure says that nothing could be read: the message belongs in quarantine.
    Result<void> decode(const PayloadAddress& address, std::string_view sender,
                        std::string_view payload, DecodeContext context, ble::DeviceMemory& memory,
                        DecodedMessage& out);

private:
    Result<void> decode_kind(const PayloadAddress& address, std::string_view payload,
                             const DecodeContext& context, ble::DeviceMemory& memory,
                             DecodedMessage& out);
    JsonDocument json_;
};

}  // namespace vigil::codec
