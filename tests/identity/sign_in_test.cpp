#include "identity/sign_in.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ledger.hpp"
#include "identity/password.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

class SignInTest : public testing::Test {
protected:
    SignInTest() {
        const auto hash = hash_password(password, {.memory_bytes = 8192, .passes = 1});
        ward.must(ward.registry.plan_add_account(
            {.user_name = "ada", .role = Role::clinician, .password_hash = *hash}, ward.now()));
    }
    Result<Principal> sign_in(const std::string& name, const std::string& typed,
                              Timestamp now = at(8)) {
        auto check = desk.begin(name, "192.0.2.7:50312", now);
        if (!check) return tl::unexpected(check.error());
        return desk.finish(*check, verify_password(typed, check->hash), now);
    }

    const std::string password = "correct horse battery staple";
    Ward ward;
    Ledger ledger;
    AccessDesk audit{ledger, ward.registry};
    SignInGuard guard;
    SignInDesk desk{ward.registry, guard, audit};
};

TEST_F(SignInTest, the_right_password_makes_a_principal_with_its_roles_rights) {
    const auto who = sign_in("ada", password);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->name, "ada");
    EXPECT_EQ(who->rights, rights_of_role(Role::clinician));
    EXPECT_TRUE(ledger.lines.at(0).permitted);
}

TEST_F(SignInTest, a_wrong_name_and_a_wrong_password_get_one_answer) {
    const auto name = sign_in("eve", password).error();
    const auto word = sign_in("ada", "not her password").error();
    EXPECT_EQ(name.kind, Error::Kind::forbidden);
    EXPECT_EQ(name.message, word.message);
    EXPECT_EQ(name.place, word.place);
}

TEST_F(SignInTest, what_was_typed_for_a_name_is_not_written_down_unless_it_is_one) {
    (void)sign_in("my secret password", "x");
    (void)sign_in("ada", "x");
    EXPECT_EQ(ledger.lines.at(0).what, "sign-in");
    EXPECT_EQ(ledger.lines.at(1).what, "sign-in ada");
    EXPECT_FALSE(ledger.lines.at(1).permitted);
    EXPECT_EQ(ledger.lines.at(1).from, "192.0.2.7:50312");
}

TEST_F(SignInTest, a_disabled_account_is_shut_whatever_the_password) {
    auto changed = *ward.registry.find_account("ada");
    changed.enabled = false;
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_EQ(sign_in("ada", password).error().kind, Error::Kind::forbidden);
    EXPECT_EQ(ledger.lines.at(0).reason, "account disabled");
}

TEST_F(SignInTest, whom_the_sites_provider_vouches_for_is_in_without_a_password) {
    const auto step = desk.vouched("ada", "192.0.2.7:50312", false, at(8));
    ASSERT_TRUE(step);
    EXPECT_EQ(step->who.name, "ada");
    EXPECT_EQ(step->next, NextStep::signed_in);
    EXPECT_EQ(ledger.lines.at(0).what, "sign-in ada: provider");
    EXPECT_EQ(ledger.lines.at(0).who, "ada");
    EXPECT_TRUE(ledger.lines.at(0).permitted);
}

TEST_F(SignInTest, nobody_vouches_for_an_account_that_is_not_there_or_was_disabled) {
    EXPECT_EQ(desk.vouched("eve", "192.0.2.7:1", true, at(8)).error().kind, Error::Kind::not_found);
    EXPECT_EQ(ledger.lines.at(0).what, "sign-in: provider");
    auto changed = *ward.registry.find_account("ada");
    changed.enabled = false;
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_EQ(desk.vouched("ada", "192.0.2.7:1", true, at(8)).error().kind, Error::Kind::forbidden);
    desk.refuse_vouched("192.0.2.7:1", at(8), "the signature of the token does not hold");
    EXPECT_EQ(ledger.lines.at(2).reason, "the signature of the token does not hold");
    EXPECT_EQ(desk.refused(), 3U);
}

TEST_F(SignInTest,
       who_must_have_a_second_factor_sets_it_up_after_the_provider_unless_its_own_counts) {
    SignInDesk strict{ward.registry, guard, audit, FactorPolicy::all};
    EXPECT_EQ(strict.vouched("ada", "192.0.2.7:1", false, at(8))->next, NextStep::set_up);
    EXPECT_EQ(strict.vouched("ada", "192.0.2.7:1", true, at(8))->next, NextStep::signed_in);
}

TEST_F(SignInTest, a_password_changed_while_the_old_one_was_looked_at_does_not_let_it_in) {
    const auto check = desk.begin("ada", "192.0.2.7:50312", at(8));
    auto changed = *ward.registry.find_account("ada");
    changed.password_hash = *hash_password("another one that is long", {8192, 1});
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_FALSE(desk.finish(*check, verify_password(password, check->hash), at(8)));
}

TEST_F(SignInTest, guessing_is_answered_with_the_time_to_wait) {
    for (int i = 0; i < 5; ++i) (void)sign_in("ada", "a guess");
    const auto refused = sign_in("ada", password).error();
    EXPECT_EQ(refused.kind, Error::Kind::busy);
    EXPECT_EQ(refused.place, "1") << "Retry-After";
    EXPECT_TRUE(sign_in("ada", password, at(8) + std::chrono::seconds(1)));
}

TEST_F(SignInTest, a_password_is_not_enough_for_who_set_a_second_factor_up) {
    const auto ada = ward.registry.find_account("ada")->id;
    ward.apply({at(7), "ada", TotpSet{.account = ada, .sealed_secret = "x"}}).value();
    const auto check = desk.begin("ada", "192.0.2.7:50312", at(8));
    EXPECT_EQ(desk.first_step(*check, true, at(8))->next, NextStep::factor);
    EXPECT_EQ(ledger.lines.back().what, "sign-in ada: password");
    EXPECT_EQ(ledger.lines.back().who, "") << "nobody is in yet";

    const auto refused = desk.finish(*check, true, at(8));
    ASSERT_FALSE(refused) << "over MQTT, where nothing else can be shown";
    EXPECT_EQ(refused.error().message, desk.finish(*check, false, at(8)).error().message);
    EXPECT_EQ(ledger.lines.at(1).reason, "a second factor is asked for");
}

TEST_F(SignInTest, the_site_says_whom_it_asks_for_a_second_factor) {
    const auto root = ward.account("root", Role::administrator);
    const auto robot = ward.account("robot", Role::service);
    const auto asks = [&](FactorPolicy policy, AccountId who) {
        return SignInDesk(ward.registry, guard, audit, policy)
            .asks_factor(*ward.registry.account(who));
    };
    const auto ada = ward.registry.find_account("ada")->id;
    EXPECT_FALSE(asks(FactorPolicy::optional, root));
    EXPECT_TRUE(asks(FactorPolicy::administrators, root));
    EXPECT_FALSE(asks(FactorPolicy::administrators, ada));
    EXPECT_TRUE(asks(FactorPolicy::all, ada));
    EXPECT_FALSE(asks(FactorPolicy::all, robot));

    SignInDesk strict(ward.registry, guard, audit, FactorPolicy::all);
    const auto check = strict.begin("ada", "192.0.2.7:50312", at(8));
    EXPECT_EQ(strict.first_step(*check, true, at(8))->next, NextStep::set_up);
    EXPECT_FALSE(strict.finish(*check, true, at(8)));
}

}  // namespace
}  // namespace vigil::identity
