#pragma once
// The device's own clock as Bluetooth LE writes it: for those who set one.

#include <string>

#include "base/time.hpp"

namespace vigil::codec::ble {

// Wall-clock time, seven bytes: the value of Date Time (2A08).
void append_date_time(Timestamp local, std::string& out);
// The value of Current Time (2A2B), to be written to the Current Time Service. `reason`: of the
// adjustment, bit 1 is an external reference.
std::string current_time_value(Timestamp local, std::uint8_t reason);

}  // namespace vigil::codec::ble
