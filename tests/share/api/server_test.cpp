// The catalogue, backup, and accounts.
#include "share/api/stage.hpp"

namespace vigil::share {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ServerApi : public ApiTest {};

TEST_F(ServerApi, the_catalogue_is_sent_again_only_if_it_has_changed) {
    const auto first = ask("GET", "/api/catalogue", reader());
    EXPECT_THAT(first.body, HasSubstr("\"heart_rate\""));
    auto again = reader();
    again.emplace_back("if-none-match", first.header("etag"));
    const auto second = ask("GET", "/api/catalogue", again);
    EXPECT_EQ(second.status, 304);
    EXPECT_EQ(second.body, "");
}

TEST_F(ServerApi, a_backup_goes_where_it_is_told_to) {
    EXPECT_EQ(ask("POST", "/api/backup", administrator(), R"({"folder":"/b"})").status, 200);
    EXPECT_THAT(backups, ElementsAre("/b"));
    EXPECT_EQ(ask("POST", "/api/backup", administrator(), "{}").status, 400);
    EXPECT_EQ(ask("POST", "/api/verify", administrator(), "{}").body, R"({"sound":true})");
}

TEST_F(ServerApi, the_audit_is_checked_against_what_was_kept_and_signed_when_asked) {
    EXPECT_EQ(ask("POST", "/api/verify/audit", administrator(), "{}").body, "0");
    EXPECT_EQ(
        ask("POST", "/api/verify/audit", administrator(), R"({"checkpoints":["a","b"]})").body,
        "2");
    EXPECT_EQ(
        ask("POST", "/api/audit/checkpoint", administrator(), "{}").json()["checkpoint"].text(),
        "signed\n");
}

TEST_F(ServerApi, accounts_are_added_with_a_password_that_is_kept_as_a_hash) {
    const auto added =
        ask("POST", "/api/accounts", administrator(),
            R"({"username":"ada","role":"clinician","password":"five large words in order"})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_THAT(added.body, Not(HasSubstr("large")));
    EXPECT_TRUE(identity::verify_password("five large words in order",
                                          registry.find_account("ada")->password_hash));
    for (const auto* body :
         {R"({"username":"ada","role":"clinician","password":"five large words in order"})",
          R"({"username":"eve","role":"clinician","password":"short"})",
          R"({"username":"eve","role":"king","password":"five large words in order"})",
          R"({"username":"","role":"service"})", "nonsense"}) {
        const auto answer = ask("POST", "/api/accounts", administrator(), body);
        EXPECT_GE(answer.status, 400) << body;
        EXPECT_EQ(answer.appended, 0U) << body;
    }
    EXPECT_THAT(ask("GET", "/api/accounts", administrator()).body, Not(HasSubstr("argon2")));
}

TEST_F(ServerApi, a_token_is_shown_once_and_does_what_it_says) {
    const auto made =
        ask("POST", "/api/accounts/nurse/tokens", administrator(),
            R"({"name":"ward screen","scopes":["system/*.rs"],"expires":"2026-11-23T09:00:00Z"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const Credential shown{
        {"authorization", "Bearer " + std::string(made.json()["token"].string())}};
    EXPECT_EQ(ask("GET", "/api/patients", shown).status, 200);
    EXPECT_EQ(ask("POST", "/api/patients", shown, R"({"display_name":"C"})").status, 403);
    now += std::chrono::hours(2);
    EXPECT_EQ(ask("GET", "/api/patients", shown).status, 401) << "it has expired";
    for (const auto* body :
         {R"({"name":"x","scopes":["everything"]})", R"({"name":"x","scopes":[]})",
          R"({"name":"x","scopes":["system/*.rs"],"expires":"soon"})", "nonsense"})
        EXPECT_GE(ask("POST", "/api/accounts/nurse/tokens", administrator(), body).status, 400)
            << body;
    EXPECT_EQ(ask("POST", "/api/accounts/nobody/tokens", administrator(),
                  R"({"name":"x","scopes":["system/*.rs"]})")
                  .status,
              404);
}

}  // namespace
}  // namespace vigil::share
