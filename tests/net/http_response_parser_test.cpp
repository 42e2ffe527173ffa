#include "net/http_response_parser.hpp"

#include <gtest/gtest.h>

namespace vigil::net {
namespace {

using State = HttpResponseParser::State;

const HttpResponseLimits limits{
    .head_bytes_max = 200, .fields_max = 3, .body_bytes_max = 10, .interim_max = 2};

State state_after(std::string_view stream, bool head_only = false) {
    HttpResponseParser parser(head_only, limits);
    parser.feed(stream);
    return parser.end();
}

TEST(HttpResponseParser, takes_one_answer_however_the_stream_is_cut) {
    const std::string stream =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        "X-A: b\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nmore";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        HttpResponseParser parser(false, limits);
        std::string_view first(stream.data(), cut);
        std::string_view second(stream.data() + cut, stream.size() - cut);
        parser.feed(first);
        ASSERT_EQ(parser.feed(second), State::complete) << cut;
        const auto response = parser.take();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "abcde");
        ASSERT_EQ(response.headers.size(), 2U);
        EXPECT_EQ(response.headers[1].first, "x-a");
        EXPECT_EQ(std::string(first) + std::string(second), "more");
    }
}

// RFC 9112 6.3.
TEST(HttpResponseParser, knows_where_a_body_ends) {
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"), State::complete);
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), State::body);
    EXPECT_EQ(state_after("HTTP/1.0 200 OK\r\n\r\nab"), State::complete) << "with its connection";
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true), State::complete);
    EXPECT_EQ(state_after("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
              State::complete);
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\nContent-Le"), State::head);
    EXPECT_EQ(
        state_after("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab"),
        State::malformed);
}

// RFC 9112 9.3.
TEST(HttpResponseParser, knows_that_a_connection_of_http_1_0_ends_with_the_answer) {
    for (const bool old : {true, false}) {
        HttpResponseParser parser(false, limits);
        std::string_view stream = old ? "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"
                                      : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        ASSERT_EQ(parser.feed(stream), State::complete);
        EXPECT_EQ(parser.ends_connection(), old);
    }
}

TEST(HttpResponseParser, refuses_what_is_no_answer_or_has_no_end) {
    for (const auto* head : {"HTTP/2 200 OK", "HTTP/1.1 -12", "HTTP/1.1 20", "HTTP/1.1 2000",
                             "HTTP/1.1 099 ?", "HTTP/1.1 101 Switching Protocols", "SSH-2.0-x"})
        EXPECT_EQ(state_after(std::string(head) + "\r\n\r\n"), State::malformed) << head;
    const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    EXPECT_EQ(state_after(interim + interim), State::head);
    EXPECT_EQ(state_after(interim + interim + interim), State::malformed);
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"), State::too_large);
    EXPECT_EQ(state_after("HTTP/1.1 200 OK\r\n\r\n12345678901"), State::too_large);
    EXPECT_EQ(state_after("HTTP/1.1 200 " + std::string(300, 'x')), State::too_large);
}

}  // namespace
}  // namespace vigil::net
