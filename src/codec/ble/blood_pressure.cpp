// Blood Pressure Service 1.1: Blood Pressure Measurement (2A35), Intermediate Cuff Pressure (2A36).

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

// The measurement status of 2A35 (Blood Pressure Service 3.1.1.6).
enum StatusBit : int {
    body_movement,
    cuff_too_loose,
    irregular_pulse,
    pulse_above_range,
    pulse_below_range,
    improper_position
};

struct BloodPressure {
    NumericValue systolic, diastolic, mean;
    std::optional<NumericValue> pulse_rate;
    std::uint16_t status = 0;
};

Result<BloodPressure> read(Frame& frame) {
    BloodPressure out;
    const auto flags = frame.u8();
    const auto unit = has(flags, 0) ? "kPa" : "mm[Hg]";
    out.systolic = frame.sfloat(unit);
    out.diastolic = frame.sfloat(unit);
    out.mean = frame.sfloat(unit);
    if (has(flags, 1)) frame.measured_at(frame.date_time());
    if (has(flags, 2)) out.pulse_rate = frame.sfloat("/min");
    if (has(flags, 3)) name_user(frame, frame.u8());
    if (has(flags, 4)) out.status = frame.u16();
    VIGIL_CHECK(frame.complete());
    if (has(out.status, body_movement) || has(out.status, cuff_too_loose) ||
        has(out.status, improper_position))
        frame.mark(status::questionable);
    return out;
}

void add_pulse(Frame& frame, const BloodPressure& pressure) {
    if (pressure.pulse_rate) {
        auto pulse = *pressure.pulse_rate;
        if (has(pressure.status, pulse_above_range)) pulse.special = SpecialValue::over_range;
        if (has(pressure.status, pulse_below_range)) pulse.special = SpecialValue::under_range;
        frame.add_measured("pulse_rate_nibp", pulse);
    }
    if (has(pressure.status, irregular_pulse))
        frame.add("rhythm_status", EventValue{"irregular_pulse",
                                              "irregular pulse during blood pressure measurement"});
}

}  // namespace

Result<void> blood_pressure_measurement(Frame& frame, DeviceMemory&) {
    VIGIL_TRY(pressure, read(frame));
    frame.add("nibp_sys", pressure.systolic);
    frame.add("nibp_dia", pressure.diastolic);
    frame.add_measured("nibp_mean", pressure.mean);
    add_pulse(frame, pressure);
    return {};
}

// The same layout: the cuff's pressure stands first, the other two are NaN.
Result<void> intermediate_cuff_pressure(Frame& frame, DeviceMemory&) {
    VIGIL_TRY(pressure, read(frame));
    frame.mark(status::measurement_ongoing);
    frame.add("nibp_cuff_pressure", pressure.systolic);
    add_pulse(frame, pressure);
    return {};
}

}  // namespace vigil::codec::ble
