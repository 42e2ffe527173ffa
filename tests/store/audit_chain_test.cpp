#include "store/audit_chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil::store {
namespace {

AuditCheckpoint example() {
    AuditCheckpoint checkpoint{.sequence = 7,
                               .end = {.number = 40'960, .hash = {}},
                               .time = from_unix_ns(1'772'323'200'500'000'000),
                               .why = "interval",
                               .key = {},
                               .signature = {}};
    checkpoint.end.hash.fill(0xAB);
    checkpoint.key.fill(0x01);
    checkpoint.signature.fill(0xEF);
    return checkpoint;
}

std::string times(int count, std::string_view text) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}

// Made with another program (hashlib of Python) from what docs/reference/audit-chain.md says.
TEST(AuditChain, a_line_hashes_to_what_the_reference_says) {
    ChainHash hash;
    const auto first = hash.of({}, 1, from_unix_ns(1'772'323'200'000'000'000), "first");
    EXPECT_EQ(hex_of(first), "c192e7ada640f2e83a81ae8840f7c0ff1c1da35c71a5e4aa0a08ecfcd6f98293");
    EXPECT_EQ(hex_of(hash.of(first, 2, from_unix_ns(1'772'323'200'000'000'001), "second")),
              "4fe425321ce7a747e6c3a67bbde3c712c77a7569110d75076be3cd1e318cae9c");
}

TEST(AuditChain, a_checkpoint_is_text_that_people_and_other_programs_can_read) {
    EXPECT_EQ(encode(example()),
              "vigil audit checkpoint 1\n"
              "sequence 7\n"
              "line 40960\n"
              "hash " +
                  times(32, "ab") +
                  "\n"
                  "time 2026-03-01T00:00:00.5Z\n"
                  "why interval\n"
                  "key " +
                  times(32, "01") +
                  "\n"
                  "signature " +
                  times(64, "ef") + "\n");
    EXPECT_TRUE(encode(example()).starts_with(signed_text(example())));
    const auto read = decode_checkpoint(encode(example()));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, example());
    EXPECT_LE(encode(example()).size(), checkpoint_bytes_max);
}

TEST(AuditChain, a_checkpoint_that_is_cut_or_written_in_another_way_is_none) {
    const auto text = encode(example());
    for (std::size_t cut = 0; cut < text.size(); ++cut)
        EXPECT_FALSE(decode_checkpoint(text.substr(0, cut))) << cut;
    EXPECT_FALSE(decode_checkpoint(text + "\n"));
    const auto with = [&](std::string_view from, std::string_view to) {
        auto changed = text;
        return decode_checkpoint(changed.replace(changed.find(from), from.size(), to));
    };
    EXPECT_FALSE(with("line 40960", "line 040960"));
    EXPECT_FALSE(with("line 40960", "line -1"));
    EXPECT_FALSE(with("line 40960", "line 18446744073709551616"));
    EXPECT_FALSE(with("hash ab", "hash AB"));
    EXPECT_FALSE(with("00.5Z", "00.50Z"));
    EXPECT_FALSE(with("why interval", "why not now"));
    EXPECT_FALSE(with("checkpoint 1", "checkpoint 2"));
    EXPECT_TRUE(with("line 40960", "line 40961"));
}

TEST(AuditChain, what_a_crash_cut_short_at_the_end_of_a_file_is_left_out) {
    const auto text = encode(example());
    const auto file = text + "\n" + text + "\n";
    EXPECT_THAT(split_checkpoints(file).checkpoints, testing::ElementsAre(text, text));
    EXPECT_EQ(split_checkpoints(file).whole, file.size());
    for (std::size_t cut = text.size() + 1; cut < file.size(); ++cut) {
        const auto split = split_checkpoints(file.substr(0, cut));
        EXPECT_THAT(split.checkpoints, testing::ElementsAre(text)) << cut;
        EXPECT_EQ(split.whole, text.size() + 1) << cut;
    }
    EXPECT_THAT(split_checkpoints("").checkpoints, testing::IsEmpty());
}

}  // namespace
}  // namespace vigil::store
