#include "app/openid_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "identity/key_file.hpp"

namespace vigil::app {
namespace {

Config configured() {
    Config config;
    config.openid_issuer = "https://idp.example/realms/ward";
    config.openid_client_id = "vigil";
    return config;
}

std::string refused(const Config& config) {
    const auto settings = openid_settings(config);
    return settings ? "nothing" : settings.error().place;
}

TEST(OpenIdSettings, are_what_the_configuration_says) {
    auto config = configured();
    config.openid_client_secret = "secret";
    config.openid_role_claim = "groups";
    config.openid_roles = "icu-nurses=nurse  cn=doctors,ou=icu=physician";
    config.openid_second_factor = "trust";
    const auto settings = openid_settings(config);
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->name, "idp.example");
    EXPECT_EQ(settings->client_secret, "secret");
    EXPECT_EQ(settings->account_claim, "preferred_username");
    EXPECT_TRUE(settings->trusts_second_factor);
    EXPECT_THAT(settings->roles,
                testing::ElementsAre(
                    std::pair<std::string, identity::Role>("icu-nurses", identity::Role::nurse),
                    std::pair<std::string, identity::Role>("cn=doctors,ou=icu",
                                                           identity::Role::physician)));
}

TEST(OpenIdSettings, the_secret_is_the_first_line_of_a_file_that_others_cannot_read) {
    const auto path = testing::TempDir() + "vigil_openid_secret";
    ASSERT_TRUE(identity::write_key_file(path, "s e c r e t\r\nnot this\n"));
    auto config = configured();
    config.openid_client_secret_file = path;
    EXPECT_EQ(openid_settings(config)->client_secret, "s e c r e t");
    namespace fs = std::filesystem;
    fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
    EXPECT_EQ(openid_settings(config).error().kind, Error::Kind::forbidden);
    config.openid_client_secret = "both";
    EXPECT_EQ(refused(config), "openid.client_secret_file");
    fs::remove(path);
    config.openid_client_secret.clear();
    EXPECT_EQ(refused(config), path);
}

TEST(OpenIdSettings, what_cannot_be_is_refused_at_the_start) {
    for (const auto* issuer : {"idp.example", "ftp://idp.example", "https://", "https://a@b",
                               "https://idp.example/?x=y", "https://idp.example/#x"}) {
        auto config = configured();
        config.openid_issuer = issuer;
        EXPECT_EQ(refused(config), "openid.issuer") << issuer;
    }
    auto config = configured();
    config.openid_client_id.clear();
    EXPECT_EQ(refused(config), "openid.client_id");
    config = configured();
    config.openid_roles = "a=nurse";
    EXPECT_EQ(refused(config), "openid.role_claim");
    config.openid_role_claim = "groups";
    for (const auto* roles : {"nurse", "=nurse", "a=king", "a="}) {
        config.openid_roles = roles;
        EXPECT_EQ(refused(config), "openid.roles") << roles;
    }
    config.openid_roles.clear();
    EXPECT_EQ(refused(config), "openid.roles");
}

}  // namespace
}  // namespace vigil::app
