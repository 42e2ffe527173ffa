#pragma once
// Reading back from the log what a session's queue no longer holds in memory, without ever waiting
// for a disk on the loop.

#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "broker/inbound.hpp"
#include "broker/message.hpp"
#include "store/log.hpp"

namespace vigil::broker {

struct BacklogEntry {
    Position position;
    MessagePointer message;
};

class Backlog {
public:
    // At most this many positions a request, and one request a session at a time.
    static constexpr std::size_t positions_max = 64;

    virtual ~Backlog() = default;
    // Called on the loop: arrange that read_messages() runs on another thread and that its answer
    // reaches Broker::on_backlog(session, entries) on the loop, always, also where it is empty.
    virtual void request(SessionNumber session, std::vector<Position> wanted) = 0;
};

// The work itself, for any thread: the messages at these positions, less those that are gone.
std::vector<BacklogEntry> read_messages(store::Log& log, const Inbound& inbound,
                                        std::vector<Position> wanted);

}  // namespace vigil::broker
