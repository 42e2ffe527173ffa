#pragma once
// The snapshots that make a start short. They are made of the last ones and the log's entries
// since, by the rules of a start: away from the loop, which never stops for them however many
// devices and sessions there are.

#include <string_view>
#include <vector>

#include "app/data_folder.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "broker/message.hpp"

namespace vigil::app {

inline constexpr std::string_view registry_consumer = "registry";
inline constexpr std::string_view broker_consumer = "broker";

// What MQTT subscribers wait for in the log.
struct Queued {
    Position from;                                // where it begins; offset 0: nothing waits
    std::vector<broker::SessionNumber> behind{};  // the sessions that need entries before `bound`
};

// With the entry at `up_to`, which the loop has taken: what follows from it elsewhere (readings
// that an association moves) is on its way to vigil.db before the snapshot. `bound`: where the log
// would begin if no session needed more of it. Waits for the disk.
Result<Queued> keep_snapshots(DataFolder& folder, Position up_to, Position bound = {});

}  // namespace vigil::app
