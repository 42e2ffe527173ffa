// Health Thermometer Service 1.0: Temperature Measurement (2A1C), Intermediate Temperature (2A1E).

#include <array>

#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

// Temperature Type (2A1D). A place without a metric of its own is body temperature.
std::string_view metric_at(std::uint8_t place) {
    constexpr std::array<std::string_view, 10> metrics{
        "temp_body", "temp_axillary", "temp_body",   "temp_ear",  "temp_finger",
        "temp_body", "temp_oral",     "temp_rectal", "temp_body", "temp_tympanic"};
    return place < metrics.size() ? metrics[place] : metrics[0];
}

}  // namespace

Result<void> temperature_measurement(Frame& frame, DeviceMemory&) {
    const auto flags = frame.u8();
    const auto temperature = frame.float32(has(flags, 0) ? "[degF]" : "Cel");
    if (has(flags, 1)) frame.measured_at(frame.date_time());
    const std::uint8_t place = has(flags, 2) ? frame.u8() : 0;
    VIGIL_CHECK(frame.complete());
    frame.add(metric_at(place), temperature);
    return {};
}

}  // namespace vigil::codec::ble
