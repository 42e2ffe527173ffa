#pragma once
// A device message as it was filed under one patient: what the rooms below collect/ see of it once
// the log has it.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "metric/batch.hpp"

namespace vigil::collect {

// A view: it lives as long as the call that hands it out.
struct FiledMessage {
    Position position;  // offset 0: the log could not store it, it is only shown (promise 2)
    PatientId patient;  // 0: filed under nobody yet
    DeviceId device;
    Timestamp receive_time;
    std::span<const FiledReading> readings;
    // Of the first of them in its entry: equal filed times of one message keep their order, whoever
    // the parts of it are filed under.
    std::uint32_t first_sequence = 0;
    std::string_view encoded;  // the same as `encode_readings` writes them; empty: not at hand

    bool stored() const { return position.offset != 0; }
};

}  // namespace vigil::collect
