#include "net/static_files.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vigil::net {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

StaticFiles site() {
    return StaticFiles({{"/index.html", "<!doctype html>"},
                        {"/assets/index-BxT3u9Qa.js", "plain script"},
                        {"/assets/index-BxT3u9Qa.js.gz", "packed script"},
                        {"/favicon.svg", "<svg/>"}});
}

session::HttpRequest get(std::string path, session::HttpHeaders headers = {}) {
    session::HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    request.headers = std::move(headers);
    return request;
}

TEST(StaticFiles, serves_a_file_with_its_type_and_tag) {
    const auto answer = site().serve(get("/favicon.svg"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "<svg/>");
    EXPECT_THAT(answer.headers, Contains(Pair("content-type", "image/svg+xml")));
    EXPECT_THAT(answer.headers, Contains(Pair("cache-control", "no-cache")));
    EXPECT_THAT(answer.headers, Contains(Key("etag")));
}

TEST(StaticFiles, an_unchanged_file_is_not_sent_again) {
    std::string tag;
    for (const auto& [name, value] : site().serve(get("/favicon.svg")).headers)
        if (name == "etag") tag = value;
    const auto answer =
        site().serve(get("/favicon.svg", {{"if-none-match", "\"other\", W/" + tag}}));
    EXPECT_EQ(answer.status, 304);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(site().serve(get("/favicon.svg", {{"if-none-match", "\"other\""}})).status, 200);
}

TEST(StaticFiles, a_file_named_by_its_digest_is_kept_for_ever) {
    const auto answer = site().serve(get("/assets/index-BxT3u9Qa.js"));
    EXPECT_THAT(answer.headers,
                Contains(Pair("cache-control", "public, max-age=31536000, immutable")));
    EXPECT_EQ(answer.body, "plain script");
}

TEST(StaticFiles, sends_the_packed_form_to_those_who_take_it) {
    const auto packed =
        site().serve(get("/assets/index-BxT3u9Qa.js", {{"accept-encoding", "br, gzip"}}));
    EXPECT_EQ(packed.body, "packed script");
    EXPECT_THAT(packed.headers, Contains(Pair("content-encoding", "gzip")));
    EXPECT_THAT(packed.headers, Contains(Pair("content-type", "text/javascript; charset=utf-8")));
    const auto refused =
        site().serve(get("/assets/index-BxT3u9Qa.js", {{"accept-encoding", "gzip;q=0"}}));
    EXPECT_EQ(refused.body, "plain script");
    EXPECT_THAT(refused.headers, Not(Contains(Key("content-encoding"))));
}

TEST(StaticFiles, the_applications_own_addresses_show_its_page) {
    for (const auto* path : {"/", "/patients/7", "/ward"}) {
        const auto answer = site().serve(get(path));
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_EQ(answer.body, "<!doctype html>") << path;
        EXPECT_THAT(answer.headers,
                    Contains(Pair("content-security-policy", HasSubstr("default-src 'self'"))));
    }
    for (const auto* path : {"/assets/gone-12345678.js", "/../etc/passwd.txt", "/robots.txt"})
        EXPECT_EQ(site().serve(get(path)).status, 404) << path;
}

TEST(StaticFiles, nothing_can_be_written) {
    auto request = get("/favicon.svg");
    request.method = "PUT";
    EXPECT_EQ(site().serve(request).status, 405);
}

TEST(StaticFiles, loads_a_folder) {
    namespace fs = std::filesystem;
    auto name = (fs::temp_directory_path() / "static_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    EXPECT_FALSE(StaticFiles::load(name)) << "no index.html";
    fs::create_directory(name + "/assets");
    std::ofstream(name + "/index.html") << "<!doctype html>";
    std::ofstream(name + "/assets/a.css") << "a{}";
    const auto files = StaticFiles::load(name);
    ASSERT_TRUE(files) << files.error().message;
    EXPECT_EQ(files->serve(get("/assets/a.css")).body, "a{}");
    EXPECT_FALSE(StaticFiles::load(name, {.bytes_max = 10}));
    fs::remove_all(name);
}

}  // namespace
}  // namespace vigil::net
