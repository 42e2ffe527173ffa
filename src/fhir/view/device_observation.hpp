#pragma once
// What an Observation that someone wrote says a device of this server has measured.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "fhir/definition/definitions.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct DeviceObservation {
    std::variant<DeviceId, std::string> device;  // its number, or its name in topics
    std::string patient;  // the id of the Patient it is about; empty: it says none
    Timestamp time;       // of all its readings
    std::optional<std::int16_t> offset_minutes;  // that its time is written with
    std::vector<Reading> readings;               // at least one
};

struct DeviceObservationContext {
    const Catalogue& catalogue;
    const Definitions& definitions;
    std::string_view base;  // this server's own address: references to it are local
};

// Whether a resource may refer to a device, by a look at its bytes.
bool names_device(const store::Record& record);

// What its status says of a measurement: it stands, it never did (entered in error, cancelled,
// deleted), or that is not settled yet.
enum class Standing : std::uint8_t { stands, withdrawn, open };
Standing standing_of(const store::Record& observation);

// Nothing where it is no such thing as a whole: it is not final, its device, code or unit is not
// known here, its time is no instant, or it says something of a value that a reading has no place
// for. `reader` finds the Device it refers to.
Result<std::optional<DeviceObservation>> read_device_observation(
    const store::Record& record, store::RecordReader& reader,
    const DeviceObservationContext& context);

}  // namespace vigil::fhir
