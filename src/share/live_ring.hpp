#pragma once
// The last minute of what was committed, for those who watch it live. A viewer holds a cursor, not
// a queue: what it has not read when it is dropped here is gap to that viewer, and nobody waits.
// Messages wait encoded, in blocks that are dropped whole; they are decoded for who looks at them.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "collect/filed_message.hpp"

namespace vigil::share {

struct LiveMessage {
    Position position;  // offset 0: not stored
    PatientId patient;
    DeviceId device;
    Timestamp receive_time;
    std::uint32_t first_sequence = 0;
    std::vector<FiledReading> readings;
    // The readings that are not waveforms as the live stream sends them, comma separated; written
    // by the first viewer that wants them all.
    mutable std::string json;

    bool stored() const { return position.offset != 0; }
    // A view of it.
    collect::FiledMessage filed() const {
        return {.position = position,
                .patient = patient,
                .device = device,
                .receive_time = receive_time,
                .readings = readings,
                .first_sequence = first_sequence,
                .encoded = {}};
    }
};

class LiveRing {
public:
    LiveRing(Nanoseconds kept_for, std::size_t kept_bytes);

    // Before the first push: everything up to here is not in the ring, and a cursor before it is
    // told so.
    void starts_after(Position position) { dropped_up_to_ = reached_ = position; }
    void push(const collect::FiledMessage& message, Timestamp now);

    // Messages are numbered from 1 in the order they were pushed; `begin` ≤ number < `end` are
    // here.
    std::uint64_t begin() const { return blocks_.empty() ? next_ : blocks_.front().first_number; }
    std::uint64_t end() const { return next_; }
    PatientId patient_of(std::uint64_t number) const;
    // Until the next call of `at` or `push`.
    const LiveMessage& at(std::uint64_t number) const;

    // The number of the first message after `position`; nothing if messages after it may be gone.
    std::optional<std::uint64_t> after(Position position) const;
    // The newest committed position that all messages before `number` reach.
    Position reached(std::uint64_t number) const;

    std::size_t byte_count() const { return bytes_; }

private:
    // There are a minute's worth of these: they stay small.
    struct Header {
        std::uint64_t reached = 0;  // the newest committed offset: its own, if it is stored
        Timestamp receive_time;
        PatientId patient;
        DeviceId device;
        std::uint32_t first_sequence = 0;
        std::uint32_t end : 31 = 0, stored : 1 = 0;  // where its readings end in the block
    };
    struct Block {
        std::uint32_t partition = 0;
        std::uint64_t first_number = 0;
        Position reached(const Header& header) const { return {partition, header.reached}; }
        std::size_t byte_count() const { return readings.size() + headers.size() * sizeof(Header); }
        std::vector<Header> headers;
        std::string readings;
        std::vector<LiveMessage> decoded;  // by place in the block; only of the newest blocks
    };

    Block& block_for(Timestamp receive_time);
    void close(Block& block);
    const Block& block_of(std::uint64_t number) const;
    void drop_what_is_over(Timestamp now);
    static void decode(const Block& block, std::size_t place, LiveMessage& out);

    Nanoseconds kept_for_, block_for_;
    std::size_t kept_bytes_, block_bytes_, bytes_ = 0;
    std::uint64_t next_ = 1;
    Position dropped_up_to_;  // reached() of the newest message dropped
    Position reached_;        // of the newest message
    mutable std::deque<Block> blocks_;
    mutable LiveMessage looked_up_;  // of an older block
};

}  // namespace vigil::share
