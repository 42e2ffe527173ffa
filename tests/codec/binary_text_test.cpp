#include "codec/binary_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace vigil::codec {
namespace {

// RFC 4648 10.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> base64{
    {{"", ""},
     {"f", "Zg=="},
     {"fo", "Zm8="},
     {"foo", "Zm9v"},
     {"foob", "Zm9vYg=="},
     {"fooba", "Zm9vYmE="},
     {"foobar", "Zm9vYmFy"}}};

TEST(BinaryText, base64_is_written_with_padding_and_read_back) {
    for (const auto& [bytes, text] : base64) {
        EXPECT_EQ(write_base64(bytes), text);
        std::string back;
        EXPECT_TRUE(read_base64(text, back));
        EXPECT_EQ(back, bytes);
    }
}

TEST(BinaryText, every_byte_comes_back) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    std::string back;
    ASSERT_TRUE(read_base64(write_base64(all), back));
    EXPECT_EQ(back, all);
    ASSERT_TRUE(read_hex(write_hex(all), back));
    EXPECT_EQ(back, all);
}

}  // namespace
}  // namespace vigil::codec
