#include "session/http.hpp"

#include <gtest/gtest.h>

namespace vigil::session {
namespace {

TEST(HttpRequest, finds_a_cookie_by_its_whole_name) {
    HttpRequest request;
    request.headers = {{"cookie", "xsession=1; session=abc=; other="}};
    EXPECT_EQ(request.cookie("session"), "abc=");
    EXPECT_EQ(request.cookie("other"), "");
    EXPECT_EQ(request.cookie("xsession"), "1");
    EXPECT_EQ(request.cookie("essi"), std::nullopt);
}

TEST(HttpRequest, has_no_cookie_without_the_header) {
    EXPECT_EQ(HttpRequest().cookie("session"), std::nullopt);
}

}  // namespace
}  // namespace vigil::session
