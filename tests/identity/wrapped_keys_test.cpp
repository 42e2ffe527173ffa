#include "identity/wrapped_keys.hpp"

#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

WrappedMaster of_all_kinds() {
    return {.version = 7,
            .since = at(8),
            .wraps = {KeyWrap{.root = {1, 2, 3}, .wrapped = {4, 5, 6}},
                      TokenWrap{.token = "ward",
                                .key = "vigil",
                                .mechanism = TokenMechanism::aes_gcm,
                                .nonce = "twelve bytes",
                                .wrapped = std::string(48, 'w')},
                      TokenWrap{.token = "other",
                                .key = "rsa",
                                .mechanism = TokenMechanism::rsa_oaep_sha1,
                                .nonce = "",
                                .wrapped = std::string(512, 'r')},
                      TpmWrap{.public_part = std::string(78, 'p'),
                              .private_part = std::string(190, 'q')}}};
}

std::string file_of(const WrappedMaster& master) {
    return encode(master) + encode(WrappedKey{.subject = PatientId{0}, .wrapped = {1}}) +
           encode(WrappedKey{.subject = PatientId{9}, .wrapped = {2}});
}

TEST(WrappedKeys, what_is_written_is_read) {
    const auto master = of_all_kinds();
    const auto read = decode_wrapped_keys(file_of(master));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->master, master);
    ASSERT_EQ(read->keys.size(), 2U);
    EXPECT_EQ(read->keys[1], (WrappedKey{.subject = PatientId{9}, .wrapped = {2}}));
    EXPECT_EQ(read->whole_bytes, file_of(master).size());
    EXPECT_TRUE(decode_wrapped_keys("")->keys.empty());
}

TEST(WrappedKeys, cut_anywhere_it_is_damaged_or_lacks_whole_records) {
    const auto whole = file_of(of_all_kinds());
    const auto head = encode(of_all_kinds()).size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto read = decode_wrapped_keys(std::string_view(whole).substr(0, size));
        if (size < head) {
            EXPECT_TRUE(!read || (!read->master && read->keys.empty())) << size;
            continue;
        }
        ASSERT_TRUE(read) << size;
        EXPECT_EQ(read->keys.size(), (size - head) / key_record_bytes);
        EXPECT_EQ(read->whole_bytes, head + read->keys.size() * key_record_bytes);
    }
}

TEST(WrappedKeys, one_changed_byte_of_the_head_is_damage) {
    const auto whole = file_of(of_all_kinds());
    for (std::size_t i = 0; i < encode(of_all_kinds()).size(); ++i) {
        auto changed = whole;
        changed[i] ^= 0x10;
        EXPECT_FALSE(decode_wrapped_keys(changed)) << i;
    }
}

TEST(WrappedKeys, descriptions_name_what_a_person_can_look_for) {
    const auto master = of_all_kinds();
    EXPECT_EQ(describe(master.wraps[0]), "a key of 32 bytes, fingerprint 0102 0300 0000 0000");
    EXPECT_EQ(describe(master.wraps[1]), "the PKCS #11 token 'ward', key 'vigil'");
    EXPECT_EQ(kind_word(master.wraps[3]), "tpm");
    EXPECT_EQ(fingerprint_of(Key256{1}), fingerprint_of(Key256{1}));
    EXPECT_NE(fingerprint_of(Key256{1}), fingerprint_of(Key256{2}));
}

}  // namespace
}  // namespace vigil::identity
