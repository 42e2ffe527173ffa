#pragma once
// One thread's event loop: sockets, deadlines, calls from other threads and wakers. Everything but
// post(), poster() and stop() belongs to the thread that runs it, and the loop outlives all that
// was made on it.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/deadlines.hpp"
#include "net/descriptor.hpp"
#include "session/session.hpp"

namespace vigil::net {

// Told when its descriptor is ready. Destroyed through Loop::bury only, because events of the same
// turn may still point at it.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void on_ready(std::uint32_t epoll_events) = 0;
};

// Called at the end of a turn in which its waker was used (`woken`), once however often it was, or
// in which it asked for this itself.
class Wakeable {
public:
    virtual void on_turn_end(bool woken) = 0;

protected:
    ~Wakeable() = default;
};

// Calls a loop from any thread, and outlives it: calls to a loop that is gone are dropped.
class Poster {
public:
    struct Mailbox;
    explicit Poster(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
    void operator()(std::function<void()> call) const;
    bool on_loop_thread() const;

private:
    std::shared_ptr<Mailbox> mailbox_;
};

// Where time comes from; a test has its own.
struct Clocks {
    std::function<Timestamp()> wall;
    std::function<std::int64_t()> steady_ns;
};
Clocks system_clocks();

class Loop {
public:
    explicit Loop(Clocks clocks = system_clocks());
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void run();  // until stop()
    void stop();
    // One turn: waits for the first event, at most this long.
    void turn(Nanoseconds wait_max);
    // Turns until `done` says so; false if that takes longer than `at_most` (of real time).
    bool run_until(const std::function<bool()>& done, Nanoseconds at_most);

    void post(std::function<void()> call) { poster_(std::move(call)); }
    const Poster& poster() const { return poster_; }

    // Of this turn. A step of the wall clock does not move deadlines: they run on the steady one.
    Timestamp now() const { return now_; }
    std::int64_t steady_now_ns() const { return steady_now_ns_; }
    std::int64_t steady_ns(Timestamp time) const { return steady_now_ns_ + (time - now_).count(); }
    void set(Deadline& deadline, std::int64_t due_steady_ns) {
        deadlines_.set(deadline, due_steady_ns);
    }
    void clear(Deadline& deadline) { deadlines_.clear(deadline); }

    void watch(Watcher& watcher, int fd, std::uint32_t epoll_events);
    void watch_again(Watcher& watcher, int fd, std::uint32_t epoll_events);
    void unwatch(int fd);
    void bury(std::unique_ptr<Watcher> watcher) { buried_.push_back(std::move(watcher)); }

    // A place among those that can be woken; leaving it makes its wakers do nothing.
    struct WakePlace {
        std::uint32_t index = 0, generation = 0;
    };
    WakePlace enter(Wakeable& wakeable);
    void leave(WakePlace place);
    void wake(WakePlace place) { call_at_turn_end(place, true); }
    void call_at_turn_end(WakePlace place, bool woken = false);
    bool is_woken(WakePlace place) const { return wakeables_[place.index].woken; }
    session::Waker waker(WakePlace place);

    // Calls `handler` on this thread for SIGTERM and SIGINT. Call before any thread is started:
    // the signals are blocked for all of them.
    Result<void> on_stop_signals(std::function<void(int)> handler);

    // Shared by all connections, so that an idle one owns no buffer. Valid within one call.
    std::array<char, 65536>& receive_buffer() { return *receive_buffer_; }
    std::string& plain_buffer() { return plain_buffer_; }
    std::string& cipher_buffer() { return cipher_buffer_; }
    session::Actions& actions() { return actions_; }

private:
    struct WakeEntry {
        Wakeable* wakeable = nullptr;
        std::uint32_t generation = 0;
        bool queued = false, woken = false;
    };
    int wait_ms(Nanoseconds wait_max) const;
    void read_clocks();
    void run_posted();
    void run_deadlines();
    void run_wakes();
    void bury_all();

    Clocks clocks_;
    Timestamp now_;
    std::int64_t steady_now_ns_ = 0;
    Descriptor epoll_;
    std::shared_ptr<Poster::Mailbox> mailbox_;
    Poster poster_;
    std::unique_ptr<Watcher> mail_watcher_, signal_watcher_;
    Deadlines deadlines_;
    std::vector<WakeEntry> wakeables_;
    std::vector<std::uint32_t> free_places_, to_wake_, waking_;
    std::vector<std::unique_ptr<Watcher>> buried_;
    std::vector<std::function<void()>> running_;
    bool stopped_ = false, turning_ = false;

    std::unique_ptr<std::array<char, 65536>> receive_buffer_;
    std::string plain_buffer_, cipher_buffer_;
    session::Actions actions_;
};

// Calls a function once its time has come; cancelled by clear() and by destruction.
class Timer final : public Deadline {
public:
    Timer(Loop& loop, std::function<void()> call) : loop_(loop), call_(std::move(call)) {}
    void after(Nanoseconds delay) { loop_.set(*this, loop_.steady_now_ns() + delay.count()); }
    void at(Timestamp due) { loop_.set(*this, loop_.steady_ns(due)); }
    void clear() { loop_.clear(*this); }
    void on_deadline() override { call_(); }

private:
    Loop& loop_;
    std::function<void()> call_;
};

}  // namespace vigil::net
