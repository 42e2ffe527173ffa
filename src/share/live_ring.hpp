#pragma once
// The last minute of what was committed, for those who watch it live. A viewer holds a cursor, not
// a queue: what it has not read when it is dropped here is gap to that viewer, and nobody waits.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "collect/filed_message.hpp"

namespace vigil::share {

struct LiveMessage : collect::FiledMessage {
    // The readings that are not waveforms as the live stream sends them, comma separated; written
    // by the first viewer that wants them all.
    mutable std::string json;
};

class LiveRing {
public:
    LiveRing(Nanoseconds kept_for, std::size_t kept_bytes)
        : kept_for_(kept_for), kept_bytes_(kept_bytes) {}

    void push(collect::FiledMessage message, Timestamp now);

    // Messages are numbered from 1 in the order they were pushed; `begin` ≤ number < `end` are
    // here.
    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return begin_ + messages_.size(); }
    const LiveMessage& at(std::uint64_t number) const { return messages_[number - begin_].message; }

    // The number of the first message after `position`; nothing if messages after it may be gone.
    std::optional<std::uint64_t> after(Position position) const;
    // The first message received at or after `time`.
    std::uint64_t since(Timestamp time) const;
    // The newest committed position that all messages before `number` reach.
    Position reached(std::uint64_t number) const;

private:
    struct Kept {
        LiveMessage message;
        Position reached;
        std::size_t bytes;
    };
    Nanoseconds kept_for_;
    std::size_t kept_bytes_, bytes_ = 0;
    std::uint64_t begin_ = 1;
    Position dropped_up_to_;  // reached() of the newest message dropped
    std::deque<Kept> messages_;
};

}  // namespace vigil::share
