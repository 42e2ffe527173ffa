#include "identity/key_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/key_store_fixture.hpp"

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(KeyStoreTest, first_run_makes_keys_that_only_their_owner_can_read) {
    ASSERT_TRUE(open());
    int files = 0;
    for (const auto& entry : fs::directory_iterator(keys)) {
        struct stat status{};
        ::stat(entry.path().c_str(), &status);
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 2) << "the root key, and what it wraps";
    const auto state = (*open())->state();
    EXPECT_EQ(state.version, 1U);
    EXPECT_EQ(state.since, at(8));
    EXPECT_EQ(state.source, "key");
    EXPECT_EQ(state.due, "");
}

TEST_F(KeyStoreTest, a_restart_finds_the_same_keys) {
    std::string bytes;
    {
        const auto store = open();
        bytes = sealed(**store, ada, "heart rate 72");
    }
    EXPECT_EQ(opened(**open(), ada, bytes).value(), "heart rate 72");
}

TEST_F(KeyStoreTest, a_folder_from_before_there_were_versions_opens_and_is_left_as_it_is) {
    make_old_folder({ada, bo});
    const auto before = bytes_of("subject.keys");
    const auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->state().version, 0U);
    EXPECT_EQ((*store)->state().due, "");
    EXPECT_TRUE((*store)->ring().find(bo));
    EXPECT_EQ(bytes_of("subject.keys"), before);
    EXPECT_TRUE((*store)->ring().key(PatientId{100}));
    EXPECT_TRUE((*open())->ring().find(PatientId{100}));
}

TEST_F(KeyStoreTest, a_key_that_was_destroyed_stays_so_whatever_copy_is_put_back) {
    for (const bool old_folder : {false, true}) {
        fs::remove_all(keys);
        if (old_folder) make_old_folder({});
        const auto copy = folder / "copy";
        std::string hers, his;
        {
            const auto store = open();
            hers = sealed(**store, ada, "heart rate 72");
            his = sealed(**store, bo, "80");
            fs::copy(keys / "subject.keys", copy, fs::copy_options::overwrite_existing);
            ASSERT_TRUE((*store)->erase(ada, R"({"act":"x","patient":1})"));
            EXPECT_TRUE((*store)->ring().is_erased(ada));
            EXPECT_FALSE((*store)->ring().is_erased(bo));
        }
        EXPECT_THAT(stored().keys,
                    Not(testing::Contains(testing::Field(&WrappedKey::subject, ada))));
        for (const bool old_copy : {false, true}) {
            if (old_copy)
                fs::copy(copy, keys / "subject.keys", fs::copy_options::overwrite_existing);
            const auto again = open();
            ASSERT_TRUE(again);
            EXPECT_EQ(opened(**again, ada, hers).error().kind, Error::Kind::not_found);
            EXPECT_TRUE(opened(**again, bo, his));
        }
        EXPECT_THAT(*(*open())->erased(), ElementsAre(R"({"act":"x","patient":1})"));
    }
}

TEST_F(KeyStoreTest, keys_that_others_can_read_are_refused) {
    ASSERT_TRUE(open());
    fs::permissions(keys / "master.key", fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(open().error().kind, Error::Kind::forbidden);
    fs::permissions(keys, fs::perms::others_exec, fs::perm_options::add);
    EXPECT_EQ(open().error().kind, Error::Kind::forbidden);
}

TEST_F(KeyStoreTest, a_lost_root_key_is_not_replaced_by_a_new_one) {
    for (const bool old_folder : {false, true}) {
        fs::remove_all(keys);
        if (old_folder) make_old_folder({ada});
        ASSERT_TRUE(open());
        fs::remove(keys / "master.key");
        const auto store = open();
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().kind, Error::Kind::not_found);
        EXPECT_THAT(store.error().message, HasSubstr("put this file back"));
        EXPECT_FALSE(is_there("master.key"));
    }
}

TEST_F(KeyStoreTest, a_root_key_that_is_kept_elsewhere_is_never_made) {
    const auto path = (folder / "credential").string();
    EXPECT_EQ(open(of_file(path)).error().kind, Error::Kind::not_found);
    EXPECT_FALSE(fs::exists(path));
    elsewhere("credential", 'k');
    ASSERT_TRUE(open(of_file(path)));
    EXPECT_FALSE(is_there("master.key"));
    // systemd's credentials carry an access control list, which shows as the group's bits.
    fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
    EXPECT_TRUE(open(of_file(path)));
    for (const auto bit : {fs::perms::others_read, fs::perms::group_write}) {
        fs::permissions(path, bit, fs::perm_options::add);
        EXPECT_EQ(open(of_file(path)).error().kind, Error::Kind::forbidden);
        fs::permissions(path, bit, fs::perm_options::remove);
    }
    ASSERT_TRUE(write_key_file(path, "too short"));
    EXPECT_EQ(open(of_file(path)).error().kind, Error::Kind::malformed);
}

TEST_F(KeyStoreTest, the_folders_own_root_key_may_move_elsewhere_without_a_rotation) {
    for (const bool old_folder : {false, true}) {
        fs::remove_all(keys);
        if (old_folder) make_old_folder({ada});
        ASSERT_TRUE(open());
        const auto path = (folder / "moved").string();
        fs::rename(keys / "master.key", path);
        const auto store = open(of_file(path));
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ((*store)->state().due, "");
    }
}

TEST_F(KeyStoreTest, the_root_key_that_wrapped_nothing_here_is_refused_in_clear_words) {
    ASSERT_TRUE(open(of_file(elsewhere("one", 'a'))));
    const auto two = open(of_file(elsewhere("two", 'b')));
    ASSERT_FALSE(two);
    EXPECT_EQ(two.error().kind, Error::Kind::conflict);
    EXPECT_THAT(two.error().message, HasSubstr("were wrapped by a key of 32 bytes, fingerprint"));
    EXPECT_THAT(two.error().message, HasSubstr("this is another key, its fingerprint"));
    EXPECT_THAT(two.error().place, HasSubstr("two"));
    const auto token = std::make_shared<FakeToken>("ward", 1);
    const auto other = open({.wanted = token});
    EXPECT_THAT(other.error().message, HasSubstr("[keys] names nothing of that kind"));
    EXPECT_EQ(token->asked, 0);
}

TEST_F(KeyStoreTest, a_wrong_pin_is_tried_once_and_nothing_else_is) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    ASSERT_TRUE(open({.wanted = token}));
    token->wrong_pin = true;
    token->asked = 0;
    const auto store = open({.wanted = token, .others = {token}});
    EXPECT_EQ(store.error().kind, Error::Kind::forbidden);
    EXPECT_EQ(store.error().message, "wrong PIN");
    EXPECT_EQ(token->asked, 1);
}

TEST_F(KeyStoreTest, a_token_is_asked_at_the_start_and_not_for_patients) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    ASSERT_TRUE(open({.wanted = token}));
    token->asked = 0;
    const auto store = open({.wanted = token});
    token->pulled_out = true;
    for (std::uint32_t number = 1; number < 300; ++number)
        ASSERT_TRUE((*store)->ring().key(PatientId{number}));
    EXPECT_EQ(token->asked, 1);
    EXPECT_FALSE(is_there("master.key"));
    EXPECT_THAT(open({.wanted = token}).error().message, HasSubstr("not plugged in"));
}

TEST_F(KeyStoreTest, a_recovery_key_opens_what_a_lost_token_wrapped) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    const auto recovery = elsewhere("recovery", 'r');
    const auto missing = (folder / "not-plugged-in").string();
    std::string bytes;
    {
        const RootKeys without{.wanted = token, .recovery = BareRootKey::of_file(missing)};
        EXPECT_THAT(open(without).error().message, HasSubstr("keys.recovery_file"));
        const auto store = open({.wanted = token, .recovery = BareRootKey::of_file(recovery)});
        ASSERT_TRUE(store);
        bytes = sealed(**store, ada, "72");
        EXPECT_EQ((*store)->state().wrapped_by.size(), 2U);
    }
    const auto usual = open({.wanted = token, .recovery = BareRootKey::of_file(missing)});
    ASSERT_TRUE(usual) << "it need not be there";
    EXPECT_EQ((*usual)->state().due, "");
    token->pulled_out = true;
    const auto rescued = open(of_file(recovery));
    ASSERT_TRUE(rescued) << rescued.error().message;
    EXPECT_EQ(opened(**rescued, ada, bytes).value(), "72");
    EXPECT_THAT((*rescued)->state().due, HasSubstr("token"));
}

TEST_F(KeyStoreTest, a_root_key_of_another_length_is_refused) {
    ASSERT_TRUE(make_private_folder(keys.string()));
    ASSERT_TRUE(write_key_file(file("master.key"), "too short"));
    EXPECT_EQ(open().error().kind, Error::Kind::malformed);
}

TEST_F(KeyStoreTest, a_key_that_a_crash_cut_short_was_never_used_and_goes) {
    const auto path = keys / "subject.keys", untouched = folder / "untouched";
    ASSERT_TRUE((*open())->ring().key(ada));
    const auto whole = fs::file_size(path);
    const auto last = stored().keys.back().subject;  // made with the first
    fs::copy_file(path, untouched);
    for (const std::uintmax_t lost : {1U, 30U, 67U}) {
        fs::copy_file(untouched, path, fs::copy_options::overwrite_existing);
        fs::resize_file(path, whole - lost);
        const auto store = open();
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_TRUE((*store)->ring().find(ada));
        EXPECT_FALSE((*store)->ring().find(last));
        EXPECT_EQ(fs::file_size(path), whole - key_record_bytes);
        ASSERT_TRUE((*store)->ring().key(last));
    }
}

TEST_F(KeyStoreTest, a_damaged_key_stops_the_start_with_its_place) {
    ASSERT_TRUE((*open())->ring().key(ada));
    const auto whole = bytes_of("subject.keys");
    const auto head = encode(*stored().master).size();
    auto damaged = whole;
    damaged[head + 20] ^= 1;
    ASSERT_TRUE(write_key_file(file("subject.keys"), damaged));
    const auto store = open();
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().place,
                testing::EndsWith("subject.keys, byte " + std::to_string(head)));
    for (std::size_t at = 0; at < head; ++at) {
        damaged = whole;
        damaged[at] ^= 1;
        ASSERT_TRUE(write_key_file(file("subject.keys"), damaged));
        ASSERT_FALSE(open()) << "byte " << at;
    }
}

}  // namespace
}  // namespace vigil::identity
