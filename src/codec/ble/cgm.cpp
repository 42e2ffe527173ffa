// Continuous Glucose Monitoring Service 1.0.2: Measurement (2AA7), Session Start Time (2AAA).

#include <fmt/format.h>

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

// A record this much older than its arrival was kept by the sensor while nobody listened.
constexpr auto live_for = std::chrono::minutes(10);

constexpr std::size_t record_bytes_min = 6;
constexpr std::size_t crc_bytes = 2;

// CRC-16/MCRF4XX: polynomial 0x1021 reflected, from 0xFFFF (CGM Service 3.11, E2E-CRC).
std::uint16_t e2e_crc(std::string_view bytes) {
    std::uint32_t crc = 0xFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x8408U : 0);
    }
    return static_cast<std::uint16_t>(crc);
}

struct Record {
    NumericValue concentration;
    std::uint16_t offset_minutes = 0;
    std::uint32_t annunciation = 0;  // 24 bits: status, calibration and temperature, warning
    std::optional<NumericValue> trend, quality;
    bool crc_fails = false;
};

std::size_t announced_bytes(std::uint8_t flags) {
    std::size_t bytes = record_bytes_min;
    for (const int octet : {5, 6, 7}) bytes += has(flags, octet) ? 1 : 0;
    for (const int value : {0, 1}) bytes += has(flags, value) ? 2 : 0;
    return bytes;
}

// One record, of the size it says. Where flags and size disagree nothing in it can be trusted.
Result<Record> read_record(std::string_view bytes, const DecodeContext& context,
                           DecodedMessage& out) {
    Frame frame(bytes, context, out);
    frame.u8();  // the size
    const auto flags = frame.u8();
    const auto announced = announced_bytes(flags);
    if (bytes.size() != announced && bytes.size() != announced + crc_bytes)
        return fail(Error::Kind::malformed, "a CGM record's size and flags disagree");
    Record record;
    record.concentration = frame.sfloat("mg/dL");
    record.offset_minutes = frame.u16();
    // Least significant octet first, as the bits are numbered. (Some early servers send the warning
    // octet first; nothing in the record tells.)
    if (has(flags, 7)) record.annunciation |= frame.u8();
    if (has(flags, 6)) record.annunciation |= static_cast<std::uint32_t>(frame.u8()) << 8;
    if (has(flags, 5)) record.annunciation |= static_cast<std::uint32_t>(frame.u8()) << 16;
    if (has(flags, 0)) record.trend = frame.sfloat("mg/dL/min");
    if (has(flags, 1)) record.quality = frame.sfloat("%");
    if (frame.remaining() >= crc_bytes)
        record.crc_fails = e2e_crc(bytes.substr(0, announced)) != frame.u16();
    return record;
}

constexpr std::uint32_t fault_bits = 1U << 0 | 1U << 2 | 1U << 3 | 1U << 5;  // stopped, type, fault
constexpr std::uint32_t calibration_bits = 1U << 10 | 1U << 11;  // recommended, required
constexpr std::uint32_t temperature_bits = 1U << 12 | 1U << 13;
constexpr std::uint32_t alert_bits = 1U << 4 | 0x3FU << 16;  // device alert; low, high, rate
constexpr std::uint32_t below_range = 1U << 22;
constexpr std::uint32_t above_range = 1U << 23;

std::uint32_t status_of(std::uint32_t annunciation) {
    std::uint32_t bits = 0;
    if ((annunciation & fault_bits) != 0) bits |= status::invalid | status::alarm_at_source;
    if ((annunciation & (calibration_bits | temperature_bits)) != 0) bits |= status::questionable;
    if ((annunciation & alert_bits) != 0) bits |= status::alarm_at_source;
    return bits;
}

void add_record(Frame& frame, const Record& record, const DeviceMemory& memory) {
    std::optional<Timestamp> time = frame.time();
    auto bits = status_of(record.annunciation);
    if (memory.cgm_session_start) {
        time = *memory.cgm_session_start + std::chrono::minutes(record.offset_minutes);
        if (frame.context().receive_time - *time > live_for) bits |= status::stored_data;
    }
    if (record.crc_fails) bits |= status::invalid;
    auto concentration = record.concentration;
    if ((record.annunciation & below_range) != 0) concentration.special = SpecialValue::under_range;
    if ((record.annunciation & above_range) != 0) concentration.special = SpecialValue::over_range;
    const auto add = [&](std::string_view metric, const NumericValue& value) {
        auto& reading = frame.add(metric, value);
        reading.device_time = time;
        reading.status |= bits;
    };
    add("glucose_cgm", concentration);
    if (record.trend) add("glucose_trend", *record.trend);
    if (record.quality) add("glucose_cgm_quality", *record.quality);
}

}  // namespace

Result<void> cgm_measurement(Frame& frame, DeviceMemory& memory) {
    std::string_view rest = frame.take(frame.remaining());
    const auto total = rest.size();
    while (!rest.empty()) {
        const auto place = fmt::format("byte {}", total - rest.size());
        const std::size_t size = static_cast<unsigned char>(rest[0]);
        if (size < record_bytes_min || size > rest.size()) {
            // Where the next record begins is not known either.
            note_unread(frame.out(),
                        {Error::Kind::malformed, "a CGM record's size is wrong", place});
            break;
        }
        const auto record = read_record(rest.substr(0, size), frame.context(), frame.out());
        if (record)
            add_record(frame, *record, memory);
        else
            note_unread(frame.out(), {record.error().kind, record.error().message, place});
        rest.remove_prefix(size);
    }
    if (!frame.out().readings.empty()) return {};
    return fail(Error::Kind::malformed, "holds no CGM record that can be read", "byte 0");
}

Result<void> cgm_session_start(Frame& frame, DeviceMemory& memory) {
    constexpr std::int8_t zone_unknown = -128;
    constexpr std::uint8_t dst_unknown = 255;
    // The zone stands behind the time it is for: look ahead.
    const auto bytes = frame.take(9);
    VIGIL_CHECK(frame.complete());
    const auto zone = static_cast<std::int8_t>(bytes[7]);
    const auto dst = static_cast<std::uint8_t>(bytes[8]);
    std::optional<std::int16_t> offset_minutes;
    if (zone != zone_unknown)
        offset_minutes = static_cast<std::int16_t>(15 * (zone + (dst == dst_unknown ? 0 : dst)));
    Frame time(bytes, frame.context(), frame.out());
    memory.cgm_session_start = time.date_time(offset_minutes);
    return {};
}

}  // namespace vigil::codec::ble
