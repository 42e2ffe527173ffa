// Heart Rate Service 1.0: Heart Rate Measurement (2A37).

#include "codec/ble/frame.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::ble {
namespace {

constexpr std::uint16_t energy_saturated = 0xFFFF;

// An RR interval counts 1/1024 s; 1000/1024 ms are 0.9765625 ms exactly.
NumericValue rr_interval(std::uint16_t ticks) {
    Decimal milliseconds{ticks * std::int64_t{9'765'625}, -7};
    while (milliseconds.exponent < 0 && milliseconds.mantissa % 10 == 0) {
        milliseconds.mantissa /= 10;
        ++milliseconds.exponent;
    }
    return {milliseconds, Frame::unit("ms"), SpecialValue::none};
}

}  // namespace

Result<void> heart_rate_measurement(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u8();
    const std::uint16_t rate = has(flags, 0) ? frame.u16() : frame.u8();
    const std::uint16_t energy_kj = has(flags, 3) ? frame.u16() : 0;
    VIGIL_CHECK(frame.complete());

    const bool contact_known = has(flags, 2);
    const bool contact_lost = contact_known && !has(flags, 1);
    if (contact_lost) frame.mark(status::signal_poor);
    NumericValue heart_rate{{rate, 0}, Frame::unit("/min"), SpecialValue::none};
    // A sensor off the skin sends 0: that is no reading, and no asystole.
    if (rate == 0 && contact_lost) heart_rate.special = SpecialValue::not_available;
    frame.add("heart_rate", heart_rate);
    if (has(flags, 3))
        frame.add("energy_active",
                  NumericValue{{energy_kj, 0},
                               Frame::unit("kJ"),
                               energy_kj == energy_saturated ? SpecialValue::over_range
                                                             : SpecialValue::none});
    if (has(flags, 4))
        while (frame.remaining() >= 2) frame.add("rr_interval", rr_interval(frame.u16()));
    return {};
}

}  // namespace vigil::codec::ble
