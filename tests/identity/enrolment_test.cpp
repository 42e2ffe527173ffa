#include "identity/enrolment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace vigil::identity {
namespace {

TEST(EnrolmentCode, is_random_and_can_be_read_aloud) {
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        const auto code = new_enrolment_code(system_random());
        EXPECT_THAT(code, testing::MatchesRegex("[0-9A-HJKMNP-TV-Z]{20}"));
        EXPECT_TRUE(seen.insert(code).second);
    }
    // Each byte gives five bits, whatever it is.
    std::uint8_t next = 0;
    const auto code = new_enrolment_code([&](std::span<std::uint8_t> out) {
        for (auto& byte : out) byte = next++;
    });
    EXPECT_EQ(code, "0123456789ABCDEFGHJK");
    EXPECT_EQ(grouped_code(code), "0123-4567-89AB-CDEF-GHJK");
}

TEST(EnrolmentCode, is_the_same_however_a_person_types_it) {
    const std::string code = "7K2M41QXW0V3E9HS5TZA";
    for (const auto* typed : {"7K2M-41QX-W0V3-E9HS-5TZA", "7k2m 41qx w0v3 e9hs 5tza",
                              "7K2M-4lQX-WOV3-E9HS-5TZA", "7K2M41QXW0V3E9HS5TZA"})
        EXPECT_EQ(normal_code(typed), code) << typed;
    for (const std::string& typed :
         {std::string(), std::string("7K2M"), code + "A", code.substr(1) + "U",
          code.substr(1) + ":", code.substr(1) + "\xC3\xA9", std::string(1'000'000, '-') + code})
        EXPECT_FALSE(normal_code(typed)) << typed.substr(0, 40);
}

}  // namespace
}  // namespace vigil::identity
