#pragma once
// A device message as it was filed under one patient: what the rooms below collect/ see of it once
// the log has it.

#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "metric/batch.hpp"

namespace vigil::collect {

struct FiledMessage {
    Position position;  // offset 0: the log could not store it, it is only shown (promise 2)
    PatientId patient;  // 0: filed under nobody yet
    DeviceId device;
    Timestamp receive_time;
    std::vector<FiledReading> readings;

    bool stored() const { return position.offset != 0; }
};

}  // namespace vigil::collect
