#include "fhir/search/number.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace vigil::fhir {
namespace {

struct Range {
    const char* text;
    double low, high;
};

// The examples of FHIR R4 3.1.1.4.5.
TEST(Number, stands_for_what_rounds_to_it) {
    for (const auto& [text, low, high] :
         {Range{"100", 99.5, 100.5}, Range{"100.00", 99.995, 100.005}, Range{"1e2", 95, 105},
          Range{"5.4", 5.35, 5.45}, Range{"-3", -3.5, -2.5}, Range{"0", -0.5, 0.5}}) {
        const auto range = read_number(text);
        ASSERT_TRUE(range) << text;
        EXPECT_DOUBLE_EQ(range->low, low) << text;
        EXPECT_DOUBLE_EQ(range->high, high) << text;
    }
    for (const auto* text : {"", "x", "1.", "1e", "--1", "0x10", "NaN"})
        EXPECT_FALSE(read_number(text)) << text;
}

double canonical(std::string_view unit, double value) {
    return canonical_quantity("http://unitsofmeasure.org", unit)(value);
}

TEST(Quantity, is_compared_in_one_unit_of_its_dimension) {
    const auto unit = [](std::string_view code) {
        return canonical_quantity("http://unitsofmeasure.org", code).unit;
    };
    EXPECT_EQ(unit("kPa"), unit("mm[Hg]"));
    EXPECT_NEAR(canonical("kPa", 16), canonical("mm[Hg]", 120.01), 0.01);
    EXPECT_EQ(unit("mg"), unit("kg"));
    EXPECT_NEAR(canonical("mg", 70'000'000), canonical("kg", 70), 1e-6);
    EXPECT_NEAR(canonical("[degF]", 98.6), canonical("Cel", 37), 1e-6);
    EXPECT_NE(unit("kg"), unit("mm[Hg]"));
}

TEST(Quantity, in_a_unit_that_is_not_known_is_compared_with_its_own) {
    EXPECT_EQ(canonical_quantity("http://unitsofmeasure.org", "furlong").unit, "furlong");
    EXPECT_EQ(canonical_quantity("http://example.org/units", "mm[Hg]")(3), 3);
}

TEST(Number, too_large_for_a_double_is_infinite) {
    EXPECT_TRUE(std::isinf(number_of("1E400")));
    EXPECT_TRUE(std::isinf(number_of("-1E400")));
    EXPECT_EQ(number_of("12.50"), 12.5);
}

}  // namespace
}  // namespace vigil::fhir
