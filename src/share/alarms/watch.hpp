#pragma once
// What the ways out ask of whoever watches (app/alarm_watch.hpp). On the loop's thread.

#include <functional>
#include <map>
#include <vector>

#include "base/result.hpp"
#include "monitor/bed.hpp"
#include "monitor/site_watch.hpp"

namespace vigil::share {

class Watch {
public:
    virtual ~Watch() = default;

    virtual const std::map<monitor::Subject, monitor::BedState>& beds() const = 0;
    virtual const monitor::MonitorTables& tables() const = 0;
    // The log's time up to which everybody has been watched.
    virtual Timestamp as_of() const = 0;
    // How long the oldest entry of the log that has not been looked at has waited.
    virtual Nanoseconds behind(Timestamp now) const = 0;

    // `done` is called once the act is durable and in force, with what followed from it; `conflict`
    // where it was refused: what stands, in words.
    using Done = std::function<void(Result<std::vector<monitor::AlarmEvent>>)>;
    virtual void give(const monitor::AlarmAct& act, Done done) = 0;
    // A question to the monitors, on their thread.
    virtual void ask(std::function<void(const monitor::SiteWatch&)> question) = 0;
};

// Beyond this nobody can be said to be watched: screens say so loudly.
constexpr Nanoseconds behind_max = std::chrono::seconds(10);

}  // namespace vigil::share
