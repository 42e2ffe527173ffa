#pragma once
// Values of Bluetooth LE health characteristics (GATT Specification Supplement), one a message, by
// their 16-bit UUID. The payload is the raw value, or a gateway's JSON around it:
// {"ts": 1767225600123, "rssi": -60, "hex": "0650"} or "b64"; with "stored": true where the gateway
// kept it until it could send.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::ble {

// What a value's meaning depends on beyond its own bytes. One a device, kept by the caller.
struct DeviceMemory {
    // CGM Session Start Time (2AAA): glucose records count minutes from it.
    std::optional<Timestamp> cgm_session_start;
    // The last glucose measurements: a context (2A34) names only the sequence number of its own.
    struct GlucoseMeasurement {
        std::uint16_t sequence = 0;
        std::optional<Timestamp> time;
    };
    static constexpr std::size_t glucose_measurements_max = 32;
    std::vector<GlucoseMeasurement> glucose_measurements;
};

// Readable: 2A08 2A18 2A19 2A1C 2A1E 2A2B 2A34 2A35 2A36 2A37 2A5E 2A5F 2A9C 2A9D 2AA7 2AAA.
Result<void> decode(std::uint16_t characteristic, std::string_view payload,
                    const DecodeContext& context, DeviceMemory& memory, JsonDocument& json,
                    DecodedMessage& out);

constexpr std::size_t value_bytes_max = 512;  // Bluetooth Core 5.4, Vol 3, Part F, 3.2.9

}  // namespace vigil::codec::ble
