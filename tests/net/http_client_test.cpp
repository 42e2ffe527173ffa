#include "net/http_client.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

using session::HttpRequest;
using session::HttpRespond;

struct Answerer final : session::HttpHandler {
    void handle(HttpRequest request, HttpRespond respond) override {
        peers.insert(request.peer.address);
        ++count;
        if (request.path == "/never") return kept.push_back(std::move(respond));
        if (request.path == "/close")
            return respond({.headers = {{"connection", "close"}}, .body = "bye"});
        if (request.path == "/away")
            return respond({.status = 302, .headers = {{"location", "/elsewhere"}}});
        respond({.body = request.method + " " + request.body});
    }
    session::Upgrade upgrade(const HttpRequest&) override { return {}; }
    std::vector<HttpRespond> kept;
    std::set<std::string> peers;
    int count = 0;
};

struct HttpClientTest : testing::Test {
    HttpClientTest() {
        listener = std::move(
            *listen_http(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")}, {}, answerer));
    }
    std::string url(std::string_view path) {
        return fmt::format("http://127.0.0.1:{}{}", listener->endpoint().port(), path);
    }
    void send(std::string to, std::string body = "x", Nanoseconds time = std::chrono::seconds(20)) {
        client.send(
            {.method = "POST", .url = std::move(to), .body = std::move(body), .time_max = time},
            [this](Result<session::HttpResponse> answer) { answers.push_back(std::move(answer)); });
    }
    bool has_answers(std::size_t count) {
        return loop.run_until([&] { return answers.size() >= count; }, RawClient::patience);
    }

    Loop loop;
    Answerer answerer;
    std::unique_ptr<Listener> listener;
    HttpClient client{loop,
                      {.connections_per_origin_max = 2,
                       .on_worker = [](const std::function<void()>& work) { work(); }}};
    std::vector<Result<session::HttpResponse>> answers;
};

TEST_F(HttpClientTest, many_requests_share_a_few_connections) {
    for (int i = 0; i < 100; ++i) send(url("/"), std::to_string(i));
    ASSERT_TRUE(has_answers(100));
    std::set<std::string> bodies;
    for (const auto& answer : answers) {
        ASSERT_TRUE(answer) << answer.error().message;
        bodies.insert(answer->body);
    }
    EXPECT_EQ(bodies.size(), 100U);
    EXPECT_LE(answerer.peers.size(), 2U);
}

TEST_F(HttpClientTest, a_server_that_closes_is_connected_to_again) {
    for (int i = 0; i < 6; ++i) send(url("/close"));
    ASSERT_TRUE(has_answers(6));
    for (const auto& answer : answers) EXPECT_TRUE(answer && answer->body == "bye");
}

TEST_F(HttpClientTest, one_that_never_answers_is_told_of_in_time_and_holds_up_no_other) {
    send(url("/never"), {}, std::chrono::milliseconds(50));
    send(url("/"));
    ASSERT_TRUE(has_answers(2));
    EXPECT_TRUE(answers[0]);
    ASSERT_FALSE(answers[1]);
    EXPECT_EQ(answers[1].error().kind, Error::Kind::busy);
}

TEST_F(HttpClientTest, nobody_there_is_an_error_and_a_redirect_is_an_answer) {
    send("http://127.0.0.1:1/");
    ASSERT_TRUE(has_answers(1));
    EXPECT_FALSE(answers[0]);
    send("no url");
    ASSERT_TRUE(has_answers(2));
    EXPECT_FALSE(answers[1]);
    send(url("/away"));
    ASSERT_TRUE(has_answers(3));
    ASSERT_TRUE(answers[2]);
    EXPECT_EQ(answers[2]->status, 302);
    EXPECT_EQ(answerer.count, 1);
}

}  // namespace
}  // namespace vigil::net
