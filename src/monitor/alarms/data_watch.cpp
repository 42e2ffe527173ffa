#include "monitor/alarms/data_watch.hpp"

#include <algorithm>
#include <utility>

namespace vigil::monitor {

DataChange DataWatch::on_value(Timestamp measured, Timestamp now) {
    newest = measured;
    heard = std::max(heard, now);
    return std::exchange(silent, false) ? DataChange::came_back : DataChange::none;
}

DataChange DataWatch::on_time(Timestamp now, Nanoseconds gap) {
    if (gap <= Nanoseconds::zero() || silent || heard == Timestamp::min()) return DataChange::none;
    if (now <= heard || now - heard <= gap) return DataChange::none;
    silent = true;
    return DataChange::went_silent;
}

}  // namespace vigil::monitor
