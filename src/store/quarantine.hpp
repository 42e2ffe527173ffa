#pragma once
// What could not be read: kept raw, with the reason, until a person replays or dismisses it
// (promise 2 of docs/architecture.md). Derived from `unread` entries, kept longer than the log.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/access.hpp"
#include "store/done.hpp"

namespace vigil::store {

enum class QuarantineState : std::uint8_t { open = 1, replayed = 2, dismissed = 3 };

struct QuarantineItem {
    Position position;  // of its `unread` entry: its name
    // Whom the device was on when it came, whose key seals it; 0: nobody.
    PatientId subject{};
    Timestamp receive_time;
    std::string protocol, sender, device;  // device: whom the message is about; empty: not known
    std::string topic, content_type;
    Error reason;
    std::uint64_t size = 0;  // of the raw bytes
    QuarantineState state = QuarantineState::open;
    std::string decided_by;
    std::optional<Timestamp> decided_at;
    std::string note;
};

struct QuarantineDecision {
    Position position;
    QuarantineState state = QuarantineState::open;
    std::string decided_by;
    Timestamp decided_at;
    std::string note;
    std::optional<Error> reason;  // a replay that failed again: why, now
};

struct QuarantineCounts {
    std::uint64_t open = 0, replayed = 0, dismissed = 0;
};

struct QuarantineQuery {
    std::optional<QuarantineState> state;
    std::optional<std::string> device;
    std::optional<Position> before;  // the next page: older than this
    std::size_t limit = 200;
};

// Reads need an access that covers PatientId 0: nobody knows yet whose data it is.
class Quarantine {
public:
    struct Held {
        QuarantineItem item;
        std::string raw;
    };
    virtual ~Quarantine() = default;
    // An item that is there already (same position) is left alone.
    virtual void add(std::vector<Held> unread, Applied applied, Done done) = 0;
    virtual void decide(QuarantineDecision decision, std::optional<Applied> applied, Done done) = 0;
    virtual Result<std::vector<QuarantineItem>> list(const Access& access,
                                                     const QuarantineQuery& query) = 0;
    virtual Result<std::optional<Held>> get(const Access& access, Position position) = 0;
    virtual Result<QuarantineCounts> counts() = 0;
    virtual Result<std::uint64_t> open_of(std::string_view sender) = 0;  // for quotas
};

}  // namespace vigil::store
