#include "codec/ble/frame.hpp"

#include <fmt/format.h>

#include <cassert>

#include "metric/unit.hpp"

namespace vigil::codec::ble {

UnitId Frame::unit(std::string_view ucum) {
    const auto found = units::find(ucum);
    assert(found);
    return *found;
}

NumericValue Frame::scaled(Decimal scale, std::string_view ucum) {
    constexpr std::uint16_t unsuccessful = 0xFFFF;
    const auto raw = u16();
    if (raw == unsuccessful) return {{}, unit(ucum), SpecialValue::not_available};
    return {{raw * scale.mantissa, scale.exponent}, unit(ucum), SpecialValue::none};
}

std::optional<Timestamp> Frame::date_time(std::optional<std::int16_t> offset_minutes) {
    using std::chrono::day, std::chrono::month, std::chrono::year;
    using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
    const auto year_number = u16();
    const auto month_number = u8();
    const auto day_number = u8();
    const auto hour = u8();
    const auto minute = u8();
    const auto second = u8();
    const std::chrono::year_month_day date{year(year_number), month(month_number), day(day_number)};
    // 0 is "not known" in each field; beyond 2261 nanoseconds end.
    if (year_number < 1678 || year_number > 2261 || !date.ok()) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) -
           minutes(offset_minutes.value_or(context_.default_offset_minutes));
}

std::string_view Frame::take(std::size_t count) {
    const auto taken = bytes_.take(count);
    too_short_ = too_short_ || !taken;
    return taken.value_or(std::string_view());
}

Result<void> Frame::complete() const {
    if (!too_short_) return {};
    return fail(Error::Kind::malformed, "the value ends before the fields that its flags announce",
                fmt::format("byte {}", bytes_.position()));
}

Reading& Frame::add(std::string_view metric, decltype(Reading::value) value) {
    const auto* known = context_.catalogue.find(metric);
    assert(known != nullptr);
    auto& reading = out_.readings.emplace_back();
    reading.metric = known->id;
    reading.status = status_;
    reading.device_time = time_;
    reading.value = std::move(value);
    return reading;
}

void name_user(Frame& frame, std::uint8_t user_id) {
    constexpr std::uint8_t unknown_user = 255;
    if (user_id >= 2 && user_id != unknown_user)
        frame.out().sub_device = fmt::format("{}:user-{}", frame.context().device, user_id);
}

}  // namespace vigil::codec::ble
