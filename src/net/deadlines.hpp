#pragma once
// When to call whom: a binary heap of deadlines on the steady clock. A conversation moves its
// deadline with every message (keep-alive), so moving one later costs nothing: the heap keeps the
// old time and looks again when that has come.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace vigil::net {

// Something that is called once when its time has come. Leaves the heap when it is destroyed.
class Deadline {
public:
    Deadline() = default;
    virtual ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    virtual void on_deadline() = 0;

    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

private:
    friend class Deadlines;
    static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
    std::int64_t due_ns_ = never;     // what was asked for
    std::int64_t queued_ns_ = never;  // the key in the heap, never later than due_ns_
    class Deadlines* heap_ = nullptr;
    std::uint32_t index_ = nowhere;
};

class Deadlines {
public:
    void set(Deadline& deadline, std::int64_t due_ns);
    void clear(Deadline& deadline);
    // The next one that is due, taken out; nothing if none is.
    Deadline* take_due(std::int64_t now_ns);
    // When to look again: the earliest key; Deadline::never if the heap is empty.
    std::int64_t next_ns() const;

private:
    void sift_up(std::size_t at);
    void sift_down(std::size_t at);
    void place(Deadline* deadline, std::size_t at);
    std::vector<Deadline*> heap_;
};

}  // namespace vigil::net
