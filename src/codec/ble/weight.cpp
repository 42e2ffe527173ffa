// Weight Scale Service 1.0.1 (2A9D) and Body Composition Service 1.0 (2A9C).

#include <array>

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

// SI in steps of 5 g, imperial of 0.01 lb.
NumericValue read_mass(Frame& frame, bool imperial) {
    return imperial ? frame.scaled({1, -2}, "[lb_av]") : frame.scaled({5, -3}, "kg");
}

NumericValue read_height(Frame& frame, bool imperial) {
    return imperial ? frame.scaled({1, -1}, "[in_i]") : frame.scaled({1, -3}, "m");
}

struct Part {
    std::string_view metric;
    std::optional<NumericValue> value;
};

template <std::size_t count>
void add_parts(Frame& frame, const std::array<Part, count>& parts) {
    for (const auto& part : parts)
        if (part.value) frame.add(part.metric, *part.value);
}

}  // namespace

Result<void> weight_measurement(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u8();
    const bool imperial = has(flags, 0);
    const auto weight = read_mass(frame, imperial);
    if (has(flags, 1)) frame.measured_at(frame.date_time());
    if (has(flags, 2)) name_user(frame, frame.u8());
    Part bmi{"bmi", std::nullopt};
    Part height{"height", std::nullopt};
    if (has(flags, 3)) {
        bmi.value = frame.scaled({1, -1}, "kg/m2");
        height.value = read_height(frame, imperial);
    }
    VIGIL_CHECK(frame.complete());
    add_parts(frame, std::array{Part{"weight", weight}, bmi, height});
    return {};
}

Result<void> body_composition_measurement(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u16();
    const bool imperial = has(flags, 0);
    const auto fat = frame.scaled({1, -1}, "%");
    if (has(flags, 1)) frame.measured_at(frame.date_time());
    if (has(flags, 2)) name_user(frame, frame.u8());
    const auto read_if = [&](int bit, auto read) {
        return has(flags, bit) ? std::optional<NumericValue>(read()) : std::nullopt;
    };
    const auto mass = [&] { return read_mass(frame, imperial); };
    // In the order of the flags, which is that of the fields.
    const std::array parts{
        Part{"body_fat", fat},
        Part{"basal_metabolism", read_if(3, [&] { return frame.scaled({1, 0}, "kJ"); })},
        Part{"muscle_percentage", read_if(4, [&] { return frame.scaled({1, -1}, "%"); })},
        Part{"muscle_mass", read_if(5, mass)},
        Part{"fat_free_mass", read_if(6, mass)},
        Part{"soft_lean_mass", read_if(7, mass)},
        Part{"body_water", read_if(8, mass)},
        Part{"body_impedance", read_if(9, [&] { return frame.scaled({1, -1}, "Ohm"); })},
        Part{"weight", read_if(10, mass)},
        Part{"height", read_if(11, [&] { return read_height(frame, imperial); })}};
    VIGIL_CHECK(frame.complete());
    add_parts(frame, parts);
    return {};
}

}  // namespace vigil::codec::ble
