#pragma once
// A characteristic's value being read: fields in order, little endian, and the readings made of
// them.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "codec/ble/characteristic.hpp"
#include "codec/ble/medical_float.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::ble {

// A field beyond the end reads as 0 and makes the whole value too short: a decoder reads all its
// fields, checks `complete()` once, and only then adds readings. Bytes left over are reserved for
// later versions of a service and are ignored.
class Frame {
public:
    Frame(std::string_view value, const DecodeContext& context, DecodedMessage& out)
        : bytes_(value), context_(context), out_(out) {}

    std::uint8_t u8() { return integer<std::uint8_t>(); }
    std::uint16_t u16() { return integer<std::uint16_t>(); }
    std::uint32_t u24() {
        const std::uint32_t low = u16();
        return low | static_cast<std::uint32_t>(u8()) << 16;
    }
    std::int16_t s16() { return integer<std::int16_t>(); }
    std::int8_t s8() { return integer<std::int8_t>(); }
    static UnitId unit(std::string_view ucum);  // one that the table of units has
    NumericValue sfloat(std::string_view ucum) { return ble::sfloat(u16(), unit(ucum)); }
    NumericValue float32(std::string_view ucum) {
        return ble::float32(integer<std::uint32_t>(), unit(ucum));
    }
    // u16 × scale; 0xFFFF says that the measurement was unsuccessful.
    NumericValue scaled(Decimal scale, std::string_view ucum);
    // 2A08: wall-clock time without a zone; nothing where the device does not know it.
    std::optional<Timestamp> date_time(std::optional<std::int16_t> offset_minutes = std::nullopt);

    std::size_t remaining() const { return bytes_.remaining(); }
    std::size_t position() const { return bytes_.position(); }
    std::string_view take(std::size_t count);
    Result<void> complete() const;

    // For the readings added from here on.
    void measured_at(std::optional<Timestamp> time) {
        if (time) time_ = time;
    }
    void mark(std::uint32_t status) { status_ |= status; }

    Reading& add(std::string_view metric, decltype(Reading::value) value);
    // Leaves out what was not measured, as 2A35 sends NaN for a missing mean pressure.
    void add_measured(std::string_view metric, const NumericValue& value) {
        if (value.special != SpecialValue::not_a_number) add(metric, value);
    }

    const DecodeContext& context() const { return context_; }
    DecodedMessage& out() { return out_; }
    std::optional<Timestamp> time() const { return time_; }

private:
    template <class T>
    T integer() {
        const auto value = bytes_.little_endian<T>();
        too_short_ = too_short_ || !value;
        return value.value_or(0);
    }
    ByteReader bytes_;
    const DecodeContext& context_;
    DecodedMessage& out_;
    std::optional<Timestamp> time_;
    std::uint32_t status_ = 0;
    bool too_short_ = false;
};

// Several people may share a cuff or a scale: what the device measured on its second user is not
// filed under the first one's patient, but under a device of its own, "cuff-1:user-2". Users 0 and
// 1 are the device itself, 255 is "unknown user".
void name_user(Frame& frame, std::uint8_t user_id);

constexpr bool has(std::uint32_t flags, int bit) {
    return ((flags >> bit) & 1) != 0;
}

using Characteristic = Result<void>(Frame& frame, DeviceMemory& memory);
Characteristic battery_level, heart_rate_measurement, blood_pressure_measurement,
    intermediate_cuff_pressure, temperature_measurement, plx_spot_check, plx_continuous,
    glucose_measurement, glucose_context, cgm_measurement, cgm_session_start, weight_measurement,
    body_composition_measurement, date_time, current_time;

}  // namespace vigil::codec::ble
