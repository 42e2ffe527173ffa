// Clients that are slow, greedy or gone: each is answered or ended, and disturbs no other.
#include <gmock/gmock.h>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"
#include "net/test_clock.hpp"

namespace vigil::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

struct Handler final : session::HttpHandler {
    void handle(session::HttpRequest request, session::HttpRespond respond) override {
        ++requests;
        if (request.path == "/never") return kept.push_back(std::move(respond));
        if (request.path == "/endless")
            return respond({.next_part = [this](std::string& out) {
                ++parts;
                out.append(10'000, 'x');
                return session::NextPart::more;
            }});
        if (request.path == "/waiting")
            return respond({.next_part = [this](std::string& out) {
                if (available.empty()) return session::NextPart::more;
                out += std::exchange(available, {});
                return session::NextPart::end;
            }});
        if (request.path == "/large") return respond({.body = std::string(200'000, 'x')});
        respond({.body = request.body.empty() ? "hello" : request.body});
    }
    session::Upgrade upgrade(const session::HttpRequest&) override { return {}; }
    std::vector<session::HttpRespond> kept;
    std::string available;
    int requests = 0, parts = 0;
};

struct HttpHostile : testing::Test {
    void SetUp() override { serve({.endpoint = *Endpoint::parse("127.0.0.1:0")}); }
    void serve(ListenOptions options) {
        listener = std::move(*listen_http(loop, std::move(options), http, handler));
    }
    void later(Nanoseconds by) {
        clock.advance(by);
        loop.turn(Nanoseconds(0));
    }
    // Turns until `count` has begun to move and moves no more.
    void settle(const int& count) {
        EXPECT_TRUE(loop.run_until([&] { return count > 0; }, RawClient::patience));
        for (int before = 0; before != count;) {
            before = count;
            loop.turn(milliseconds(20));
        }
    }
    // Another client is served meanwhile.
    void others_are_served() {
        RawClient other(loop, listener->endpoint());
        other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(other.receives("hello"));
    }
    TestClock clock;
    Loop loop{clock.clocks()};
    Handler handler;
    HttpOptions http;
    std::unique_ptr<Listener> listener;
};

TEST_F(HttpHostile, a_head_that_drips_in_is_answered_408) {
    RawClient client(loop, listener->endpoint());
    client.send("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 9; ++i) {
        later(seconds(1));
        client.send("X: y\r\n");
    }
    others_are_served();
    EXPECT_EQ(client.received, "");
    later(seconds(2));
    EXPECT_TRUE(client.receives("HTTP/1.1 408 "));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpHostile, a_body_that_drips_in_is_answered_408) {
    RawClient client(loop, listener->endpoint());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 29; ++i) {
        later(seconds(1));
        client.send("x");
    }
    EXPECT_EQ(client.received, "");
    later(seconds(2));
    EXPECT_TRUE(client.receives("HTTP/1.1 408 "));
}

TEST_F(HttpHostile, who_says_nothing_is_sent_away) {
    RawClient silent(loop, listener->endpoint());
    RawClient idle(loop, listener->endpoint());
    idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(idle.receives("hello"));
    later(seconds(21));
    EXPECT_TRUE(silent.is_closed());
    EXPECT_FALSE(idle.closed);
    later(seconds(60));
    EXPECT_TRUE(idle.is_closed());
    later(seconds(3));
    EXPECT_EQ(listener->counts().open, 0U);
}

TEST_F(HttpHostile, a_handler_that_never_answers_becomes_503) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.until([&] { return !handler.kept.empty(); }));
    later(seconds(121));
    EXPECT_TRUE(client.receives("HTTP/1.1 503 "));
    handler.kept.front()({.body = "too late"});
}

TEST_F(HttpHostile, a_reader_that_stops_stops_the_stream_and_is_cut_in_the_end) {
    RawClient client(loop, listener->endpoint());
    client.take(false);
    client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    settle(handler.parts);
    EXPECT_LT(handler.parts, 2000) << "no more is made than sockets take";
    others_are_served();
    later(seconds(61));  // nothing was taken
    later(seconds(21));  // nor was what had been made
    EXPECT_EQ(listener->counts().open, 0U);
}

TEST_F(HttpHostile, a_stream_without_data_yet_is_asked_again) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.receives("transfer-encoding: chunked\r\n\r\n"));
    handler.available = "now";
    later(milliseconds(11));
    EXPECT_TRUE(client.receives("3\r\nnow\r\n0\r\n\r\n"));
}

TEST_F(HttpHostile, pipelined_requests_wait_until_answers_are_taken) {
    RawClient client(loop, listener->endpoint());
    client.take(false);
    std::string burst;
    for (int i = 0; i < 100; ++i) burst += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(burst);
    settle(handler.requests);
    EXPECT_LT(handler.requests, 90);
    others_are_served();
    client.take(true);
    EXPECT_TRUE(client.until([&] { return handler.requests == 101; }));
    EXPECT_TRUE(client.receives_bytes(100U * 200'000U));
}

TEST_F(HttpHostile, a_refused_body_does_not_lose_the_answer) {
    RawClient client(loop, listener->endpoint());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
    client.send(std::string(500'000, 'x'));
    EXPECT_TRUE(client.receives("HTTP/1.1 413 "));
    EXPECT_THAT(client.received, HasSubstr("connection: close"));
    later(seconds(3));
    EXPECT_EQ(listener->counts().open, 0U);
}

TEST_F(HttpHostile, bodies_of_all_connections_together_are_bounded) {
    http.bodies_bytes_max = 1500;
    SetUp();
    const std::string part =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1000, 'x');
    RawClient first(loop, listener->endpoint());
    first.send(part);
    loop.turn(milliseconds(20));
    RawClient second(loop, listener->endpoint());
    second.send(part);
    EXPECT_TRUE(second.receives("HTTP/1.1 503 "));
    EXPECT_TRUE(second.is_closed());
    first.send("x");
    EXPECT_TRUE(first.receives("HTTP/1.1 200 "));
    RawClient third(loop, listener->endpoint());
    third.send(part + "x");
    EXPECT_TRUE(third.receives("HTTP/1.1 200 "));
}

TEST_F(HttpHostile, a_client_that_vanishes_mid_request_is_forgotten) {
    RawClient client(loop, listener->endpoint());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_TRUE(client.until([&] { return listener->counts().open == 1; }));
    client.reset();
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 0; }, RawClient::patience));
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(HttpHostile, a_request_before_half_closing_is_answered) {
    RawClient client(loop, listener->endpoint());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.half_close();
    EXPECT_TRUE(client.receives("hello"));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpHostile, asks_for_a_body_that_waits_to_be_asked_for) {
    RawClient client(loop, listener->endpoint());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_TRUE(client.receives("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send("abc");
    EXPECT_TRUE(client.receives("\r\n\r\nabc"));
}

TEST_F(HttpHostile, head_and_http_1_0_get_what_they_understand) {
    RawClient head(loop, listener->endpoint());
    head.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /waiting HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(head.receives("content-length: 5\r\n\r\nHTTP/1.1 200 OK"));
    EXPECT_TRUE(head.receives("transfer-encoding: chunked\r\n\r\n"));
    RawClient old(loop, listener->endpoint());
    handler.available = "until the end";
    old.send("GET /waiting HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.receives("\r\n\r\nuntil the end"));
    EXPECT_TRUE(old.is_closed());
    EXPECT_THAT(old.received, testing::Not(HasSubstr("chunked")));
}

TEST_F(HttpHostile, what_is_being_answered_is_finished_when_the_server_stops) {
    RawClient busy(loop, listener->endpoint());
    RawClient idle(loop, listener->endpoint());
    busy.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(busy.until([&] { return !handler.kept.empty() && listener->counts().open == 2; }));
    listener->stop();
    EXPECT_TRUE(idle.is_closed());
    handler.kept.front()({.body = "the last word"});
    EXPECT_TRUE(busy.receives("the last word"));
    EXPECT_TRUE(busy.is_closed());
}

}  // namespace
}  // namespace vigil::net
