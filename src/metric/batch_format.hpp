#pragma once
// What the two sides of a batch body share: docs/reference/log-entry.md. Not for other files.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace vigil::batch_format {

constexpr std::uint8_t version = 1;

// Content types that every server meets are one byte. Stored: a number never changes meaning.
constexpr std::array<std::string_view, 12> content_types{
    "",
    "application/json",
    "application/senml+json",
    "application/senml+cbor",
    "application/fhir+json",
    "application/octet-stream",
    "application/vnd.vigil.waveform",
    "application/vnd.bluetooth.gatt",
    "x-application/hl7-v2+er7",
    "application/cbor",
    "text/plain",
    "application/x-protobuf",
};
constexpr std::uint8_t content_type_written_out = 0xFF;

// The batch's flags.
constexpr std::uint8_t has_offset = 1U << 0;
constexpr std::uint8_t has_digest = 1U << 1;  // in place of the raw form
constexpr std::uint8_t has_sequence = 1U << 2;

// A reading's shape: bits 0-2 its kind (the variant's index), then what follows.
constexpr std::uint8_t kind_mask = 0x07;
constexpr std::uint8_t has_channel = 1U << 3;
constexpr std::uint8_t has_status = 1U << 4;
constexpr std::uint8_t has_device_time = 1U << 5;
constexpr std::uint8_t same_device_time = 1U << 6;  // as the reading before
// Without this bit the filed time is the device time or, where there is none, the receive time.
constexpr std::uint8_t has_filed_time = 1U << 7;

// Times far apart: the difference may not fit 63 bits, but two's complement brings it back.
inline std::int64_t difference(Timestamp a, Timestamp b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_ns(a)) -
                                     static_cast<std::uint64_t>(unix_ns(b)));
}
inline Timestamp plus(Timestamp a, std::int64_t difference_ns) {
    return from_unix_ns(static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_ns(a)) +
                                                  static_cast<std::uint64_t>(difference_ns)));
}

}  // namespace vigil::batch_format
