#include "codec/cbor/cbor.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vigil::codec::cbor {
namespace {

// RFC 8949 3.4.4, the example: 273.15.
TEST(CborReader, reads_a_decimal_fraction) {
    CborReader reader(std::string_view("\xC4\x82\x21\x19\x6A\xB3", 6));
    const auto item = reader.next();
    ASSERT_TRUE(item) << item.error().message;
    EXPECT_EQ(item->number, (Decimal{27315, -2}));
    EXPECT_TRUE(reader.empty());
}

TEST(CborReader, a_tower_of_tags_is_refused_however_high) {
    for (const char tag : {'\xC1', '\xC4', '\xC5'}) {
        const std::string tower(1'000'000, tag);
        EXPECT_FALSE(CborReader(tower).next());
    }
}

TEST(CborReader, a_tower_of_arrays_is_passed_over_only_so_far) {
    const std::string tower(1'000'000, '\x81');
    CborReader reader(tower);
    const auto item = reader.next();
    ASSERT_TRUE(item);
    EXPECT_FALSE(reader.skip_content(*item));
}

}  // namespace
}  // namespace vigil::codec::cbor
