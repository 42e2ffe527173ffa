#include "simulate/gatt_frame.hpp"

#include <cassert>
#include <cmath>

#include "base/bytes.hpp"
#include "codec/ble/clock.hpp"

namespace vigil::simulate::gatt {
namespace {

constexpr std::uint8_t user_unknown = 255;

// IEEE 11073-20601 SFLOAT: four bits of exponent, twelve of mantissa.
std::uint16_t sfloat(int mantissa, int exponent) {
    assert(mantissa > -2046 && mantissa < 2046 && exponent >= -8 && exponent <= 7);
    return static_cast<std::uint16_t>((static_cast<unsigned>(exponent) & 0xF) << 12 |
                                      (static_cast<unsigned>(mantissa) & 0xFFF));
}

}  // namespace

std::string current_time_value(Timestamp local) {
    constexpr std::uint8_t never_adjusted = 0;
    return codec::ble::current_time_value(local, never_adjusted);
}

std::string battery(std::uint8_t percent) {
    return {static_cast<char>(percent)};
}

std::string weight(double kg, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(0x02);  // SI, time stamp
    constexpr double step_kg = 0.005;
    out.little_endian(static_cast<std::uint16_t>(std::lround(kg / step_kg)));
    codec::ble::append_date_time(local, value);
    return value;
}

std::string blood_pressure(int systolic, int diastolic, int mean, int pulse, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(0x1E);  // mmHg, time stamp, pulse rate, user, status
    for (const int pressure : {systolic, diastolic, mean}) out.little_endian(sfloat(pressure, 0));
    codec::ble::append_date_time(local, value);
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
    codec::ble::append_date_time(local, value);
    out.u8(body_ear);
    return value;
}

std::string glucose(std::uint16_t sequence, int mg_per_dl, bool context_follows, Timestamp local) {
    std::string value;
    ByteWriter out(value);
    out.u8(static_cast<std::uint8_t>(0x02 | (context_follows ? 0x10 : 0)));  // concentration, kg/L
    out.little_endian(sequence);
    codec::ble::append_date_time(local, value);
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
    codec::ble::append_date_time(local, value);
    out.u8(static_cast<std::uint8_t>(offset_minutes / 15));
    out.u8(0);  // standard time
    return value;
}

}  // namespace vigil::simulate::gatt
