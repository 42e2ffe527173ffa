#pragma once
// What devices measure, as they said it (promise 4 of docs/architecture.md).

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/decimal.hpp"
#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace vigil {

// IEEE 11073-20601 special values of SFLOAT/FLOAT, and the over- and under-range that other
// protocols tell. A special value is stored as what it is, never as a number.
enum class SpecialValue : std::uint8_t {
    none,
    not_a_number,
    not_at_this_resolution,
    positive_infinity,
    negative_infinity,
    over_range,
    under_range,
    not_available  // a declared absence: FHIR dataAbsentReason, JSON null
};

// Bits of `Reading::status`. The first eleven are IEEE 11073-20601 MeasurementStatus, bit n as
// BITS-16 numbers them; the rest is what Vigil notes on its way in.
namespace status {
constexpr std::uint32_t invalid = 1U << 0;
constexpr std::uint32_t questionable = 1U << 1;
constexpr std::uint32_t not_available = 1U << 2;
constexpr std::uint32_t calibration_ongoing = 1U << 3;
constexpr std::uint32_t test_data = 1U << 4;
constexpr std::uint32_t demo_data = 1U << 5;
constexpr std::uint32_t validated = 1U << 8;
constexpr std::uint32_t early_indication = 1U << 9;
constexpr std::uint32_t measurement_ongoing = 1U << 10;
constexpr std::uint32_t manual = 1U << 16;       // typed in by a person
constexpr std::uint32_t estimated = 1U << 17;    // derived, not measured
constexpr std::uint32_t stored_data = 1U << 18;  // the source says: measured earlier, sent now
constexpr std::uint32_t clock = 1U << 19;        // filed at receive time: device clock off
constexpr std::uint32_t implausible = 1U << 20;  // outside the catalogue's artefact limits
constexpr std::uint32_t possible_duplicate = 1U << 21;  // promise 3
constexpr std::uint32_t late = 1U << 22;                // too old to count for alarms
constexpr std::uint32_t corrected = 1U << 23;
constexpr std::uint32_t signal_poor = 1U << 24;      // sensor displaced, low perfusion, lead off…
constexpr std::uint32_t alarm_at_source = 1U << 25;  // the device itself flags a limit or fault
// An Observation of the record says it: that is what FHIR shows of it, and no view.
constexpr std::uint32_t of_record = 1U << 26;
}  // namespace status

// Equality here is by value: 1.0 == 1.00 (Decimal::same_as tells them apart).
struct NumericValue {
    Decimal value;  // as sent, in `unit`; meaningless unless special is none
    UnitId unit;    // as sent; 0: none declared
    SpecialValue special = SpecialValue::none;
    bool operator==(const NumericValue&) const = default;
};

struct CodedValue {
    std::string system;  // a URI, or empty for a local code
    std::string code;
    std::string display;
    bool operator==(const CodedValue&) const = default;
};

struct TextValue {
    std::string text;
    bool operator==(const TextValue&) const = default;
};

// Something that happened, e.g. rhythm change, button, alarm at the device.
struct EventValue {
    std::string code;  // a REFID or the source's own word
    std::string text;
    bool operator==(const EventValue&) const = default;
};

// samples[i] was taken at the reading's time + i × period; value = offset + scale × sample.
struct WaveformBlock {
    static constexpr std::int32_t missing = INT32_MIN;  // no sample here: lead off, gap
    Nanoseconds period{};
    Decimal scale{1, 0}, offset{0, 0};
    UnitId unit{};
    std::vector<std::int32_t> samples{};
    bool operator==(const WaveformBlock&) const = default;
};

struct Reading {
    MetricId metric{};
    std::uint16_t channel = 0;  // tells apart equal metrics of one device; 0 where there is one
    std::uint32_t status = 0;   // bits above
    std::optional<Timestamp> device_time{};  // by the device's clock, as UTC; none: it sent no time
    std::variant<NumericValue, CodedValue, TextValue, EventValue, WaveformBlock> value{};
    bool operator==(const Reading&) const = default;
};

// What a decoder makes of one device message. Nothing here knows receive time or patient.
struct DecodedMessage {
    // The message's own identity where the payload has one (SenML/FHIR identifier, sequence
    // number): the fingerprint of those bytes. Zero: none.
    Fingerprint payload_identity;
    std::string sub_device;  // whom a gateway names as the source; empty: the sender itself
    // The offset the device wrote its times with; none: it wrote UTC or no zone. A time without a
    // zone is read with the offset the caller passes in.
    std::optional<std::int16_t> offset_minutes;
    // When the gateway heard the device say this, by the gateway's clock; none: it did not tell.
    std::optional<Timestamp> heard_time;
    bool kept = false;  // and kept it until it could send
    // What the device's clock shows now, where the message says so (Bluetooth LE Current Time).
    std::optional<Timestamp> clock_time;
    std::vector<Reading> readings;
    // Parts that could not be read though the rest could: one line each, for quarantine.
    std::vector<Error> unread;
};

}  // namespace vigil
