#include "identity/totp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vigil::identity {
namespace {

const std::string rfc_secret = "12345678901234567890";

Timestamp seconds(std::int64_t count) {
    return Timestamp(std::chrono::seconds(count));
}

// RFC 4226 appendix D.
TEST(Totp, counts_as_the_vectors_of_rfc_4226_do) {
    const std::array<std::string, 10> codes{"755224", "287082", "359152", "969429", "338314",
                                            "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t counter = 0; counter < codes.size(); ++counter)
        EXPECT_EQ(hotp(rfc_secret, counter), codes.at(counter)) << counter;
}

// RFC 6238 appendix B, the rows of SHA-1, eight digits.
TEST(Totp, follows_the_clock_as_the_vectors_of_rfc_6238_do) {
    struct Vector {
        std::int64_t time_s;
        std::uint64_t step;
        std::string code;
    };
    const std::array<Vector, 6> vectors{{{59, 0x1, "94287082"},
                                         {1111111109, 0x23523EC, "07081804"},
                                         {1111111111, 0x23523ED, "14050471"},
                                         {1234567890, 0x273EF07, "89005924"},
                                         {2000000000, 0x3F940AA, "69279037"},
                                         {20000000000 / 4, 0x9EF21AA, ""}}};
    for (const auto& vector : vectors) {
        EXPECT_EQ(totp_step(seconds(vector.time_s)), vector.step) << vector.time_s;
        if (!vector.code.empty()) {
            EXPECT_EQ(hotp(rfc_secret, vector.step, 8), vector.code) << vector.time_s;
        }
    }
    // The last row lies beyond the clock of this program, which counts nanoseconds.
    EXPECT_EQ(hotp(rfc_secret, 0x27BC86AA, 8), "65353130");
}

TEST(Totp, takes_the_step_before_and_after_and_no_other) {
    const auto now = seconds(1'800'000'015);
    const auto step = totp_step(now);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step), now, 0), step);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step - 1), now, 0), step - 1);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step + 1), now, 0), step + 1);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step - 2), now, 0), std::nullopt);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step + 2), now, 0), std::nullopt);
}

TEST(Totp, takes_no_code_twice_and_none_before_one_that_was_taken) {
    const auto now = seconds(1'800'000'015);
    const auto step = totp_step(now);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step), now, step), std::nullopt);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step - 1), now, step), std::nullopt);
    EXPECT_EQ(totp_match(rfc_secret, hotp(rfc_secret, step + 1), now, step), step + 1);
}

TEST(Totp, takes_only_six_digits) {
    const auto now = seconds(1'800'000'015);
    const auto code = hotp(rfc_secret, totp_step(now));
    EXPECT_EQ(totp_match(rfc_secret, "", now, 0), std::nullopt);
    EXPECT_EQ(totp_match(rfc_secret, code.substr(1), now, 0), std::nullopt);
    EXPECT_EQ(totp_match(rfc_secret, code + "0", now, 0), std::nullopt);
}

TEST(Totp, knows_the_first_minute_of_the_epoch) {
    EXPECT_EQ(totp_match(rfc_secret, "287082", seconds(0), 0), 1U);
    EXPECT_EQ(totp_step(seconds(-90)), 0U);
}

// RFC 4648 10, less the padding.
TEST(Totp, writes_base32_as_the_vectors_of_rfc_4648_do) {
    EXPECT_EQ(base32(""), "");
    EXPECT_EQ(base32("f"), "MY");
    EXPECT_EQ(base32("fo"), "MZXQ");
    EXPECT_EQ(base32("foo"), "MZXW6");
    EXPECT_EQ(base32("foob"), "MZXW6YQ");
    EXPECT_EQ(base32("fooba"), "MZXW6YTB");
    EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
}

TEST(Totp, writes_an_address_that_an_authenticator_scans) {
    EXPECT_EQ(totp_uri("foobar", "St. Mary's & Co", "ada@ward"),
              "otpauth://totp/St.%20Mary%27s%20%26%20Co:ada%40ward?secret=MZXW6YTBOI"
              "&issuer=St.%20Mary%27s%20%26%20Co");
}

}  // namespace
}  // namespace vigil::identity
