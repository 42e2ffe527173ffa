#include "base/decimal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace vigil {
namespace {

TEST(Decimal, keeps_the_precision_that_was_sent) {
    for (const auto* text : {"1.00", "0", "-0.05", "72", "120.50", "0.000001"})
        EXPECT_EQ(to_string(*parse_decimal(text)), text);
    EXPECT_EQ(to_string(*parse_decimal("1e3")), "1E3");
    EXPECT_EQ(to_string(*parse_decimal("2.5E-3")), "0.0025");
}

TEST(Decimal, zero_has_no_sign_and_keeps_its_precision) {
    for (const auto& [sent, kept] : {std::pair("-0", "0"), std::pair("-0.00", "0.00"),
                                     std::pair("+0.0", "0.0"), std::pair("-0e3", "0E3")})
        EXPECT_EQ(to_string(*parse_decimal(sent)), kept);
    EXPECT_TRUE(decimal_from_double(-0.0, -1)->same_as({0, -1}));
}

TEST(Decimal, compares_by_value_and_tells_identity_apart) {
    EXPECT_EQ(*parse_decimal("1.0"), *parse_decimal("1.00"));
    EXPECT_FALSE(parse_decimal("1.0")->same_as(*parse_decimal("1.00")));
    EXPECT_LT(*parse_decimal("-1e100"), *parse_decimal("0.001"));
    EXPECT_GT(*parse_decimal("1e100"), *parse_decimal("999999999999999999"));
    EXPECT_LT(*parse_decimal("-2"), *parse_decimal("-1.999"));
}

TEST(Decimal, refuses_what_is_no_decimal_and_what_would_be_rounded) {
    for (const auto* text :
         {"", "-", ".5", "5.", "1e", "0x10", "1 ", " 1", "NaN", "1.2.3", "--1", "1e+-5"})
        EXPECT_EQ(parse_decimal(text).error().kind, Error::Kind::malformed) << text;
    for (const auto* text :
         {"1234567890123456789", "1e999", "1e-129", "0.0000000000000000001234567890123456789"})
        EXPECT_EQ(parse_decimal(text).error().kind, Error::Kind::too_large) << text;
}

TEST(Decimal, comparison_agrees_with_wide_integers) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const Decimal a{static_cast<std::int64_t>(random() % 2'000) - 1'000,
                        static_cast<std::int8_t>(random() % 7)};
        const Decimal b{static_cast<std::int64_t>(random() % 2'000) - 1'000,
                        static_cast<std::int8_t>(random() % 7)};
        const auto wide = [](Decimal d) {
            __int128 value = d.mantissa;
            for (int e = 0; e < d.exponent; ++e) value *= 10;
            return value;
        };
        EXPECT_EQ(a < b, wide(a) < wide(b));
        EXPECT_EQ(a == b, wide(a) == wide(b));
    }
}

TEST(Decimal, rescales_only_without_loss) {
    EXPECT_TRUE(rescaled({100, -2}, 0)->same_as({1, 0}));
    EXPECT_FALSE(rescaled({105, -2}, 0));
    EXPECT_FALSE(rescaled({1, 20}, 0));
}

}  // namespace
}  // namespace vigil
