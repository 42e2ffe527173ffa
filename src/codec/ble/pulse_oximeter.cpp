// Pulse Oximeter Service 1.0.1: PLX Spot-Check (2A5E) and PLX Continuous Measurement (2A5F).

#include <array>

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

struct StatusBit {
    int bit;
    std::uint32_t status;
};

// Measurement Status (Pulse Oximeter Service 3.2.1.5); bit 8, "fully qualified", is the normal
// case.
constexpr std::array measurement_status{StatusBit{5, status::measurement_ongoing},
                                        StatusBit{6, status::early_indication},
                                        StatusBit{7, status::validated},
                                        StatusBit{9, status::stored_data},
                                        StatusBit{10, status::demo_data},
                                        StatusBit{11, status::test_data},
                                        StatusBit{12, status::calibration_ongoing},
                                        StatusBit{13, status::not_available},
                                        StatusBit{14, status::questionable},
                                        StatusBit{15, status::invalid}};

// Device and Sensor Status: inadequate or poor signal, low perfusion, erratic, non-pulsatile,
// interference; then sensor unconnected, displaced or disconnected.
constexpr std::uint32_t poor_signal_bits =
    1U << 3 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 7 | 1U << 10 | 1U << 11 | 1U << 13 | 1U << 15;
// Processing irregularity, questionable pulse.
constexpr std::uint32_t questionable_bits = 1U << 2 | 1U << 8;
// Equipment malfunction, unknown sensor, sensor malfunctioning.
constexpr std::uint32_t fault_bits = 1U << 1 | 1U << 12 | 1U << 14;

void read_measurement_status(Frame& frame) {
    const auto bits = frame.u16();
    for (const auto& [bit, status] : measurement_status)
        if (has(bits, bit)) frame.mark(status);
}

void read_device_status(Frame& frame) {
    const auto bits = frame.u24();
    if ((bits & poor_signal_bits) != 0) frame.mark(status::signal_poor);
    if ((bits & questionable_bits) != 0) frame.mark(status::questionable);
    if ((bits & fault_bits) != 0) frame.mark(status::invalid | status::alarm_at_source);
}

struct Pair {
    NumericValue saturation, pulse_rate;
};

Pair read_pair(Frame& frame) {
    Pair out;
    out.saturation = frame.sfloat("%");
    out.pulse_rate = frame.sfloat("/min");
    return out;
}

void add_pair(Frame& frame, const Pair& pair, std::uint16_t channel) {
    frame.add("spo2", pair.saturation).channel = channel;
    frame.add("pulse_rate_spo2", pair.pulse_rate).channel = channel;
}

}  // namespace

Result<void> plx_spot_check(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u8();
    const auto normal = read_pair(frame);
    const auto time = has(flags, 0) ? frame.date_time() : std::nullopt;
    if (has(flags, 1)) read_measurement_status(frame);
    if (has(flags, 2)) read_device_status(frame);
    std::optional<NumericValue> amplitude;
    if (has(flags, 3)) amplitude = frame.sfloat("%");
    VIGIL_CHECK(frame.complete());
    // Device Clock Is Not Set: its time counts from anywhere and is not used.
    if (has(flags, 4))
        frame.mark(status::clock);
    else
        frame.measured_at(time);
    add_pair(frame, normal, 0);
    if (amplitude) frame.add("perfusion_index", *amplitude);
    return {};
}

// Fast and slow responding values of the same sensor are channels 1 and 2.
Result<void> plx_continuous(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u8();
    const auto normal = read_pair(frame);
    std::optional<Pair> fast;
    std::optional<Pair> slow;
    std::optional<NumericValue> amplitude;
    if (has(flags, 0)) fast = read_pair(frame);
    if (has(flags, 1)) slow = read_pair(frame);
    if (has(flags, 2)) read_measurement_status(frame);
    if (has(flags, 3)) read_device_status(frame);
    if (has(flags, 4)) amplitude = frame.sfloat("%");
    VIGIL_CHECK(frame.complete());
    add_pair(frame, normal, 0);
    if (fast) add_pair(frame, *fast, 1);
    if (slow) add_pair(frame, *slow, 2);
    if (amplitude) frame.add("perfusion_index", *amplitude);
    return {};
}

}  // namespace vigil::codec::ble
