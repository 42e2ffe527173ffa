#include "identity/key_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "identity/gcm_sealer.hpp"
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
    Result<KeyRing> ring() const {
        auto opened = open();
        VIGIL_TRY(master, opened.master_key(system_random()));
        return opened.key_ring(master, system_random());
    }

    fs::path folder, keys;
};

TEST_F(KeyFolderTest, first_run_makes_keys_that_only_their_owner_can_read) {
    auto opened = open();
    const auto master = opened.master_key(system_random());
    ASSERT_TRUE(master);
    ASSERT_TRUE(opened.key_ring(*master, system_random()));
    const auto authority = opened.authority("Site", at(8));
    ASSERT_TRUE(opened.server_certificate(*authority, {"localhost"}, at(8)));
    EXPECT_EQ(mode(keys), 0700U);
    int files = 0;
    for (const auto& entry : fs::directory_iterator(keys)) {
        EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 4);
}

TEST_F(KeyFolderTest, a_restart_finds_the_same_keys) {
    auto first = open();
    const auto master = first.master_key(system_random());
    const auto authority = first.authority("Site", at(8));
    const auto server = first.server_certificate(*authority, {"localhost"}, at(8));
    std::string sealed;
    {
        auto held = ring();
        GcmSealer(*held, system_random()).seal(PatientId{1}, "heart rate 72", sealed);
    }
    auto again = open();
    EXPECT_EQ(*again.master_key(system_random()), *master);
    EXPECT_EQ(again.authority("Site", at(9))->pair().certificate_pem,
              authority->pair().certificate_pem);
    EXPECT_EQ(again.server_certificate(*authority, {"localhost"}, at(9))->private_key_pem,
              server->private_key_pem);
    EXPECT_NE(
        again.server_certificate(*authority, {"localhost", "new.example"}, at(9))->private_key_pem,
        server->private_key_pem);
    auto held = ring();
    std::string clear;
    EXPECT_TRUE(GcmSealer(*held, system_random()).open(PatientId{1}, sealed, clear));
    EXPECT_EQ(clear, "heart rate 72");
}

TEST_F(KeyFolderTest, a_key_that_was_destroyed_stays_so_whatever_copy_is_put_back) {
    const auto copy = folder / "copy";
    std::string sealed, his;
    {
        auto held = ring();
        GcmSealer sealer(*held, system_random());
        sealer.seal(PatientId{1}, "heart rate 72", sealed);
        sealer.seal(PatientId{2}, "80", his);
        fs::copy(keys / "subject.keys", copy);
        ASSERT_TRUE(open().erase(*held, PatientId{1}, R"({"act":"x","patient":1})"));
        EXPECT_TRUE(held->is_erased(PatientId{1}));
        EXPECT_FALSE(held->is_erased(PatientId{2}));
    }
    const auto read = [](const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    EXPECT_THAT(read(keys / "subject.keys"),
                testing::Not(testing::HasSubstr(std::string("\0\0\0\1", 4))));
    EXPECT_EQ(mode(keys / "erased.list"), 0600U);
    for (const bool old_copy : {false, true}) {
        if (old_copy) fs::copy(copy, keys / "subject.keys", fs::copy_options::overwrite_existing);
        auto again = ring();
        ASSERT_TRUE(again);
        GcmSealer sealer(*again, system_random());
        std::string clear;
        EXPECT_EQ(sealer.open(PatientId{1}, sealed, clear).error().kind, Error::Kind::not_found);
        EXPECT_TRUE(sealer.open(PatientId{2}, his, clear));
        EXPECT_EQ(read(keys / "subject.keys").size() % 68, 0U);
    }
    EXPECT_THAT(*open().erased(), testing::ElementsAre(R"({"act":"x","patient":1})"));
}

TEST_F(KeyFolderTest, keys_that_others_can_read_are_refused) {
    ASSERT_TRUE(ring());
    fs::permissions(keys / "master.key", fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(open().master_key(system_random()).error().kind, Error::Kind::forbidden);
    fs::permissions(keys, fs::perms::others_exec, fs::perm_options::add);
    EXPECT_EQ(KeyFolder::open(keys.string()).error().kind, Error::Kind::forbidden);
}

TEST_F(KeyFolderTest, a_lost_master_key_is_not_replaced_by_a_new_one) {
    ASSERT_TRUE(ring());
    fs::remove(keys / "master.key");
    EXPECT_EQ(open().master_key(system_random()).error().kind, Error::Kind::not_found);
}

TEST_F(KeyFolderTest, a_master_key_that_is_kept_elsewhere_is_never_made) {
    const auto elsewhere = (folder / "credential").string();
    const auto opened = [&] { return *KeyFolder::open(keys.string(), elsewhere); };
    EXPECT_EQ(opened().master_key(system_random()).error().kind, Error::Kind::not_found);
    EXPECT_FALSE(fs::exists(elsewhere));
    const std::string bytes(32, 'k');
    ASSERT_TRUE(write_key_file(elsewhere, bytes));
    const auto master = opened().master_key(system_random());
    ASSERT_TRUE(master);
    EXPECT_EQ(std::string(master->begin(), master->end()), bytes);
    EXPECT_FALSE(fs::exists(keys / "master.key"));
    // systemd's credentials carry an access control list, which shows as the group's bits.
    fs::permissions(elsewhere, fs::perms::group_read, fs::perm_options::add);
    EXPECT_TRUE(opened().master_key(system_random()));
    for (const auto bit : {fs::perms::others_read, fs::perms::group_write}) {
        fs::permissions(elsewhere, bit, fs::perm_options::add);
        EXPECT_EQ(opened().master_key(system_random()).error().kind, Error::Kind::forbidden);
        fs::permissions(elsewhere, bit, fs::perm_options::remove);
    }
    ASSERT_TRUE(write_key_file(elsewhere, "too short"));
    EXPECT_EQ(opened().master_key(system_random()).error().kind, Error::Kind::malformed);
}

TEST_F(KeyFolderTest, a_master_key_of_another_length_is_refused) {
    (void)open();
    ASSERT_TRUE(write_key_file((keys / "master.key").string(), "too short"));
    EXPECT_EQ(open().master_key(system_random()).error().kind, Error::Kind::malformed);
}

TEST_F(KeyFolderTest, a_key_that_a_crash_cut_short_was_never_used_and_goes) {
    const auto file = keys / "subject.keys", untouched = folder / "untouched";
    ASSERT_TRUE(ring());
    const auto record = fs::file_size(file);  // the site's
    ASSERT_TRUE(ring()->key(PatientId{1}));
    const auto whole = fs::file_size(file);
    const PatientId last{static_cast<std::uint32_t>(whole / record - 1)};  // made with the first
    fs::copy_file(file, untouched);
    for (const std::uintmax_t lost : {1U, 30U, 67U}) {
        fs::copy_file(untouched, file, fs::copy_options::overwrite_existing);
        fs::resize_file(file, whole - lost);
        const auto held = ring();
        ASSERT_TRUE(held) << held.error().message;
        EXPECT_TRUE(held->find(PatientId{1}));
        EXPECT_FALSE(held->find(last));
        EXPECT_EQ(fs::file_size(file), whole - record);
        ASSERT_TRUE(ring()->key(last));
    }
}

TEST_F(KeyFolderTest, a_damaged_key_stops_the_start_with_its_place) {
    {
        auto held = ring();
        ASSERT_TRUE(held->key(PatientId{1}));
    }
    std::fstream file(keys / "subject.keys", std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(20);
    const auto was = file.get();
    file.seekp(20);
    file.put(static_cast<char>(was ^ 1));
    file.close();
    const auto held = ring();
    ASSERT_FALSE(held);
    EXPECT_THAT(held.error().place, testing::EndsWith("subject.keys, byte 0"));
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
