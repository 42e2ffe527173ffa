#include "base/percent.hpp"

#include <gtest/gtest.h>

namespace vigil {
namespace {

TEST(PercentEncoded, unreserved_characters_stay) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    EXPECT_EQ(percent_encoded(unreserved), unreserved);
    EXPECT_EQ(percent_encoded(""), "");
}

TEST(PercentEncoded, everything_else_is_two_upper_case_digits) {
    EXPECT_EQ(percent_encoded("a b/c?d=e&f+g%"), "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
    EXPECT_EQ(percent_encoded("Å"), "%C3%85");
    EXPECT_EQ(percent_encoded(std::string_view("\0\n\x7F\xFF", 4)), "%00%0A%7F%FF");
}

TEST(PercentEncoded, what_a_caller_names_stays_too) {
    EXPECT_EQ(percent_encoded("http://loinc.org|8867-4,a b", ":,/|$"),
              "http://loinc.org|8867-4,a%20b");
}

TEST(PercentEncoded, no_byte_is_lost) {
    for (int value = 0; value < 256; ++value) {
        const char c = static_cast<char>(value);
        const auto out = percent_encoded({&c, 1});
        if (out.size() == 1)
            EXPECT_EQ(out[0], c);
        else
            EXPECT_EQ(std::stoi(out.substr(1), nullptr, 16), value);
    }
}

}  // namespace
}  // namespace vigil
