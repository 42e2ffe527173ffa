#include "net/connect.hpp"

#include <gmock/gmock.h>

#include "net/http_fetch.hpp"
#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

// Says "ping" and keeps what it is told in a record that outlives it.
struct Record {
    std::string received;
    bool opened = false, closed = false;
};
struct Pinger final : session::ByteSession {
    explicit Pinger(Record& record) : record_(record) {}
    void on_open(Timestamp, session::Waker, session::Actions& out) override {
        record_.opened = true;
        out.send = "ping";
    }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        record_.received += bytes;
        if (record_.received == "pong") out.close = true;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override { record_.closed = true; }
    Record& record_;
};
struct Ponger final : session::ByteSession {
    void on_open(Timestamp, session::Waker, session::Actions&) override {}
    void on_bytes(Timestamp, std::string_view, session::Actions& out) override {
        out.send = "pong";
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}
};

std::unique_ptr<Listener> pongs(Loop& loop) {
    return std::move(*listen(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")},
                             [](const session::Peer&) { return std::make_unique<Ponger>(); }));
}

TEST(Connect, drives_a_session_of_its_own) {
    Loop loop;
    const auto listener = pongs(loop);
    Record record;
    auto client =
        connect(loop, {.endpoint = listener->endpoint()}, std::make_unique<Pinger>(record));
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE(loop.run_until([&] { return (*client)->ended(); }, RawClient::patience));
    EXPECT_EQ(record.received, "pong");
    EXPECT_TRUE(record.closed);
}

TEST(Connect, tells_a_session_that_nobody_answered) {
    Loop loop;
    auto listener = pongs(loop);
    const auto gone = listener->endpoint();
    listener.reset();
    loop.turn(Nanoseconds(0));
    Record record;
    const auto client = connect(loop, {.endpoint = gone}, std::make_unique<Pinger>(record));
    if (!client) return;  // refused at once
    EXPECT_TRUE(loop.run_until([&] { return (*client)->ended(); }, RawClient::patience));
    EXPECT_FALSE(record.opened);
    EXPECT_TRUE(record.closed);
    EXPECT_EQ((*client)->failure()->kind, Error::Kind::busy);
}

TEST(Connect, is_cut_when_its_owner_lets_go) {
    Loop loop;
    const auto listener = pongs(loop);
    Record record;
    {
        const auto client =
            connect(loop, {.endpoint = listener->endpoint()}, std::make_unique<Pinger>(record));
        EXPECT_TRUE(loop.run_until([&] { return record.opened; }, RawClient::patience));
    }
    EXPECT_TRUE(record.closed);
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 0; }, RawClient::patience));
}

TEST(HttpFetch, says_why_there_is_no_answer) {
    EXPECT_EQ(http_fetch({.url = "gopher://a"}).error().kind, Error::Kind::malformed);
    EXPECT_EQ(http_fetch({.url = "http://127.0.0.1:1/", .headers = {{"a", "b\r\nc"}}}).error().kind,
              Error::Kind::malformed);
    const auto refused = http_fetch({.url = "http://127.0.0.1:1/"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::busy);
    EXPECT_EQ(refused.error().place, "http://127.0.0.1:1/");
}

}  // namespace
}  // namespace vigil::net
