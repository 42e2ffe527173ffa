#include "identity/audit_key.hpp"

#include <gtest/gtest.h>

namespace vigil::identity {
namespace {

// RFC 8032 7.1, TEST 1.
const AuditKey key = [] {
    Key256 seed{};
    read_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed);
    return AuditKey(seed);
}();

store::AuditCheckpoint example() {
    return key.signed_with({.sequence = 7,
                            .end = {.number = 40'960, .hash = {1, 2, 3}},
                            .time = from_unix_ns(1'772'323'200'500'000'000),
                            .why = "interval",
                            .key = {},
                            .signature = {}});
}

TEST(AuditKey, has_the_public_key_of_the_standards_example) {
    EXPECT_EQ(hex_of(key.public_key()),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

// `openssl pkeyutl -verify` takes it too, as docs/guides/audit.md shows.
TEST(AuditKey, signs_the_text_of_a_checkpoint) {
    EXPECT_TRUE(signature_holds(example()));
    EXPECT_EQ(
        hex_of(example().signature),
        "b4c9b91f2a5eeb4d30ecf038b5d3d0710c5f52fd93c07a92fbce0330c14b0b69ba88c17c37108330556a2e7da3"
        "be92e98c386216ad29c36c7afc464a9973c404");
}

TEST(AuditKey, nothing_of_a_signed_checkpoint_can_be_changed) {
    const auto after = [](auto change) {
        auto checkpoint = example();
        change(checkpoint);
        return signature_holds(checkpoint);
    };
    EXPECT_FALSE(after([](auto& each) { each.sequence += 1; }));
    EXPECT_FALSE(after([](auto& each) { each.end.number += 1; }));
    EXPECT_FALSE(after([](auto& each) { each.end.hash[31] ^= 1; }));
    EXPECT_FALSE(after([](auto& each) { each.time += Nanoseconds(1); }));
    EXPECT_FALSE(after([](auto& each) { each.why = "start"; }));
    EXPECT_FALSE(after([](auto& each) { each.key[0] ^= 1; }));
    EXPECT_FALSE(after([](auto& each) { each.signature[0] ^= 1; }));
    EXPECT_FALSE(after([](auto& each) { each.key = {}; }));
}

}  // namespace
}  // namespace vigil::identity
