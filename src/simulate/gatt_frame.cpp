#include "simulate/gatt_frame.hpp"

#include <cassert>
#include <cmath>

#include "base/bytes.hpp"

namespace vigil::simulate::gatt {
namespace {

constexpr std::uint8_t user_unknown = 255;

// IEEE 11073-20601 SFLOAT: four bits of exponent, twelve of mantissa.
std::uint16_t sfloat(int mantissa, int exponent) {
    assert(mantissa > -2046 && mantissa < 2046 && exponent >= -8 && exponent <= 7);
    return static_cast<std::uint16_t>((static_cast<unsigned>(exponent) & 0xF) << 12 |
                                      (static_cast<unsigned>(mantissa) & 0xFFF));
}

void put_date_time(ByteWriter& out, Timestamp local) {
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(local - day));
    out.little_endian(static_cast<std::uint16_t>(static_cast<int>(date.year())));
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.month())));
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(date.day())));
    out.u8(static_cast<std::uint8_t>(time.hours().count()));
    out.u8(static_cast<std::uint8_t>(time.minutes().count()));
    out.u8(static_cast<std::uint8_t>(time.seconds().count()));
}

}  // namespace

std::string weight(double kg, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(0x02);  // SI, time stamp
    constexpr double step_kg = 0.005;
    out.little_endian(static_cast<std::uint16_t>(std::lround(kg / step_kg)));
    put_date_time(out, local);
    return value;
}

std::string blood_pressure(int systolic, int diastolic, int mean, int pulse, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(0x1E);  // mmHg, time stamp, pulse rate, user, status
    for (const int pressure : {systolic, diastolic, mean}) out.little_endian(sfloat(pressure, 0));
    put_date_time(out, local);
    out.little_endian(sfloat(pulse, 0));
    out.u8(user_unknown);
    out.little_endian(std::uint16_t{0});
    return value;
}

std::string temperature(Decimal reading, bool fahrenheit, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    constexpr std::uint8_t body_ear = 3;
    out.u8(static_cast<std::uint8_t>(0x06 | (fahrenheit ? 1 : 0)));  // time stamp, type
    // FLOAT: eight bits of exponent, twenty-four of mantissa.
    out.little_endian(static_cast<std::uint32_t>(static_cast<std::uint8_t>(reading.exponent))
                          << 24 |
                      (static_cast<std::uint32_t>(reading.mantissa) & 0xFFFFFF));
    put_date_time(out, local);
    out.u8(body_ear);
    return value;
}

std::string glucose(std::uint16_t sequence, int mg_per_dl, bool context_follows, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(static_cast<std::uint8_t>(0x02 | (context_follows ? 0x10 : 0)));  // concentration, kg/L
    out.little_endian(sequence);
    put_date_time(out, local);
    out.little_endian(sfloat(mg_per_dl, -5));  // 1 mg/dL = 1E-5 kg/L
    out.u8(0x11);                              // finger, capillary whole blood
    return value;
}

std::string glucose_meal(std::uint16_t sequence, Meal meal, int carbohydrate_g) {
    std::string value;
    ByteWriter out(value);
    constexpr std::uint8_t has_carbohydrate = 0x01;
    constexpr std::uint8_t has_meal = 0x02;
    constexpr std::uint8_t snack = 4;
    out.u8(static_cast<std::uint8_t>(has_meal | (carbohydrate_g > 0 ? has_carbohydrate : 0)));
    out.little_endian(sequence);
    if (carbohydrate_g > 0) {
        out.u8(snack);
        out.little_endian(sfloat(carbohydrate_g, -3));  // kg
    }
    out.u8(static_cast<std::uint8_t>(meal));
    return value;
}

std::string cgm(int mg_per_dl, std::uint16_t minutes_since_start, int trend) {
    std::string value;
    ByteWriter out(value);
    out.u8(8);     // the record's size
    out.u8(0x01);  // trend follows
    out.little_endian(sfloat(mg_per_dl, 0));
    out.little_endian(minutes_since_start);
    out.little_endian(sfloat(trend, -1));
    return value;
}

std::string cgm_session_start(Timestamp local, std::int16_t offset_minutes) {
    std::string value;
    ByteWriter out(value);
    put_date_time(out, local);
    out.u8(static_cast<std::uint8_t>(offset_minutes / 15));
    out.u8(0);  // standard time
    return value;
}

}  // namespace vigil::simulate::gatt
