#include "net/listener.hpp"

#include <gmock/gmock.h>

#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

using std::chrono::milliseconds;

// Echoes; "quit" says "bye" and closes; "wake" is answered at the end of the turn, once.
struct Echo final : session::ByteSession {
    explicit Echo(std::vector<std::string>& log) : log_(log) {}
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
        } else {
            out.send = bytes;
        }
    }
    void on_timer(Timestamp, session::Actions& out) override { out.send = "timer!"; }
    void on_wake(Timestamp, session::Actions& out) override { out.send += "woken"; }
    void on_drained(Timestamp, session::Actions&) override {}
    void on_stop(Timestamp, session::Actions& out) override {
        out.send = "stopping";
        out.close = true;
    }
    void on_closed(Timestamp) override { log_.push_back("closed"); }

private:
    std::vector<std::string>& log_;
    session::Waker wake_;
};

struct ListenerTest : testing::Test {
    void serve(ListenOptions options = {}) {
        options.endpoint = *Endpoint::parse("127.0.0.1:0");
        auto made = listen(loop, std::move(options),
                           [this](const session::Peer&) { return std::make_unique<Echo>(log); });
        ASSERT_TRUE(made) << made.error().message;
        listener = std::move(*made);
    }
    Loop loop;
    std::vector<std::string> log;
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
