// The device's own clock: Current Time (2A2B, Current Time Service 1.1) and Date Time (2A08). They
// give no reading: they tell how far the clock behind the readings can be trusted.

#include "codec/ble/clock.hpp"

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {

void append_date_time(Timestamp local, std::string& out) {
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(local - day));
    ByteWriter bytes(out);
    bytes.little_endian(static_cast<std::uint16_t>(static_cast<int>(date.year())));
    bytes.u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.month())));
    bytes.u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.day())));
    bytes.u8(static_cast<std::uint8_t>(time.hours().count()));
    bytes.u8(static_cast<std::uint8_t>(time.minutes().count()));
    bytes.u8(static_cast<std::uint8_t>(time.seconds().count()));
}

std::string current_time_value(Timestamp local, std::uint8_t reason) {
    std::string value;
    append_date_time(local, value);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const auto fraction = (local - day) % std::chrono::seconds(1);
    ByteWriter bytes(value);
    bytes.u8(static_cast<std::uint8_t>(std::chrono::weekday(day).iso_encoding()));
    bytes.u8(static_cast<std::uint8_t>(fraction.count() * 256 / 1'000'000'000));
    bytes.u8(reason);
    return value;
}

Result<void> date_time(Frame& frame, DeviceMemory&) {
    const auto time = frame.date_time();
    VIGIL_CHECK(frame.complete());
    frame.out().clock_time = time;
    return {};
}

Result<void> current_time(Frame& frame, DeviceMemory&) {
    auto time = frame.date_time();
    frame.u8();  // day of the week
    const auto fractions = frame.u8();
    frame.u8();  // why it was adjusted last
    VIGIL_CHECK(frame.complete());
    if (time) *time += Nanoseconds(fractions * std::int64_t{1'000'000'000} / 256);
    frame.out().clock_time = time;
    return {};
}

}  // namespace vigil::codec::ble
