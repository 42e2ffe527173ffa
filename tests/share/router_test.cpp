#include "share/router.hpp"

#include <gmock/gmock.h>

namespace vigil::share {
namespace {

using testing::ElementsAre;

TEST(Router, finds_the_handler_and_captures_names) {
    Router router;
    const auto list = router.add("GET", "/api/devices");
    const auto attach = router.add("POST", "/api/devices/{id}/attach");
    EXPECT_EQ(router.match("GET", "/api/devices")->handler, list);
    EXPECT_EQ(router.match("HEAD", "/api/devices")->handler, list);
    const auto match = router.match("POST", "/api/devices/monitor-07/attach");
    ASSERT_TRUE(match);
    EXPECT_EQ(match->handler, attach);
    EXPECT_THAT(match->captured, ElementsAre("monitor-07"));
}

TEST(Router, tells_an_unknown_address_from_a_wrong_method) {
    Router router;
    router.add("GET", "/api/devices");
    router.add("POST", "/api/devices");
    router.add("GET", "/api/devices/{id}");
    EXPECT_EQ(router.match("GET", "/api/nothing").error().kind, Error::Kind::not_found);
    EXPECT_EQ(router.match("GET", "/api/devices/").error().kind, Error::Kind::not_found);
    EXPECT_EQ(router.match("GET", "").error().kind, Error::Kind::not_found);
    const auto wrong = router.match("DELETE", "/api/devices");
    EXPECT_EQ(wrong.error().kind, Error::Kind::unsupported);
    EXPECT_EQ(wrong.error().message, "this address takes GET, POST");
}

}  // namespace
}  // namespace vigil::share
