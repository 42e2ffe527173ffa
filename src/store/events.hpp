#pragma once
// What the monitor concluded, kept to be looked at for longer than the log: derived from its
// `event` entries, whose bodies are the monitor's own (docs/reference/alarm-formats.md).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/done.hpp"
#include "store/span.hpp"

namespace vigil::store {

struct KeptEvent {
    Position position;    // of its entry: its name
    PatientId subject{};  // 0: nobody's
    Timestamp time;       // of its cause's commit
    std::string body;

    bool operator==(const KeptEvent&) const = default;
};

// Newest first, by time and position.
struct EventQuery {
    std::optional<PatientId> subject;
    Span span{};
    std::optional<std::pair<Timestamp, Position>> before;  // the next page: older than this one
};

class EventStore {
public:
    virtual ~EventStore() = default;
    // One that is there already (same position) is left alone.
    virtual void keep(std::vector<KeptEvent> events, Applied applied, Done done) = 0;
    // Those whom the access covers and whose readings are not withheld from it, until the visitor
    // has enough. From any thread.
    virtual Result<void> read(const Access& access, const EventQuery& query,
                              const std::function<bool(const KeptEvent&)>& visit) = 0;
    // Of before that time, a bounded step; true: there is more.
    virtual void forget(Timestamp before, DoneWith<bool> done) = 0;
};

}  // namespace vigil::store
