#include "net/mail.hpp"

#include <gtest/gtest.h>

namespace vigil::net {
namespace {

TEST(Mail, a_server_is_named_by_a_plain_address) {
    for (const auto* url :
         {"smtp://mail.example:587", "smtps://mail.example:465", "smtp://mail.example",
          "smtps://mail.example", "smtp://[::1]:25", "smtp://127.0.0.1:2525"})
        EXPECT_TRUE(check(MailServer{.url = url})) << url;
    for (const auto* url :
         {"", "mail.example", "http://mail.example", "smtp://", "smtp://user@x", "smtp://x/y",
          "smtp://x?y", "smtp://x:0", "smtp://x:99999", "smtp://a b"})
        EXPECT_FALSE(check(MailServer{.url = url})) << url;
}

TEST(Mail, a_server_that_is_not_there_may_be_there_later) {
    const std::atomic<bool> stop = false;
    const auto sent = send_mail({.url = "smtp://127.0.0.1:1", .time_max = std::chrono::seconds(5)},
                                "a@x.example", "b@x.example", "x", stop);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, Error::Kind::busy);
}

}  // namespace
}  // namespace vigil::net
