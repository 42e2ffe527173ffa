#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "identity/key_store.hpp"
#include "identity/key_store_fixture.hpp"

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(KeyStoreTest, a_rotation_wraps_every_key_anew_and_what_was_sealed_stays_as_it_is) {
    for (const bool old_folder : {false, true}) {
        fs::remove_all(keys);
        if (old_folder) make_old_folder({});
        std::string hers, his;
        std::uint32_t version = 0;
        const auto copy = folder / "copy";
        fs::remove_all(copy);
        {
            const auto store = open();
            hers = sealed(**store, ada, "72");
            version = (*store)->state().version;
            fs::copy(keys, copy);
            const auto rotated = (*store)->rotate({});
            ASSERT_TRUE(rotated) << rotated.error().message;
            EXPECT_EQ(rotated->version, version + 1);
            EXPECT_EQ(rotated->keys, 65U) << "the site's, and those made with ada's";
            EXPECT_EQ(opened(**store, ada, hers).value(), "72");
            his = sealed(**store, PatientId{900}, "80");
            EXPECT_EQ((*store)->state().keys, 129U);
            EXPECT_EQ((*store)->state().version, version + 1);
            EXPECT_EQ((*store)->state().failed, "");
        }
        const auto again = open();
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(opened(**again, ada, hers).value(), "72");
        EXPECT_EQ(opened(**again, PatientId{900}, his).value(), "80");
        // Neither half of the folder goes with the other half of before.
        for (const auto* name : {"master.key", "subject.keys"}) {
            fs::remove_all(folder / "mixed");
            fs::copy(keys, folder / "mixed");
            fs::copy(copy / name, folder / "mixed" / name, fs::copy_options::overwrite_existing);
            EXPECT_FALSE(KeyStore::open((folder / "mixed").string(), {}, system_random(), [] {
                return at(8);
            })) << name;
        }
        EXPECT_FALSE(is_there("master.next"));
        EXPECT_FALSE(is_there("subject.keys.new"));
    }
}

TEST_F(KeyStoreTest, what_was_wrapped_before_is_overwritten_where_it_lay) {
    const auto store = open();
    (void)sealed(**store, ada, "72");
    const auto root = bytes_of("master.key");
    fs::create_hard_link(keys / "master.key", folder / "old-root");
    fs::create_hard_link(keys / "subject.keys", folder / "old-subjects");
    ASSERT_TRUE((*store)->rotate({}));
    for (const auto* name : {"old-root", "old-subjects"}) {
        std::ifstream in(folder / name, std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        EXPECT_EQ(bytes, std::string(bytes.size(), '\0')) << name;
    }
    EXPECT_NE(bytes_of("master.key"), root);
}

TEST_F(KeyStoreTest, to_move_from_one_kind_of_root_key_to_another_is_a_rotation) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    const auto path = elsewhere("credential", 'c');
    std::string bytes;
    {
        const auto store = open({.wanted = token});
        bytes = sealed(**store, ada, "72");
        const auto moved = (*store)->rotate(of_file(path));
        ASSERT_TRUE(moved);
        EXPECT_THAT(moved->wrapped_by, ElementsAre(HasSubstr("a key of 32 bytes")));
        EXPECT_THAT(moved->left, ElementsAre(HasSubstr("token 'ward', key 'vigil' opens nothing")));
    }
    token->pulled_out = true;
    {
        const auto store = open(of_file(path));
        ASSERT_TRUE(store);
        ASSERT_TRUE((*store)->rotate({})) << "into the folder";
        EXPECT_TRUE(is_there("master.key"));
        EXPECT_EQ(opened(**store, ada, bytes).value(), "72");
    }
    token->pulled_out = false;
    {
        // The configuration names the token already, and the start goes by what is there.
        const auto store = open({.wanted = token});
        ASSERT_TRUE(store);
        EXPECT_THAT((*store)->state().due, HasSubstr("[keys] names the token 'ward'"));
        ASSERT_TRUE((*store)->rotate({.wanted = token}));
        EXPECT_EQ((*store)->state().due, "");
        EXPECT_EQ((*store)->state().source, "pkcs11");
        EXPECT_FALSE(is_there("master.key")) << "it opens nothing any more";
    }
    const auto store = open({.wanted = token});
    EXPECT_EQ(opened(**store, ada, bytes).value(), "72");
    EXPECT_FALSE(open(of_file(path)));
    EXPECT_FALSE(open());
}

TEST_F(KeyStoreTest, the_file_of_before_opens_until_the_rotation) {
    const auto one = elsewhere("one", 'a'), two = elsewhere("two", 'b');
    ASSERT_TRUE(open(of_file(one)));
    const RootKeys both{.wanted = BareRootKey::of_file(two), .others = {BareRootKey::of_file(one)}};
    const auto store = open(both);
    ASSERT_TRUE(store);
    EXPECT_NE((*store)->state().due, "");
    ASSERT_TRUE((*store)->rotate(both));
    EXPECT_EQ((*store)->state().due, "");
    EXPECT_TRUE(open(of_file(two)));
    EXPECT_FALSE(open(of_file(one)));
}

TEST_F(KeyStoreTest, a_rotation_that_cannot_be_leaves_all_as_it_was) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    const auto store = open();
    const auto bytes = sealed(**store, ada, "72");
    const auto before = bytes_of("subject.keys");
    token->pulled_out = true;
    const auto rotated = (*store)->rotate({.wanted = token});
    ASSERT_FALSE(rotated);
    EXPECT_EQ(rotated.error().message, "the token is not plugged in");
    EXPECT_EQ((*store)->state().failed, "the token is not plugged in");
    EXPECT_EQ(bytes_of("subject.keys"), before);
    const RootKeys without{.recovery = BareRootKey::of_file((folder / "none").string())};
    EXPECT_THAT((*store)->rotate(without).error().message, HasSubstr("keys.recovery_file"));
    EXPECT_FALSE(is_there("master.next"));
    EXPECT_EQ(opened(**open(), ada, bytes).value(), "72");
}

TEST_F(KeyStoreTest, the_recovery_key_joins_and_leaves_by_a_rotation) {
    const auto token = std::make_shared<FakeToken>("ward", 1);
    const auto path = elsewhere("recovery", 'r');
    const RootKeys with{.wanted = token, .recovery = BareRootKey::of_file(path)};
    ASSERT_TRUE(open({.wanted = token}));
    {
        const auto store = open(with);
        EXPECT_THAT((*store)->state().due, HasSubstr("does not open them yet"));
        ASSERT_TRUE((*store)->rotate(with));
        EXPECT_EQ((*store)->state().due, "");
        EXPECT_TRUE(open(of_file(path)));
    }
    const auto store = open({.wanted = token});
    EXPECT_THAT((*store)->state().due, HasSubstr("no longer names"));
    ASSERT_TRUE((*store)->rotate({.wanted = token}));
    EXPECT_FALSE(open(of_file(path)));
}

TEST_F(KeyStoreTest, who_was_erased_stays_so_over_a_rotation) {
    const auto store = open();
    const auto hers = sealed(**store, ada, "72"), his = sealed(**store, bo, "80");
    ASSERT_TRUE((*store)->erase(ada, R"({"act":"x","patient":1})"));
    ASSERT_TRUE((*store)->rotate({}));
    EXPECT_EQ(opened(**store, ada, hers).error().kind, Error::Kind::not_found);
    EXPECT_EQ(opened(**store, bo, his).value(), "80");
    const auto again = open();
    EXPECT_EQ(opened(**again, ada, hers).error().kind, Error::Kind::not_found);
    EXPECT_FALSE((*again)->ring().find(ada));
}

// A rotation of the ward: patients come, are measured and read, and are erased, all the while.
TEST_F(KeyStoreTest, nobody_waits_for_a_rotation_and_nothing_is_lost) {
    const auto store = open();
    std::atomic<bool> ended = false;
    std::vector<std::string> bodies(2'000);
    std::atomic<std::uint32_t> next = 0;
    const auto admit = [&] {
        for (auto number = next++; number < bodies.size(); number = next++)
            bodies[number] = sealed(**store, PatientId{number * 7 + 1}, std::to_string(number));
    };
    std::thread rotating([&] {
        do {
            const auto rotated = (*store)->rotate({});
            ASSERT_TRUE(rotated) << rotated.error().message;
        } while (!ended);
    });
    std::thread one(admit), two(admit);
    for (std::uint32_t number = 0; number < 20; ++number)
        ASSERT_TRUE((*store)->erase(PatientId{20'000 + number},
                                    fmt::format(R"({{"act":"x","patient":{}}})", 20'000 + number)));
    one.join();
    two.join();
    ended = true;
    rotating.join();
    EXPECT_GE((*store)->state().version, 2U);
    const auto again = open();
    ASSERT_TRUE(again) << again.error().message;
    GcmSealer first((*store)->ring(), system_random()), second((*again)->ring(), system_random());
    for (std::uint32_t number = 0; number < bodies.size(); ++number)
        for (auto* sealer : {&first, &second}) {
            std::string clear;
            ASSERT_TRUE(sealer->open(PatientId{number * 7 + 1}, bodies[number], clear)) << number;
            ASSERT_EQ(clear, std::to_string(number));
        }
    EXPECT_TRUE((*again)->ring().is_erased(PatientId{20'007}));
}

}  // namespace
}  // namespace vigil::identity
