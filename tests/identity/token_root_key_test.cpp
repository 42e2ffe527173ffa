#include "identity/token_root_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "identity/key_file.hpp"

namespace vigil::identity {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr auto module_path = "/usr/lib/softhsm/libsofthsm2.so";
constexpr Key256 master{1, 2, 3};

// A token of SoftHSM in a folder of its own.
class TokenRootKeyTest : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(module_path) || std::system("command -v pkcs11-tool >/dev/null") != 0)
            GTEST_SKIP() << "softhsm2 and opensc are not installed (./dev installs them)";
        std::string pattern = testing::TempDir() + "vigil-token-XXXXXX";
        folder = ::mkdtemp(pattern.data());
        fs::create_directory(folder / "tokens");
        std::ofstream(folder / "conf") << "directories.tokendir = " << (folder / "tokens").string()
                                       << "\nobjectstore.backend = file\nlog.level = ERROR\n";
        ::setenv("SOFTHSM2_CONF", (folder / "conf").c_str(), 1);
        run("softhsm2-util --init-token --free --label ward --pin 4711 --so-pin 87654321");
        settings.pin_file = written("pin", "4711\n");
    }
    void TearDown() override {
        ::unsetenv("SOFTHSM2_CONF");
        if (!folder.empty()) fs::remove_all(folder);
    }
    static void run(const std::string& command) {
        ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0) << command;
    }
    void make_key(const std::string& words) const {
        run("pkcs11-tool --module " + std::string(module_path) +
            " --token-label ward --login --pin 4711 " + words);
    }
    std::string written(const std::string& name, std::string_view text) const {
        auto path = (folder / name).string();
        EXPECT_TRUE(write_key_file(path, text));
        return path;
    }

    fs::path folder;
    TokenSettings settings{.module = module_path, .token = "ward", .key = "vigil", .pin_file = {}};
};

TEST_F(TokenRootKeyTest, an_aes_key_wraps_and_unwraps_inside_the_token) {
    make_key("--keygen --key-type AES:32 --label vigil");
    TokenRootKey root(settings);
    const auto wrap = root.wrap(master, system_random());
    ASSERT_TRUE(wrap) << wrap.error().message;
    EXPECT_EQ(std::get<TokenWrap>(*wrap).mechanism, TokenMechanism::aes_gcm);
    EXPECT_TRUE(root.made(*wrap));
    EXPECT_EQ(*TokenRootKey(settings).unwrap(*wrap), master);
    auto changed = std::get<TokenWrap>(*wrap);
    changed.wrapped[5] ^= 1;
    EXPECT_FALSE(root.unwrap(changed));
}

TEST_F(TokenRootKeyTest, an_rsa_key_does_too) {
    make_key("--keypairgen --key-type rsa:2048 --label vigil --usage-decrypt");
    TokenRootKey root(settings);
    const auto wrap = root.wrap(master, system_random());
    ASSERT_TRUE(wrap) << wrap.error().message;
    EXPECT_EQ(*root.unwrap(*wrap), master);
}

TEST_F(TokenRootKeyTest, another_key_of_the_same_token_may_take_its_place) {
    make_key("--keygen --key-type AES:32 --label vigil");
    make_key("--keygen --key-type AES:32 --label vigil-2");
    const auto wrap = TokenRootKey(settings).wrap(master, system_random());
    settings.key = "vigil-2";
    TokenRootKey next(settings);
    EXPECT_FALSE(next.made(*wrap));
    EXPECT_EQ(*next.unwrap(*wrap), master) << "the wrap says which key it was";
    EXPECT_TRUE(next.made(*next.wrap(master, system_random())));
}

TEST_F(TokenRootKeyTest, a_wrong_pin_is_shown_once_and_told_without_it) {
    make_key("--keygen --key-type AES:32 --label vigil");
    settings.pin_file = written("wrong", "0815\n");
    const auto wrap = TokenRootKey(settings).wrap(master, system_random());
    ASSERT_FALSE(wrap);
    EXPECT_EQ(wrap.error().kind, Error::Kind::forbidden);
    EXPECT_THAT(wrap.error().message, HasSubstr("correct it before the next start"));
    EXPECT_EQ(wrap.error().place, settings.pin_file);
    EXPECT_THAT(wrap.error().message, testing::Not(HasSubstr("0815")));
    settings.pin_file = written("pin", "4711");
    EXPECT_TRUE(TokenRootKey(settings).wrap(master, system_random())) << "and no session is left";
}

TEST_F(TokenRootKeyTest, what_is_missing_is_said_with_what_to_do) {
    make_key("--keygen --key-type AES:32 --label vigil");
    const auto error = [](TokenSettings with) {
        const auto wrap = TokenRootKey(std::move(with)).wrap(master, system_random());
        return wrap ? Error{} : wrap.error();
    };
    auto with = settings;
    with.token = "elsewhere";
    EXPECT_EQ(error(with).kind, Error::Kind::not_found);
    EXPECT_THAT(error(with).message,
                HasSubstr("plug it in, or correct keys.pkcs11_token (there are ward)"));
    with = settings;
    with.key = "other";
    EXPECT_EQ(error(with).kind, Error::Kind::not_found);
    EXPECT_THAT(error(with).message, HasSubstr("keys.pkcs11_key"));
    with = settings;
    with.pin_file = (folder / "nowhere").string();
    EXPECT_EQ(error(with).kind, Error::Kind::not_found);
    with.pin_file = "";
    EXPECT_THAT(error(with).message, HasSubstr("keys.pkcs11_pin_file"));
    with.pin_file = written("open", "4711\n");
    fs::permissions(with.pin_file, fs::perms::others_read, fs::perm_options::add);
    EXPECT_EQ(error(with).kind, Error::Kind::forbidden);
    make_key("--keygen --key-type AES:32 --label vigil");
    EXPECT_THAT(error(settings).message, HasSubstr("several keys"));
}

TEST(TokenSession, only_a_module_that_nobody_else_can_change_is_loaded) {
    const auto error = [](std::string module) {
        return TokenSession::open(
                   {.module = std::move(module), .token = "t", .key = "k", .pin_file = {}}, "t")
            .error();
    };
    EXPECT_THAT(error("libsofthsm2.so").message, HasSubstr("absolute path"));
    EXPECT_EQ(error("/nowhere/module.so").kind, Error::Kind::not_found);
    const auto path = testing::TempDir() + "vigil-module.so";
    std::ofstream(path) << "not a library";
    fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
    EXPECT_EQ(error(path).kind, Error::Kind::forbidden);
    fs::permissions(path, fs::perms::owner_all);
    EXPECT_EQ(error(path).kind, Error::Kind::unsupported);
    fs::remove(path);
}

}  // namespace
}  // namespace vigil::identity
