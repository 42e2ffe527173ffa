#include "net/loop.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <mutex>
#include <system_error>
#include <thread>

namespace vigil::net {
namespace {

constexpr std::size_t events_per_turn_max = 256;

std::int64_t read_clock(clockid_t clock) {
    timespec t{};
    static_cast<void>(::clock_gettime(clock, &t));  // these clocks are there
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

class FunctionWatcher final : public Watcher {
public:
    FunctionWatcher(Descriptor fd, std::function<void()> call)
        : fd_(std::move(fd)), call_(std::move(call)) {}
    void on_ready(std::uint32_t) override { call_(); }

private:
    Descriptor fd_;
    std::function<void()> call_;
};

}  // namespace

Clocks system_clocks() {
    return {.wall = [] { return from_unix_ns(read_clock(CLOCK_REALTIME)); },
            .steady_ns = [] { return read_clock(CLOCK_MONOTONIC); }};
}

// What other threads reach of a loop.
struct Poster::Mailbox {
    std::mutex mutex;
    std::vector<std::function<void()>> calls;
    int event_fd = -1;  // -1: the loop is gone
    std::atomic<std::thread::id> thread = std::this_thread::get_id();

    void put(std::function<void()> call) {
        const std::lock_guard lock(mutex);
        if (event_fd < 0) return;
        calls.push_back(std::move(call));
        if (calls.size() == 1) ring();
    }
    void ring() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(event_fd, &one, sizeof one);
    }
};

void Poster::operator()(std::function<void()> call) const {
    mailbox_->put(std::move(call));
}

bool Poster::on_loop_thread() const {
    return mailbox_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

Loop::Loop(Clocks clocks)
    : clocks_(std::move(clocks)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      mailbox_(std::make_shared<Poster::Mailbox>()),
      poster_(mailbox_),
      receive_buffer_(std::make_unique<std::array<char, 65536>>()) {
    Descriptor bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll_ || !bell) throw std::system_error(errno, std::generic_category(), "event loop");
    const int fd = mailbox_->event_fd = bell.get();
    mail_watcher_ = std::make_unique<FunctionWatcher>(std::move(bell), [fd] {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto taken = ::read(fd, &count, sizeof count);
    });
    watch(*mail_watcher_, fd, EPOLLIN);
    read_clocks();
}

Loop::~Loop() {
    std::vector<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mailbox_->mutex);
        mailbox_->event_fd = -1;
        dropped.swap(mailbox_->calls);
    }
    bury_all();
}

void Loop::run() {
    mailbox_->thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
    read_clocks();
    while (!stopped_) turn(std::chrono::hours(1));
    stopped_ = false;
}

void Loop::stop() {
    post([this] { stopped_ = true; });
}

bool Loop::run_until(const std::function<bool()>& done, Nanoseconds at_most) {
    const auto give_up = read_clock(CLOCK_MONOTONIC) + at_most.count();
    while (!done()) {
        const auto left = give_up - read_clock(CLOCK_MONOTONIC);
        if (left <= 0) return false;
        turn(Nanoseconds(left));
    }
    return true;
}

void Loop::turn(Nanoseconds wait_max) {
    // A turn within a turn would free what the outer one still has in hand.
    assert(!turning_);
    turning_ = true;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filled up to count
    std::array<epoll_event, events_per_turn_max> events;
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), events_per_turn_max, wait_ms(wait_max));
    read_clocks();
    for (int i = 0; i < count; ++i)
        static_cast<Watcher*>(events[i].data.ptr)->on_ready(events[i].events);
    run_posted();
    run_deadlines();
    run_wakes();
    bury_all();
    turning_ = false;
}

void Loop::bury_all() {
    while (!buried_.empty()) std::exchange(buried_, {}).clear();
}

int Loop::wait_ms(Nanoseconds wait_max) const {
    if (!to_wake_.empty() || stopped_) return 0;
    constexpr std::int64_t hour_ns = 3'600'000'000'000;
    const std::int64_t next = deadlines_.next_ns();
    const std::int64_t until_next = next - std::min(next, clocks_.steady_ns());
    const auto wait_ns =
        std::clamp<std::int64_t>(std::min(until_next, wait_max.count()), 0, hour_ns);
    return static_cast<int>((wait_ns + 999'999) / 1'000'000);  // never early
}

void Loop::read_clocks() {
    now_ = clocks_.wall();
    steady_now_ns_ = clocks_.steady_ns();
}

void Loop::run_posted() {
    {
        const std::lock_guard lock(mailbox_->mutex);
        running_.swap(mailbox_->calls);
    }
    for (auto& call : running_) {
        call();
        call = nullptr;
    }
    running_.clear();
}

void Loop::run_deadlines() {
    while (Deadline* due = deadlines_.take_due(steady_now_ns_)) due->on_deadline();
}

void Loop::run_wakes() {
    // What is woken meanwhile has its call in the next turn: no conversation can hold the loop.
    waking_.swap(to_wake_);
    for (const std::uint32_t index : waking_) {
        auto& entry = wakeables_[index];
        if (!std::exchange(entry.queued, false)) continue;
        entry.wakeable->on_turn_end(std::exchange(entry.woken, false));
    }
    waking_.clear();
}

void Loop::watch(Watcher& watcher, int fd, std::uint32_t epoll_events) {
    epoll_event event{.events = epoll_events, .data = {.ptr = &watcher}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Loop::watch_again(Watcher& watcher, int fd, std::uint32_t epoll_events) {
    epoll_event event{.events = epoll_events, .data = {.ptr = &watcher}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::unwatch(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Loop::WakePlace Loop::enter(Wakeable& wakeable) {
    if (free_places_.empty()) {
        free_places_.push_back(static_cast<std::uint32_t>(wakeables_.size()));
        wakeables_.emplace_back();
    }
    const std::uint32_t index = free_places_.back();
    free_places_.pop_back();
    wakeables_[index].wakeable = &wakeable;
    return {index, wakeables_[index].generation};
}

void Loop::leave(WakePlace place) {
    auto& entry = wakeables_[place.index];
    assert(entry.generation == place.generation);
    entry.wakeable = nullptr;
    entry.queued = entry.woken = false;
    ++entry.generation;
    free_places_.push_back(place.index);
}

void Loop::call_at_turn_end(WakePlace place, bool woken) {
    auto& entry = wakeables_[place.index];
    if (entry.generation != place.generation) return;
    entry.woken |= woken;
    if (!std::exchange(entry.queued, true)) to_wake_.push_back(place.index);
}

session::Waker Loop::waker(WakePlace place) {
    const auto call = [this, place] { wake(place); };
    // Two pointers' size: kept inside the std::function, no allocation a copy.
    static_assert(sizeof call <= 2 * sizeof(void*));
    return call;
}

Result<void> Loop::on_stop_signals(std::function<void(int)> handler) {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Descriptor fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return fail(Error::Kind::internal, std::generic_category().message(errno), "signalfd");
    const int raw = fd.get();
    signal_watcher_ =
        std::make_unique<FunctionWatcher>(std::move(fd), [raw, handler = std::move(handler)] {
            signalfd_siginfo info{};
            while (::read(raw, &info, sizeof info) == sizeof info)
                handler(static_cast<int>(info.ssi_signo));
        });
    watch(*signal_watcher_, raw, EPOLLIN);
    return {};
}

}  // namespace vigil::net
