#include "net/gzip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "net/static_files.hpp"

namespace vigil::net {
namespace {

using testing::Contains;
using testing::Pair;

// Reads a gzip stream as it comes in.
class Reader {
public:
    Reader() { inflateInit2(&z_, 15 + 16); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { inflateEnd(&z_); }
    std::string feed(std::string bytes) {
        std::string out;
        std::array<char, 4096> room{};
        z_.next_in = reinterpret_cast<Bytef*>(bytes.data());
        z_.avail_in = static_cast<uInt>(bytes.size());
        do {
            z_.next_out = reinterpret_cast<Bytef*>(room.data());
            z_.avail_out = room.size();
            ended_ = inflate(&z_, Z_NO_FLUSH) == Z_STREAM_END;
            out.append(room.data(), room.size() - z_.avail_out);
        } while (z_.avail_out == 0);
        return out;
    }
    bool ended() const { return ended_; }

private:
    z_stream z_{};
    bool ended_ = false;
};

std::string rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "monitor-01,heart_rate," + std::to_string(i) + "\r\n";
    return text;
}

TEST(Gzip, reads_back_as_it_was_and_is_smaller) {
    const auto text = rows(50'000);
    const auto packed = gzip(text, 4);
    EXPECT_LT(packed.size(), text.size() / 4);
    Reader reader;
    EXPECT_EQ(reader.feed(packed), text);
    EXPECT_TRUE(reader.ended());
}

TEST(Gzip, each_part_of_a_stream_can_be_read_when_it_arrives) {
    int part = 0;
    auto response =
        gzipped({.headers = {{"content-type", "text/csv"}},
                 .next_part =
                     [&](std::string& out) {
                         if (++part == 2) return session::NextPart::more;  // not ready
                         out += rows(part);
                         return part == 3 ? session::NextPart::end : session::NextPart::more;
                     }},
                4);
    EXPECT_THAT(response.headers, Contains(Pair("content-encoding", "gzip")));
    Reader reader;
    std::string out;
    EXPECT_EQ(response.next_part(out), session::NextPart::more);
    EXPECT_EQ(reader.feed(std::exchange(out, {})), rows(1));
    EXPECT_EQ(response.next_part(out), session::NextPart::more);
    EXPECT_EQ(out, "") << "nothing to say is no byte: it is asked again later";
    EXPECT_EQ(response.next_part(out), session::NextPart::end);
    EXPECT_EQ(reader.feed(out), rows(3));
    EXPECT_TRUE(reader.ended());
}

TEST(Gzip, a_stream_that_breaks_is_not_finished) {
    auto response =
        gzipped({.next_part = [](std::string&) { return session::NextPart::broken; }}, 4);
    std::string out;
    EXPECT_EQ(response.next_part(out), session::NextPart::broken);
    EXPECT_EQ(out, "");
}

TEST(Gzip, only_text_of_some_length_is_worth_it) {
    const auto json = [](std::size_t size, std::string type = "application/json") {
        return session::HttpResponse{.headers = {{"content-type", std::move(type)}},
                                     .body = std::string(size, 'x')};
    };
    EXPECT_TRUE(worth_gzip(json(2'000)));
    EXPECT_TRUE(worth_gzip(json(2'000, "text/csv; charset=utf-8")));
    EXPECT_FALSE(worth_gzip(json(200)));
    EXPECT_FALSE(worth_gzip(json(2'000, "image/png")));
    auto error = json(2'000);
    error.status = 404;
    EXPECT_FALSE(worth_gzip(error));
    auto packed = json(2'000);
    packed.headers.emplace_back("content-encoding", "br");
    EXPECT_FALSE(worth_gzip(packed));
}

TEST(Gzip, an_entity_tag_names_the_encoding_too) {
    const auto response = gzipped({.headers = {{"etag", "\"abc\""}}, .body = rows(100)}, 4);
    EXPECT_THAT(response.headers, Contains(Pair("etag", "\"abc-gzip\"")));
}

TEST(AcceptEncoding, is_read_with_its_qualities) {
    EXPECT_TRUE(accepts_encoding("gzip", "gzip"));
    EXPECT_TRUE(accepts_encoding("br, GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_encoding("deflate , gzip ; q=1.0", "gzip"));
    EXPECT_FALSE(accepts_encoding("", "gzip"));
    EXPECT_FALSE(accepts_encoding("br", "gzip"));
    EXPECT_FALSE(accepts_encoding("gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts_encoding("gzip;q=0.000, br", "gzip"));
    EXPECT_FALSE(accepts_encoding("xgzip", "gzip"));
}

TEST(StaticFiles, packs_what_the_build_did_not) {
    const auto script = rows(1'000);
    const StaticFiles files({{"/index.html", "<!doctype html>"}, {"/app.js", script}});
    session::HttpRequest request;
    request.method = "GET";
    request.path = "/app.js";
    EXPECT_EQ(files.serve(request).body, script);
    request.headers = {{"accept-encoding", "gzip, br"}};
    const auto packed = files.serve(request);
    EXPECT_THAT(packed.headers, Contains(Pair("content-encoding", "gzip")));
    EXPECT_THAT(packed.headers, Contains(Pair("content-type", "text/javascript; charset=utf-8")));
    EXPECT_EQ(Reader().feed(packed.body), script);
    request.path = "/index.html";
    EXPECT_EQ(files.serve(request).body, "<!doctype html>") << "packing made it no smaller";
}

}  // namespace
}  // namespace vigil::net
