#pragma once
// What a simulated monitor puts on the wire: telemetry JSON for numbers and events, waveform blocks
// for waveforms (docs/guides/connect-a-device.md).

#include <string>
#include <string_view>

#include "metric/catalogue.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::simulate {

struct WireForm {
    std::string_view topic_suffix;  // "telemetry", "wave"
    std::string payload;
};

// `stored`: it was kept, and is sent as stored data.
WireForm wire_form(const Catalogue& catalogue, const Emission& emission, bool stored);

}  // namespace vigil::simulate
