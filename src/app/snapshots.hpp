#pragma once
// The snapshots that make a start short. They are made of the last ones and the log's entries
// since, by the rules of a start: away from the loop, which never stops for them however many
// devices and sessions there are.

#include <string_view>

#include "app/data_folder.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace vigil::app {

inline constexpr std::string_view registry_consumer = "registry";
inline constexpr std::string_view broker_consumer = "broker";

// With the entry at `up_to`, which the loop has taken: what follows from it elsewhere (readings
// that an association moves) is on its way to vigil.db before the snapshot. Returns where entries
// begin that wait for an MQTT subscriber; offset 0: none do. Waits for the disk.
Result<Position> keep_snapshots(DataFolder& folder, Position up_to);

}  // namespace vigil::app
