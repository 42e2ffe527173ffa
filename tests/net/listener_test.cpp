#include "net/listener.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

using std::chrono::milliseconds;

// Echoes; "pause" stops reading until it is woken; "quit" says "bye" and closes; "wake" is answered
// at the end of the turn, once.
struct Echo final : session::ByteSession {
    Echo(std::vector<std::string>& log, session::Waker& resume) : log_(log), resume_(resume) {}
    void on_open(Timestamp, session::Waker wake, session::Actions& out) override {
        wake_ = std::move(wake);
        log_.push_back("open");
        out.send = "hello\n";
    }
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override {
        if (bytes == "quit") {
            out.send = "bye";
            out.close = true;
        } else if (bytes == "wake") {
            wake_();
            wake_();
        } else if (bytes == "timer") {
            out.wake_at = now + milliseconds(5);
        } else if (bytes == "pause") {
            out.send = "paused";
            out.reading = false;
            resume_ = wake_;
            paused_ = true;
        } else {
            out.send = bytes;
        }
    }
    void on_timer(Timestamp, session::Actions& out) override { out.send = "timer!"; }
    void on_wake(Timestamp, session::Actions& out) override {
        out.reading = true;
        if (!std::exchange(paused_, false)) out.send += "woken";
    }
    void on_drained(Timestamp, session::Actions&) override {}
    void on_stop(Timestamp, session::Actions& out) override {
        out.send = "stopping";
        out.close = true;
    }
    void on_closed(Timestamp) override { log_.push_back("closed"); }

private:
    std::vector<std::string>& log_;
    session::Waker& resume_;
    session::Waker wake_;
    bool paused_ = false;
};

struct ListenerTest : testing::Test {
    void serve(ListenOptions options = {.endpoint = {}}) {
        options.endpoint = *Endpoint::parse("127.0.0.1:0");
        auto made = listen(loop, std::move(options), [this](const session::Peer&) {
            return std::make_unique<Echo>(log, resume);
        });
        ASSERT_TRUE(made) << made.error().message;
        listener = std::move(*made);
    }
    Loop loop;
    std::vector<std::string> log;
    session::Waker resume;
    std::unique_ptr<Listener> listener;
};

TEST_F(ListenerTest, drives_a_session_from_open_to_closed) {
    serve();
    RawClient client(loop, listener->endpoint());
    EXPECT_TRUE(client.receives("hello\n"));
    client.send("ping");
    EXPECT_TRUE(client.receives("ping"));
    client.send("quit");
    EXPECT_TRUE(client.receives("bye"));
    EXPECT_TRUE(client.is_closed());
    EXPECT_THAT(log, testing::ElementsAre("open", "closed"));
}

TEST_F(ListenerTest, a_waker_called_twice_in_a_turn_counts_once) {
    serve();
    RawClient client(loop, listener->endpoint());
    client.send("wake");
    EXPECT_TRUE(client.receives("woken"));
    client.send("end");
    EXPECT_TRUE(client.receives("end"));
    EXPECT_EQ(client.received, "hello\nwokenend");
}

TEST_F(ListenerTest, calls_a_timer_when_its_time_has_come) {
    serve();
    RawClient client(loop, listener->endpoint());
    client.send("timer");
    EXPECT_TRUE(client.receives("timer!"));
}

TEST_F(ListenerTest, carries_more_than_the_socket_takes_at_once) {
    serve();
    RawClient client(loop, listener->endpoint());
    const std::string large(1 << 20, 'x');
    client.send(large);
    EXPECT_TRUE(client.receives_bytes(6 + large.size()));
    EXPECT_EQ(client.received.size(), 6 + large.size());
}

TEST_F(ListenerTest, refuses_more_connections_than_it_may_hold) {
    serve({.endpoint = {}, .connections_max = 2});
    RawClient first(loop, listener->endpoint()), second(loop, listener->endpoint());
    EXPECT_TRUE(first.receives("hello"));
    EXPECT_TRUE(second.receives("hello"));
    RawClient third(loop, listener->endpoint());
    EXPECT_TRUE(third.is_closed());
    EXPECT_EQ(listener->counts().refused, 1U);
    first.close();
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 1; }, RawClient::patience));
    RawClient fourth(loop, listener->endpoint());
    EXPECT_TRUE(fourth.receives("hello"));
}

TEST_F(ListenerTest, refuses_more_connections_than_one_address_may_have) {
    serve({.endpoint = {}, .connections_per_address_max = 1});
    RawClient first(loop, listener->endpoint());
    EXPECT_TRUE(first.receives("hello"));
    RawClient second(loop, listener->endpoint());
    EXPECT_TRUE(second.is_closed());
    EXPECT_EQ(listener->counts().open, 1U);
}

TEST_F(ListenerTest, cuts_who_takes_nothing_and_asks_for_more) {
    serve({.endpoint = {}, .limits = {.send_queue_bytes_max = 100'000}});
    RawClient greedy(loop, listener->endpoint());
    greedy.take(false);
    const std::string question(1 << 24, 'q');
    greedy.send(question);
    EXPECT_TRUE(greedy.closed);
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 0; }, RawClient::patience));
    EXPECT_EQ(log.back(), "closed");
}

TEST_F(ListenerTest, a_session_that_pauses_reading_holds_its_peer_back) {
    serve();
    RawClient client(loop, listener->endpoint());
    EXPECT_TRUE(client.receives("hello"));
    client.send("pause");
    EXPECT_TRUE(client.receives("paused"));
    client.send("too early");
    loop.turn(milliseconds(1));
    loop.turn(milliseconds(1));
    EXPECT_EQ(client.received, "hello\npaused");
    resume();  // the session's waker; it reads again
    EXPECT_TRUE(client.receives("too early"));
}

TEST_F(ListenerTest, a_peer_that_resets_while_reading_is_paused_is_noticed) {
    serve();
    RawClient client(loop, listener->endpoint());
    client.send("pause");
    EXPECT_TRUE(client.receives("paused"));
    client.reset();
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 0; }, RawClient::patience));
    resume();  // nobody is there: nothing happens
    loop.turn(Nanoseconds(0));
}

TEST_F(ListenerTest, tells_where_it_cannot_listen) {
    serve();
    const auto again = listen(loop, {.endpoint = listener->endpoint()}, {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, Error::Kind::conflict);
}

TEST_F(ListenerTest, listens_on_every_address_for_both_families) {
    const auto wildcard = Endpoint::parse("*:0");
    auto everywhere = listen(loop, {.endpoint = *wildcard}, [this](const session::Peer& peer) {
        log.push_back(peer.address.substr(0, peer.address.rfind(':')));
        return std::make_unique<Echo>(log, resume);
    });
    if (!everywhere) GTEST_SKIP() << "this machine has no IPv6";
    const auto port = (*everywhere)->endpoint().port();
    RawClient four(loop, *Endpoint::parse(fmt::format("127.0.0.1:{}", port)));
    EXPECT_TRUE(four.receives("hello"));
    EXPECT_EQ(log.front(), "127.0.0.1");
}

TEST_F(ListenerTest, stops_gracefully) {
    serve();
    RawClient client(loop, listener->endpoint());
    EXPECT_TRUE(client.receives("hello"));
    bool done = false;
    listener->stop([&] { done = true; });
    EXPECT_TRUE(client.receives("stopping"));
    client.close();
    EXPECT_TRUE(loop.run_until([&] { return done; }, RawClient::patience));
}

}  // namespace
}  // namespace vigil::net
