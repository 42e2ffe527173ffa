#include "net/connect.hpp"

#include <gmock/gmock.h>
#include <poll.h>

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

// Takes what it is told.
struct Reader final : session::ByteSession {
    void on_open(Timestamp, session::Waker, session::Actions&) override {}
    void on_bytes(Timestamp, std::string_view, session::Actions&) override {}
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}
};
// Says something and closes once it was taken.
struct Leaver final : session::ByteSession {
    void on_open(Timestamp, session::Waker, session::Actions& out) override {
        out.send = "all of it";
        out.close = true;
    }
    void on_bytes(Timestamp, std::string_view, session::Actions&) override {}
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}
};

TEST(Connect, an_end_is_orderly_where_the_other_side_closes_after_it_has_read_all) {
    Loop loop;
    const auto listener =
        std::move(*listen(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")},
                          [](const session::Peer&) { return std::make_unique<Reader>(); }));
    bool told = false;
    const auto client =
        connect(loop, {.endpoint = listener->endpoint(), .ended = [&] { told = true; }},
                std::make_unique<Leaver>());
    ASSERT_TRUE(client);
    EXPECT_TRUE(loop.run_until([&] { return told; }, RawClient::patience));
    EXPECT_TRUE((*client)->ended());
    EXPECT_TRUE((*client)->ended_in_order());
}

// A peer that closes with bytes unread resets the connection, and so does one that is gone.
TEST(Connect, an_end_is_not_orderly_where_the_other_side_has_not_read_all) {
    Loop loop;
    const Descriptor deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto here = *Endpoint::parse("127.0.0.1:0");
    ASSERT_EQ(::bind(deaf.get(), here.data(), here.size()), 0);
    ASSERT_EQ(::listen(deaf.get(), 1), 0);
    auto length = Endpoint::capacity;
    ASSERT_EQ(::getsockname(deaf.get(), here.data(), &length), 0);
    bool told = false;
    const auto client = connect(loop, {.endpoint = here, .ended = [&] { told = true; }},
                                std::make_unique<Leaver>());
    ASSERT_TRUE(client);
    Descriptor accepted(::accept(deaf.get(), nullptr, nullptr));
    pollfd waits{accepted.get(), POLLIN, 0};
    loop.turn(std::chrono::milliseconds(10));
    ASSERT_TRUE(loop.run_until([&] { return ::poll(&waits, 1, 0) == 1; }, RawClient::patience));
    accepted.reset();
    EXPECT_TRUE(loop.run_until([&] { return told; }, RawClient::patience));
    EXPECT_FALSE((*client)->ended_in_order());
}

TEST(Connect, an_end_that_the_other_side_began_is_none) {
    Loop loop;
    std::unique_ptr<Listener> listener;
    listener = std::move(*listen(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")},
                                 [](const session::Peer&) { return std::make_unique<Leaver>(); }));
    bool told = false;
    const auto client =
        connect(loop, {.endpoint = listener->endpoint(), .ended = [&] { told = true; }},
                std::make_unique<Reader>());
    ASSERT_TRUE(client);
    EXPECT_TRUE(loop.run_until([&] { return told; }, RawClient::patience));
    EXPECT_FALSE((*client)->ended_in_order());
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
