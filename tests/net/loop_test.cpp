#include "net/loop.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <random>
#include <thread>

#include "net/test_clock.hpp"

namespace vigil::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr Nanoseconds patience = seconds(10);

TEST(Loop, runs_what_other_threads_post_and_stops_when_asked) {
    Loop loop;
    int count = 0;
    std::vector<std::thread> others;
    for (int i = 0; i < 4; ++i)
        others.emplace_back([&] {
            for (int call = 0; call < 1000; ++call) loop.post([&] { ++count; });
        });
    std::thread last([&] {
        for (auto& other : others) other.join();
        loop.stop();
    });
    loop.run();
    last.join();
    EXPECT_EQ(count, 4000);
}

TEST(Loop, drops_what_is_posted_when_it_is_gone) {
    auto loop = std::make_unique<Loop>();
    const auto post = loop->poster();
    loop.reset();
    post([] { FAIL() << "nothing runs this"; });
}

TEST(Loop, knows_its_own_thread) {
    Loop loop;
    EXPECT_TRUE(loop.poster().on_loop_thread());
    std::thread([&] { EXPECT_FALSE(loop.poster().on_loop_thread()); }).join();
}

TEST(Loop, timers_fire_in_order_of_time_however_they_were_set) {
    TestClock clock;
    Loop loop(clock.clocks());
    std::vector<int> fired;
    std::vector<std::unique_ptr<Timer>> timers;
    std::vector<int> delays(500);
    for (int i = 0; i < 500; ++i) delays[static_cast<std::size_t>(i)] = i + 1;
    std::shuffle(delays.begin(), delays.end(), std::mt19937(7));
    for (const int delay : delays) {
        timers.push_back(std::make_unique<Timer>(loop, [&, delay] { fired.push_back(delay); }));
        timers.back()->after(milliseconds(delay * 7 % 501));  // then moved, both ways
        timers.back()->after(milliseconds(delay));
    }
    for (std::size_t i = 0; i < timers.size(); ++i)
        if (delays[i] % 3 == 0) timers[i].reset();
    for (int i = 0; i < 500; ++i) {
        clock.advance(milliseconds(1));
        loop.turn(Nanoseconds(0));
    }
    std::vector<int> expected;
    for (int delay = 1; delay <= 500; ++delay)
        if (delay % 3 != 0) expected.push_back(delay);
    EXPECT_EQ(fired, expected);
}

TEST(Loop, a_step_of_the_wall_clock_moves_no_timer) {
    TestClock clock;
    Loop loop(clock.clocks());
    int fired = 0;
    Timer timer(loop, [&] { ++fired; });
    timer.at(loop.now() + seconds(1));
    clock.wall -= hours(1);  // somebody set the clock back
    clock.steady_ns += Nanoseconds(seconds(1)).count();
    loop.turn(Nanoseconds(0));
    EXPECT_EQ(fired, 1);
    timer.at(loop.now() + seconds(1));
    clock.wall += hours(5);
    loop.turn(Nanoseconds(0));
    EXPECT_EQ(fired, 1);
}

TEST(Loop, a_cleared_timer_does_not_fire) {
    TestClock clock;
    Loop loop(clock.clocks());
    Timer timer(loop, [] { FAIL(); });
    timer.after(seconds(1));
    timer.clear();
    clock.advance(seconds(2));
    loop.turn(Nanoseconds(0));
}

struct Sleeper final : Wakeable {
    void on_turn_end(bool woken) override { woken_.push_back(woken); }
    std::vector<bool> woken_;
};

TEST(Loop, wakers_count_once_a_turn_and_do_nothing_once_their_place_is_left) {
    Loop loop;
    Sleeper first, second;
    const auto place = loop.enter(first);
    const auto wake = loop.waker(place);
    wake();
    wake();
    loop.turn(Nanoseconds(0));
    EXPECT_THAT(first.woken_, ElementsAre(true));
    wake();
    loop.leave(place);
    const auto next = loop.enter(second);  // the same place, for another
    wake();
    loop.turn(Nanoseconds(0));
    EXPECT_THAT(first.woken_, ElementsAre(true));
    EXPECT_THAT(second.woken_, ElementsAre());
    loop.leave(next);
}

TEST(Loop, tells_of_a_signal_to_stop) {
    Loop loop;
    int told = 0;
    ASSERT_TRUE(loop.on_stop_signals([&](int signal) { told = signal; }));
    ::pthread_kill(::pthread_self(), SIGTERM);
    EXPECT_TRUE(loop.run_until([&] { return told == SIGTERM; }, patience));
}

}  // namespace
}  // namespace vigil::net
