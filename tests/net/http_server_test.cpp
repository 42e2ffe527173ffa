#include "net/http_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

using session::HttpRequest;
using session::HttpRespond;
using session::HttpResponse;
using testing::HasSubstr;

struct Handler final : session::HttpHandler {
    void handle(HttpRequest request, HttpRespond respond) override {
        paths.push_back(request.path);
        if (request.path == "/echo") respond({.body = request.body});
        if (request.path == "/later") later = std::move(respond);
        if (request.path == "/parts") respond({.next_part = parts(3)});
        if (request.path == "/large") respond({.body = std::string(300'000, 'x')});
        if (request.path == "/hello")
            respond({.headers = {{"x-kind", "greeting"}, {"x-bad", "a\r\nb"}}, .body = "hello"});
    }
    session::Upgrade upgrade(const HttpRequest&) override { return {}; }
    static std::function<session::NextPart(std::string&)> parts(int count) {
        return [count](std::string& out) mutable {
            out += fmt::format("part {};", count);
            return --count > 0 ? session::NextPart::more : session::NextPart::end;
        };
    }
    std::vector<std::string> paths;
    HttpRespond later;
};

struct HttpServerTest : testing::Test {
    void SetUp() override { serve({}); }
    void serve(const HttpOptions& options) {
        listener = std::move(
            *listen_http(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")}, options, handler));
    }
    Loop loop;
    Handler handler;
    std::unique_ptr<Listener> listener;
};

TEST_F(HttpServerTest, answers_and_keeps_the_connection) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.receives("\r\n\r\nhello"));
    EXPECT_THAT(client.received, HasSubstr("HTTP/1.1 200 OK\r\ndate: "));
    EXPECT_THAT(client.received, HasSubstr("x-kind: greeting\r\ncontent-length: 5\r\n\r\n"));
    client.received.clear();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nx: y\r\n\r\n");
    EXPECT_TRUE(client.receives("\r\n\r\nabcde"));
}

TEST_F(HttpServerTest, what_every_answer_says_stands_where_the_handler_said_nothing_else) {
    HttpOptions options;
    options.standing = {{"x-kind", "standing"}, {"x-more", "yes"}};
    serve(options);
    RawClient own(loop, listener->endpoint());
    own.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(own.receives("x-kind: greeting\r\nx-more: yes\r\n"));
    EXPECT_THAT(own.received, testing::Not(HasSubstr("standing")));
    RawClient refused(loop, listener->endpoint());
    refused.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(refused.receives("x-kind: standing\r\nx-more: yes\r\n"));
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
    RawClient client(loop, listener->endpoint());
    client.send(
        "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nend");
    EXPECT_TRUE(client.until([&] { return handler.later != nullptr; }));
    EXPECT_EQ(client.received, "");
    handler.later({.body = "first;"});
    EXPECT_TRUE(client.receives("end"));
    EXPECT_LT(client.received.find("first;"), client.received.find("end"));
}

TEST_F(HttpServerTest, an_answer_may_come_from_another_thread) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.until([&] { return handler.later != nullptr; }));
    std::thread other([&] { handler.later({.body = "from afar"}); });
    EXPECT_TRUE(client.receives("from afar"));
    other.join();
}

TEST_F(HttpServerTest, an_answer_may_come_when_the_client_has_left) {
    {
        RawClient client(loop, listener->endpoint());
        client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(client.until([&] { return handler.later != nullptr; }));
    }
    EXPECT_TRUE(loop.run_until([&] { return listener->counts().open == 0; }, RawClient::patience));
    handler.later({.body = "nobody hears"});
}

TEST_F(HttpServerTest, a_request_its_handler_forgets_is_answered_500) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /forgotten HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.receives("HTTP/1.1 500 "));
}

TEST_F(HttpServerTest, streams_a_body_in_parts) {
    RawClient client(loop, listener->endpoint());
    client.send("GET /parts HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.receives("0\r\n\r\n"));
    EXPECT_THAT(client.received, HasSubstr("transfer-encoding: chunked"));
    EXPECT_THAT(client.received, HasSubstr("part 3;part 2;part 1;"));
}

}  // namespace
}  // namespace vigil::net
