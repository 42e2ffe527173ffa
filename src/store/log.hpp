#pragma once
// The log: what was committed here has happened. An acknowledgement to a device is made of nothing
// else (promise 1 of docs/architecture.md).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::store {

// Stored: numbers never change meaning. docs/reference/log-entry.md describes each body.
enum class EntryKind : std::uint8_t {
    batch = 1,    // readings of one device message
    unread = 2,   // quarantine
    message = 3,  // broker traffic that is no reading
    session = 4,  // MQTT session, QoS, retained state
    act = 5,      // what a person, an ADT message or a configuration decided
    event = 6,    // what the monitor concluded
    tick = 7      // the log's clock while nothing else happens
};

// A view: body and commit live as long as the call that hands it out.
struct Entry {
    Position position;
    Timestamp commit_time;
    EntryKind kind = EntryKind::batch;
    PatientId subject;  // whose data it is; 0: nobody's (site)
    Fingerprint identity;
    std::string_view body;
};

// Grows by one with each append of this process. Tickets complete in order.
using Ticket = std::uint64_t;

struct Commit {
    Ticket first = 0, last = 0;  // tickets first..last are durable now, or failed together
    Position first_position{};   // ticket first + n stands at offset first + n
    Timestamp time{};
    Result<void> outcome{};  // on failure nothing of first..last was stored
};

// Seals bodies before they reach the disk, one segment for each (subject, commit); made in
// identity/. Called from the store's threads, several at once. Both append to their last argument.
class Sealer {
public:
    virtual ~Sealer() = default;
    virtual void seal(PatientId subject, std::string_view clear, std::string& sealed_out) = 0;
    virtual Result<void> open(PatientId subject, std::string_view sealed,
                              std::string& clear_out) = 0;
};

class Log {
public:
    virtual ~Log() = default;

    // From the owner's thread only. Buffers, never blocks; the committer takes all that is buffered
    // as one commit (group commit). The body is copied.
    virtual Ticket append(EntryKind kind, PatientId subject, const Fingerprint& identity,
                          std::string_view body) = 0;
    // Bytes appended and not yet durable: the measure by which publishers are slowed.
    virtual std::size_t pending_bytes() const = 0;

    // Visits committed entries from `from` on (from the oldest kept, if that is later), in order,
    // until the visitor returns false or the end is reached. From any thread. Returns the position
    // after the last one visited. At a damaged commit it ends with an error that says which, after
    // visiting all before it: reading goes on at `after_damage`.
    virtual Result<Position> read(Position from,
                                  const std::function<bool(const Entry&)>& visit) = 0;
    // The first position of the commit that follows the one holding `position`.
    virtual Position after_damage(Position position) = 0;
    virtual Position first() = 0;  // the oldest entry kept
    virtual Position end() = 0;    // after the newest committed entry

    // Forgets commits that lie wholly before `before`, keeping a digest of what was forgotten. The
    // caller has asked every consumer, and is no thread that may not wait.
    virtual Result<void> trim(Position before) = 0;
};

}  // namespace vigil::store
