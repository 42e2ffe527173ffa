#include "codec/mail/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/binary_text.hpp"

namespace vigil::codec::mail {
namespace {

using testing::HasSubstr;

Message message() {
    return {.from = "vigil@hospital.example",
            .to = "ada@hospital.example",
            .subject = "HIGH alarm: SpO2 low, ICU 1, bed 01",
            .text = "SpO2 low\nWhere: ICU 1\n",
            .id = "abc@hospital.example",
            .date = parse_rfc3339("2026-11-28T04:05:06Z")->instant,
            .is_urgent = true};
}

TEST(MailMessage, is_as_rfc_5322_and_mime_have_it) {
    EXPECT_EQ(encode(message()).value(),
              "Date: Sat, 28 Nov 2026 04:05:06 +0000\r\n"
              "From: vigil@hospital.example\r\n"
              "To: ada@hospital.example\r\n"
              "Message-ID: <abc@hospital.example>\r\n"
              "Subject: HIGH alarm: SpO2 low, ICU 1, bed 01\r\n"
              "Importance: high\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "\r\n"
              "U3BPMiBsb3cNCldoZXJlOiBJQ1UgMQ0K\r\n");
}

// RFC 2047 2: a word has at most 75 characters and whole characters in it.
TEST(MailMessage, a_subject_of_other_letters_is_words_that_each_stand_for_themselves) {
    auto mail = message();
    mail.subject = "Überwachung ";
    for (int i = 0; i < 40; ++i) mail.subject += "ä€";
    const auto text = encode(mail).value();
    auto at = text.find("Subject: ") + 9;
    std::string decoded;
    while (text.substr(at, 10) == "=?UTF-8?B?") {
        const auto end = text.find("?=", at);
        EXPECT_LE(end + 2 - at, 75U);
        std::string bytes;
        ASSERT_TRUE(read_base64(text.substr(at + 10, end - at - 10), bytes));
        EXPECT_NE(static_cast<unsigned char>(bytes.front()) & 0xC0U, 0x80U)
            << "a word begins within a character";
        decoded += bytes;
        at = end + 2;
        if (text.substr(at, 3) == "\r\n ") at += 3;
    }
    EXPECT_EQ(decoded, mail.subject);
}

TEST(MailMessage, nothing_said_begins_another_header) {
    auto mail = message();
    mail.subject = "x\r\nBcc: eve@evil.example";
    EXPECT_EQ(encode(mail).value().find("Bcc"), std::string::npos);
    for (const auto* address :
         {"", "ada", "ada@", "@x", "a b@x", "a@x>\r\nRCPT TO:<eve@evil.example", "a@x\n", "a..b@x",
          ".a@x", "a@-x", "a@x..y", "\"a\"@x", "ada@[127.0.0.1]"}) {
        mail = message();
        mail.to = address;
        EXPECT_FALSE(encode(mail)) << address;
    }
    EXPECT_TRUE(check_address("o'hara+icu@mail.hospital.example"));
}

TEST(MailMessage, lines_of_the_body_are_short_enough) {
    auto mail = message();
    mail.text.assign(5'000, 'x');
    const auto text = encode(mail).value();
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 2) {
        end = text.find("\r\n", at);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - at, 78U);
    }
}

}  // namespace
}  // namespace vigil::codec::mail
