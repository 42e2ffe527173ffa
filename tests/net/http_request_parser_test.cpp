#include "net/http_request_parser.hpp"

#include <gmock/gmock.h>

namespace vigil::net {
namespace {

using State = HttpRequestParser::State;
using testing::ElementsAre;
using testing::Pair;
using namespace std::string_literals;

HttpLimits small_limits() {
    return {.head_bytes_max = 1000, .fields_max = 5, .body_bytes_max = 100};
}

// The status that a stream is refused with; 0: it holds one whole request; -1: more is needed.
int refusal(std::string_view stream) {
    const auto limits = small_limits();
    HttpRequestParser parser(limits);
    switch (parser.feed(stream)) {
        case State::refused:
            return parser.refusal_status();
        case State::complete:
            return 0;
        default:
            return -1;
    }
}

const std::string post_head = "POST /x HTTP/1.1\r\nHost: a\r\n";

TEST(HttpRequestParser, reads_a_request_however_the_network_cuts_it) {
    const std::string stream =
        "\r\nPUT /api/a%20b/./c/../d?metric=MDC_ECG&from=2026-03-01T12:00:00%2B02:00&x HTTP/1.1\r\n"
        "Host: vigil\r\nX-Kind:  spaced value \t\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "5\r\nhello\r\n6;name=\"value\"\r\n world\r\n0\r\nTrailer: dropped\r\n\r\n";
    const HttpLimits limits;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        HttpRequestParser parser(limits);
        std::string_view first = std::string_view(stream).substr(0, cut);
        std::string_view second = std::string_view(stream).substr(cut);
        if (parser.feed(first) != State::complete) {
            ASSERT_EQ(parser.feed(second), State::complete) << "cut at " << cut;
        }
        const auto request = parser.take();
        ASSERT_EQ(request.method, "PUT");
        ASSERT_EQ(request.path, "/api/a b/d");
        ASSERT_THAT(request.query,
                    ElementsAre(Pair("metric", "MDC_ECG"),
                                Pair("from", "2026-03-01T12:00:00+02:00"), Pair("x", "")));
        ASSERT_EQ(request.header("x-kind"), "spaced value");
        ASSERT_EQ(request.body, "hello world");
    }
}

TEST(HttpRequestParser, leaves_the_next_request_on_the_stream) {
    const HttpLimits limits;
    HttpRequestParser parser(limits);
    const std::string stream = post_head + "Content-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n";
    std::string_view rest = stream;
    EXPECT_EQ(parser.feed(rest), State::complete);
    EXPECT_EQ(rest, "GET / HTTP/1.1\r\n");
    EXPECT_EQ(parser.take().body, "hi");
    EXPECT_FALSE(parser.begun());
}

TEST(HttpRequestParser, knows_when_the_connection_stays) {
    const auto keeps = [](const std::string& head) {
        const HttpLimits limits;
        HttpRequestParser parser(limits);
        const auto stream = head + "\r\n";
        std::string_view rest = stream;
        EXPECT_EQ(parser.feed(rest), State::complete);
        return parser.keep_alive();
    };
    EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n"));
}

// Whatever lets two readers disagree about where a request ends (RFC 9112 11.2).
TEST(HttpRequestParser, refuses_what_smuggles) {
    for (const auto* lines :
         {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
          "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3, 3\r\n",
          "Content-Length: +3\r\n", "Content-Length: 0x3\r\n", "Content-Length:\r\n",
          "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
          "Content-Length : 3\r\n", " Content-Length: 3\r\n", "X: a\r\n b\r\n",
          "X: a\nContent-Length: 3\r\n", "X: a\rContent-Length: 3\r\n", "X\r\n", ": a\r\n",
          "X\x01: a\r\n", "Host: b\r\n"})
        EXPECT_EQ(refusal(post_head + lines + "\r\nabc"), 400) << lines;
    EXPECT_EQ(refusal(post_head + "X: a\0b\r\n\r\n"s), 400);
    for (const auto* coding : {"gzip, chunked", "identity", "xchunked", "chunked, chunked"})
        EXPECT_EQ(refusal(post_head + "Transfer-Encoding: " + coding + "\r\n\r\n"), 501) << coding;
    EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(HttpRequestParser, refuses_chunks_that_are_none) {
    const auto chunked = [](std::string_view body) {
        return refusal(post_head + "Transfer-Encoding: chunked\r\n\r\n" + std::string(body));
    };
    for (const auto* body : {"x\r\n", "-1\r\n", "0x1\r\na\r\n", "1\na\r\n", "1\r\nab\r\n",
                             "1\r\na\n0\r\n\r\n", "\r\n", " 1\r\na\r\n", "1 1\r\n", "1 \r\na\r\n"})
        EXPECT_EQ(chunked(body), 400) << body;
    EXPECT_EQ(chunked("ffffffffffffffffff\r\n"), 413);
    EXPECT_EQ(chunked("65\r\n"), 413);
    EXPECT_EQ(chunked("1;" + std::string(300, 'x')), 400);
    EXPECT_EQ(chunked("0\r\n" + std::string(9000, 'x')), 400);
    EXPECT_EQ(chunked("64\r\n" + std::string(100, 'x') + "\r\n1\r\n"), 413);
    EXPECT_EQ(chunked("64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n"), 0);
}

TEST(HttpRequestParser, refuses_a_malformed_request_line) {
    for (const auto* line :
         {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "G(T / HTTP/1.1",
          "GET x HTTP/1.1", "GET /%zz HTTP/1.1", "GET /%00 HTTP/1.1", "GET /a\tb HTTP/1.1",
          "GET /../x HTTP/1.1", "GET /a/../../x HTTP/1.1", "GET /a/%2e%2e/b HTTP/1.1",
          "GET /a%2f..%2fb HTTP/1.1", "GET /?%x HTTP/1.1", "GET ftp://a/ HTTP/1.1",
          "GET * HTTP/1.1", "CONNECT a:443 HTTP/1.1"})
        EXPECT_EQ(refusal(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
    EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
    EXPECT_EQ(refusal("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    EXPECT_EQ(refusal("GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
}

TEST(HttpRequestParser, refuses_a_host_that_is_none) {
    const auto with = [](const std::string& host) {
        return refusal("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    };
    for (const auto* host : {"a b", "a/b", "a@b", "a:b", "a:8o", "a:1:2", "[::1", "[::1]x", "[g::]",
                             "a\"b", "<a>", "a\\b", "a#b", "a?b", "\xC3\xA4"})
        EXPECT_EQ(with(host), 400) << host;
    for (const auto* host : {"a", "ward-3.example", "ward_3", "192.0.2.7:8443", "[::1]", "[::1]:80",
                             "[::ffff:192.0.2.7]:1", ""})
        EXPECT_EQ(with(host), 0) << host;
}

TEST(HttpRequestParser, bounds_everything) {
    EXPECT_EQ(refusal("GET /" + std::string(1000, 'x')), 431);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x')), 431);
    EXPECT_EQ(refusal(post_head + "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n"), 400);
    EXPECT_EQ(refusal(post_head + "Content-Length: 101\r\n\r\n"), 413);
    EXPECT_EQ(refusal(post_head + "Content-Length: 100\r\n\r\n"), -1);
}

}  // namespace
}  // namespace vigil::net
