#include "fhir/search/folding.hpp"

#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

TEST(Folding, knows_no_case_and_no_accents) {
    EXPECT_EQ(folded("Müller"), folded("MULLER"));
    EXPECT_EQ(folded("Żółć"), folded("zołc"));
    EXPECT_EQ(folded("Straße"), folded("STRASSE"));
    EXPECT_EQ(folded("ΣΊΣΥΦΟΣ"), folded("σισυφοσ"));
    EXPECT_EQ(folded("ﬁn"), "fin");
    EXPECT_EQ(folded("e\xCC\x81t\xC3\xA9"), "ete");
}

TEST(Folding, takes_white_space_as_one_space) {
    EXPECT_EQ(folded("  Anna \t Maria\n"), "anna maria");
    EXPECT_EQ(folded(""), "");
}

TEST(Folding, takes_bytes_that_are_no_text_as_they_are) {
    EXPECT_EQ(folded("A\xFFz"), "a\xFFz");
}

}  // namespace
}  // namespace vigil::fhir
