#include "identity/key_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "identity/key_file.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;

class KeyFolderTest : public testing::Test {
protected:
    KeyFolderTest() {
        std::string pattern = testing::TempDir() + "vigil-keys-XXXXXX";
        folder = ::mkdtemp(pattern.data());
        keys = folder / "keys";
    }
    ~KeyFolderTest() override { fs::remove_all(folder); }

    KeyFolder open() const { return *KeyFolder::open(keys.string()); }
    static mode_t mode(const fs::path& path) {
        struct stat status{};
        ::stat(path.c_str(), &status);
        return status.st_mode & 0777;
    }

    fs::path folder, keys;
};

TEST_F(KeyFolderTest, first_run_makes_keys_that_only_their_owner_can_read) {
    auto opened = open();
    const auto authority = opened.authority("Site", at(8));
    ASSERT_TRUE(opened.server_certificate(*authority, {"localhost"}, at(8)));
    EXPECT_EQ(mode(keys), 0700U);
    int files = 0;
    for (const auto& entry : fs::directory_iterator(keys)) {
        EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 2);
}

TEST_F(KeyFolderTest, a_restart_finds_the_same_certificates) {
    auto first = open();
    const auto authority = first.authority("Site", at(8));
    const auto server = first.server_certificate(*authority, {"localhost"}, at(8));
    auto again = open();
    EXPECT_EQ(again.authority("Site", at(9))->pair().certificate_pem,
              authority->pair().certificate_pem);
    EXPECT_EQ(again.server_certificate(*authority, {"localhost"}, at(9))->private_key_pem,
              server->private_key_pem);
    EXPECT_NE(
        again.server_certificate(*authority, {"localhost", "new.example"}, at(9))->private_key_pem,
        server->private_key_pem);
}

TEST_F(KeyFolderTest, a_folder_that_others_can_look_into_is_refused) {
    (void)open();
    fs::permissions(keys, fs::perms::others_exec, fs::perm_options::add);
    EXPECT_EQ(KeyFolder::open(keys.string()).error().kind, Error::Kind::forbidden);
}

TEST_F(KeyFolderTest, the_audits_key_is_made_once_and_for_its_owner_only) {
    const auto key = open().audit_key(system_random());
    ASSERT_TRUE(key);
    EXPECT_EQ(mode(keys / "audit.key"), 0600U);
    EXPECT_EQ(open().audit_key(system_random())->public_key(), key->public_key());
    ASSERT_TRUE(write_key_file((keys / "audit.key").string(), "too short"));
    EXPECT_EQ(open().audit_key(system_random()).error().kind, Error::Kind::malformed);
}

TEST_F(KeyFolderTest, checkpoints_are_appended_also_after_one_that_a_crash_cut_short) {
    const auto file = keys / "audit.checkpoints";
    EXPECT_THAT(*open().audit_checkpoints(), testing::IsEmpty());
    ASSERT_TRUE(open().keep_audit_checkpoint("one\n"));
    ASSERT_TRUE(open().keep_audit_checkpoint("two\n"));
    EXPECT_EQ(mode(file), 0600U);
    EXPECT_THAT(*open().audit_checkpoints(), testing::ElementsAre("one\n", "two\n"));
    for (const std::uintmax_t lost : {1U, 2U, 5U}) {
        ASSERT_TRUE(write_key_file(file.string(), "one\n\ntwo\n\n"));
        fs::resize_file(file, fs::file_size(file) - lost);
        EXPECT_THAT(*open().audit_checkpoints(), testing::ElementsAre("one\n"));
        ASSERT_TRUE(open().keep_audit_checkpoint("three\n"));
        EXPECT_THAT(*open().audit_checkpoints(), testing::ElementsAre("one\n", "three\n"));
    }
}

TEST_F(KeyFolderTest, a_restore_is_remembered_until_it_was_signed) {
    EXPECT_FALSE(*open().is_marked_restored());
    ASSERT_TRUE(open().mark_restored());
    EXPECT_TRUE(*open().is_marked_restored());
    EXPECT_EQ(mode(keys / "audit.restored"), 0600U);
    ASSERT_TRUE(open().unmark_restored());
    EXPECT_FALSE(*open().is_marked_restored());
    EXPECT_TRUE(open().unmark_restored()) << "it is gone already";
}

TEST_F(KeyFolderTest, the_keys_that_tokens_are_signed_with_are_kept_and_rotated_by_age) {
    const auto first = open().signing_keys(at(8));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(mode(keys / "signing.keys"), 0600U);
    EXPECT_EQ(open().signing_keys(at(9))->jwks(at(9)), first->jwks(at(9)));
    const auto later = at(8) + jose::SigningKeys::signs_for;
    const auto both = open().signing_keys(later);
    EXPECT_EQ(jose::read_jwks(both->jwks(later))->keys().size(), 2U);
    EXPECT_EQ(open().signing_keys(later)->encode(), both->encode());
}

TEST_F(KeyFolderTest, signing_keys_that_cannot_be_read_are_told_and_not_made_anew) {
    ASSERT_TRUE(open().signing_keys(at(8)));
    const auto path = (keys / "signing.keys").string();
    ASSERT_TRUE(write_key_file(path, "broken"));
    const auto read = open().signing_keys(at(8));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().place, path);
    EXPECT_EQ(read_key_file(path)->value(), "broken");
    fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
    EXPECT_EQ(open().signing_keys(at(8)).error().kind, Error::Kind::forbidden);
}

}  // namespace
}  // namespace vigil::identity
