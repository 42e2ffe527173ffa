// A mail server's side of the conversation is fed in; what is said back is what RFC 5321 has.
#include "codec/smtp/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil::codec::smtp {
namespace {

using testing::HasSubstr;
using testing::Not;
using Next = Client::Next;

Delivery delivery() {
    return {.client_name = "hospital.example",
            .user = "vigil",
            .password = "secret",
            .from = "vigil@hospital.example",
            .to = "ada@hospital.example",
            .message = "Subject: x\r\n\r\n.hidden\r\nline\r\n"};
}

struct Talk {
    explicit Talk(Delivery with = delivery()) : client(std::move(with)) {}
    std::string hear(std::string_view said) {
        std::string out;
        next = client.feed(said, out);
        all += out;
        return out;
    }
    Client client;
    Next next = Next::more;
    std::string all;
};

TEST(SmtpClient, starts_tls_signs_in_and_hands_the_message_over) {
    Talk talk;
    EXPECT_EQ(talk.hear("220 mail.example\r\n"), "EHLO hospital.example\r\n");
    EXPECT_EQ(talk.hear("250-mail.example\r\n250-STARTTLS\r\n250 SIZE 1000\r\n"), "STARTTLS\r\n");
    talk.hear("220 go on\r\n250 injected\r\n");
    EXPECT_EQ(talk.next, Next::start_tls) << "what came along before TLS counts for nothing";
    std::string again;
    EXPECT_EQ(talk.client.tls_started(again), Next::more);
    EXPECT_EQ(again, "EHLO hospital.example\r\n");
    EXPECT_EQ(talk.hear("250-mail.example\r\n250 AUTH LOGIN PLAIN\r\n"),
              "AUTH PLAIN AHZpZ2lsAHNlY3JldA==\r\n");
    EXPECT_EQ(talk.hear("235 welcome\r\n"), "MAIL FROM:<vigil@hospital.example>\r\n");
    EXPECT_EQ(talk.hear("250 ok\r\n"), "RCPT TO:<ada@hospital.example>\r\n");
    EXPECT_EQ(talk.hear("251 will forward\r\n"), "DATA\r\n");
    EXPECT_EQ(talk.hear("354 go on\r\n"), "Subject: x\r\n\r\n..hidden\r\nline\r\n.\r\n");
    EXPECT_EQ(talk.hear("250 2.0.0 taken\r\n"), "QUIT\r\n");
    EXPECT_EQ(talk.next, Next::done);
    EXPECT_EQ(talk.client.said(), "250 2.0.0 taken");
}

TEST(SmtpClient, signs_in_by_login_where_there_is_no_plain) {
    auto with = delivery();
    with.secure = true;
    Talk talk(with);
    talk.hear("220 hi\r\n");
    EXPECT_EQ(talk.hear("250-x\r\n250 AUTH LOGIN\r\n"), "AUTH LOGIN\r\n");
    EXPECT_EQ(talk.hear("334 VXNlcm5hbWU6\r\n"), "dmlnaWw=\r\n");
    EXPECT_EQ(talk.hear("334 UGFzc3dvcmQ6\r\n"), "c2VjcmV0\r\n");
    EXPECT_EQ(talk.hear("235 ok\r\n"), "MAIL FROM:<vigil@hospital.example>\r\n");
}

TEST(SmtpClient, says_nothing_readable_where_tls_is_required_and_not_offered) {
    Talk talk;
    talk.hear("220 hi\r\n");
    talk.hear("250-x\r\n250 AUTH PLAIN\r\n");
    EXPECT_EQ(talk.next, Next::failed);
    EXPECT_TRUE(talk.client.refused_for_good());
    EXPECT_THAT(talk.all, Not(HasSubstr("AUTH")));
    EXPECT_THAT(talk.all, Not(HasSubstr("MAIL")));
    auto with = delivery();
    with.tls_required = false;
    with.user.clear();
    Talk near(with);
    near.hear("220 hi\r\n");
    EXPECT_EQ(near.hear("250 x\r\n"), "MAIL FROM:<vigil@hospital.example>\r\n");
}

TEST(SmtpClient, tells_what_may_be_tried_again_from_what_may_not) {
    const auto at_recipient = [](std::string_view said) {
        auto with = delivery();
        with.secure = true;
        with.user.clear();
        Talk talk(with);
        talk.hear("220 hi\r\n");
        talk.hear("250 x\r\n");
        talk.hear("250 ok\r\n");
        talk.hear(said);
        EXPECT_EQ(talk.next, Next::failed);
        return talk;
    };
    EXPECT_TRUE(at_recipient("550 5.1.1 no such mailbox\r\n").client.refused_for_good());
    EXPECT_FALSE(at_recipient("451 4.7.1 later\r\n").client.refused_for_good());
    EXPECT_EQ(at_recipient("550-no\r\n550 \x01such\r\n").client.said(), "550 ?such");
}

TEST(SmtpClient, what_is_no_mail_server_is_told_as_such_and_bounded) {
    for (const auto* said : {"HTTP/1.1 400 Bad Request\r\n", "22\r\n", "2x0 hi\r\n", "\r\n"}) {
        Talk talk;
        talk.hear(said);
        EXPECT_EQ(talk.next, Next::failed) << said;
        EXPECT_FALSE(talk.client.refused_for_good());
    }
    Talk endless;
    endless.hear(std::string(Client::line_bytes_max + 1, '2'));
    EXPECT_EQ(endless.next, Next::failed);
    Talk many;
    for (std::size_t i = 0; i <= Client::reply_lines_max; ++i) many.hear("220-x\r\n");
    EXPECT_EQ(many.next, Next::failed);
}

TEST(SmtpClient, reads_replies_that_come_a_byte_at_a_time) {
    Talk talk;
    for (const char c : std::string_view("220 mail.example\r\n250-x\r\n250 STARTTLS\r\n"))
        talk.hear({&c, 1});
    EXPECT_EQ(talk.all, "EHLO hospital.example\r\nSTARTTLS\r\n");
}

}  // namespace
}  // namespace vigil::codec::smtp
