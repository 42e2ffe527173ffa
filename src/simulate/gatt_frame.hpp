#pragma once
// What home devices say over Bluetooth LE: the raw values of their characteristics (GATT
// Specification Supplement), byte for byte as a device writes them.

#include <cstdint>
#include <string>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace vigil::simulate::gatt {

constexpr std::uint16_t glucose_measurement = 0x2A18;
constexpr std::uint16_t battery_level = 0x2A19;
constexpr std::uint16_t temperature_measurement = 0x2A1C;
constexpr std::uint16_t current_time = 0x2A2B;
constexpr std::uint16_t glucose_context = 0x2A34;
constexpr std::uint16_t blood_pressure_measurement = 0x2A35;
constexpr std::uint16_t weight_measurement = 0x2A9D;
constexpr std::uint16_t cgm_measurement = 0x2AA7;
constexpr std::uint16_t cgm_session_start_time = 0x2AAA;

// Times are what the device's own clock shows: `local` is wall-clock time.
std::string current_time_value(Timestamp local);
std::string battery(std::uint8_t percent);
std::string weight(double kg, Timestamp local);
std::string blood_pressure(int systolic, int diastolic, int mean, int pulse, Timestamp local);
std::string temperature(Decimal value, bool fahrenheit, Timestamp local);

enum class Meal : std::uint8_t { none = 0, before = 1, after = 2, fasting = 3, bedtime = 5 };
// Capillary whole blood from a finger; `context_follows`: a glucose_context of the same sequence.
std::string glucose(std::uint16_t sequence, int mg_per_dl, bool context_follows, Timestamp local);
// `carbohydrate_g` 0: none eaten.
std::string glucose_meal(std::uint16_t sequence, Meal meal, int carbohydrate_g);

// `trend` in tenths of mg/dL/min.
std::string cgm(int mg_per_dl, std::uint16_t minutes_since_start, int trend);
std::string cgm_session_start(Timestamp local, std::int16_t offset_minutes);

}  // namespace vigil::simulate::gatt
