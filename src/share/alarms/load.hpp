#pragma once
// How many alarms people are given to bear, by whom and by what, and how soon they answer: worked
// out from what is kept of events (store/events.hpp).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/json_writer.hpp"
#include "monitor/alarms/event.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

// One signalled alarm, from its onset to whoever answered it and to its end.
struct AlarmRun {
    monitor::ConditionId condition{};
    monitor::AlarmPriority priority = monitor::AlarmPriority::low;
    Timestamp began{};
    std::optional<Timestamp> answered{}, ended{};
};

// Fed newest first, as the store reads.
class AlarmLoad {
public:
    void add(const monitor::AlarmEvent& event);

    // `beds`: all that were watched; those that alarmed are added. Times of the day are UTC.
    void write(JsonWriter& json, const AlarmWords& words, std::set<monitor::Subject> beds,
               Timestamp from, Timestamp to) const;

    std::uint64_t alarms() const;

private:
    struct Later {
        std::optional<Timestamp> answered{}, ended{};
    };
    using Episode = std::pair<monitor::EventId, std::uint32_t>;

    std::map<Episode, Later> later_;  // of alarms whose onset has not been read yet
    std::map<monitor::Subject, std::vector<AlarmRun>> runs_;
};

}  // namespace vigil::share
