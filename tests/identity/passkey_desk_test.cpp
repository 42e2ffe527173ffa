#include "identity/passkey_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/authenticator.hpp"
#include "identity/ledger.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

class PasskeyDeskTest : public testing::Test {
protected:
    PasskeyDeskTest() {
        ada = ward.account("ada", Role::clinician);
        bo = ward.account("bo", Role::clinician);
    }
    static PasskeyDesk::Asked asked(std::string context, std::optional<AccountId> account = {}) {
        return {.context = std::move(context),
                .account = account,
                .party = {.id = "vigil.example", .origin = "https://vigil.example"},
                .address = "192.0.2.7:50312"};
    }
    Result<PasskeyConfirmed> add(const Authenticator& authenticator, AccountId account,
                                 const std::string& name = "phone") {
        const auto created = authenticator.create(desk.challenge("register", at(7)));
        auto added = desk.add(account, created, name, asked("register"), {at(7), "ada"});
        if (added) VIGIL_CHECK(ward.apply(added->act));
        return added;
    }
    Result<FactorUsed> sign_in(const Authenticator& authenticator,
                               std::optional<AccountId> account = {}) {
        return desk.check(authenticator.show(desk.challenge("sign-in", at(8))),
                          asked("sign-in", account), at(8));
    }

    Ward ward;
    AccountId ada, bo;
    Ledger ledger;
    AccessDesk audit{ledger, ward.registry};
    SignInGuard guard;
    SignInDesk passwords{ward.registry, guard, audit};
    PasskeyDesk desk{{.registry = ward.registry,
                      .sign_in = passwords,
                      .audit = audit,
                      .random = system_random()}};
    Authenticator phone;
};

TEST_F(PasskeyDeskTest, says_who_signs_in_without_being_told) {
    ASSERT_TRUE(add(phone, ada));
    const auto used = sign_in(phone);
    ASSERT_TRUE(used) << used.error().message;
    EXPECT_EQ(used->account, ada);
    ASSERT_TRUE(ward.apply(used->act));
    EXPECT_EQ(ward.registry.factors().of(ada).passkeys.at(0).used, at(8));
    EXPECT_EQ(desk.complete(*used, "192.0.2.7:50312", at(8)).name, "ada");
    EXPECT_EQ(ledger.lines.back().what, "sign-in ada");
}

TEST_F(PasskeyDeskTest, is_no_second_factor_of_another) {
    ASSERT_TRUE(add(phone, ada));
    EXPECT_TRUE(sign_in(phone, ada));
    EXPECT_FALSE(sign_in(phone, bo));
}

TEST_F(PasskeyDeskTest, an_answer_is_good_once) {
    ASSERT_TRUE(add(phone, ada));
    const auto shown = phone.show(desk.challenge("sign-in", at(8)));
    EXPECT_TRUE(desk.check(shown, asked("sign-in"), at(8)));
    EXPECT_FALSE(desk.check(shown, asked("sign-in"), at(8)));
    EXPECT_FALSE(ledger.lines.back().permitted);
}

TEST_F(PasskeyDeskTest, a_key_of_nobody_and_of_a_disabled_account_get_one_answer) {
    const auto unknown = sign_in(phone);
    ASSERT_FALSE(unknown);
    ASSERT_TRUE(add(phone, ada));
    auto changed = *ward.registry.account(ada);
    changed.enabled = false;
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    const auto disabled = sign_in(phone);
    ASSERT_FALSE(disabled);
    EXPECT_EQ(disabled.error().message, unknown.error().message);
}

TEST_F(PasskeyDeskTest, a_copied_key_is_on_record) {
    phone.count = 7;
    ASSERT_TRUE(add(phone, ada));
    phone.count = 3;
    EXPECT_TRUE(sign_in(phone));
    EXPECT_THAT(ledger.lines.back().reason, testing::HasSubstr("a copy"));
}

TEST_F(PasskeyDeskTest, the_first_factor_comes_with_recovery_codes) {
    Authenticator other;
    other.id = "credential-2";
    EXPECT_EQ(add(phone, ada)->recovery_codes.size(), recovery_codes_count);
    EXPECT_TRUE(add(other, ada)->recovery_codes.empty());
    EXPECT_EQ(ward.registry.factors().of(ada).recovery.size(), recovery_codes_count);
    EXPECT_FALSE(add(phone, bo)) << "one key, one account";
}

TEST_F(PasskeyDeskTest, survives_a_snapshot_and_is_removed) {
    ASSERT_TRUE(add(phone, ada));
    ASSERT_TRUE(ward.apply(sign_in(phone)->act));
    ward.registry = std::move(*Registry::restore(ward.registry.snapshot()));
    EXPECT_EQ(ward.registry.factors().of(ada).passkeys.at(0).used, at(8));
    EXPECT_TRUE(sign_in(phone));
    const auto credential = base64url(phone.id);
    EXPECT_FALSE(desk.plan_remove(bo, credential, ward.now()));
    ward.must(desk.plan_remove(ada, credential, ward.now()));
    EXPECT_FALSE(sign_in(phone));
    EXPECT_FALSE(ward.registry.factors().of(ada).any());
}

TEST_F(PasskeyDeskTest, a_reset_takes_passkeys_too) {
    ASSERT_TRUE(add(phone, ada));
    ward.apply({at(8), "admin", FactorsReset{ada}}).value();
    EXPECT_FALSE(sign_in(phone));
    EXPECT_TRUE(add(phone, bo)) << "its key is free again";
}

TEST_F(PasskeyDeskTest, the_last_one_stays_where_the_site_asks_for_a_factor) {
    SignInDesk strict{ward.registry, guard, audit, FactorPolicy::all};
    const PasskeyDesk asking{
        {.registry = ward.registry, .sign_in = strict, .audit = audit, .random = system_random()}};
    ASSERT_TRUE(add(phone, ada));
    EXPECT_EQ(asking.plan_remove(ada, base64url(phone.id), ward.now()).error().kind,
              Error::Kind::conflict);
    Authenticator other;
    other.id = "credential-2";
    ASSERT_TRUE(add(other, ada));
    EXPECT_TRUE(asking.plan_remove(ada, base64url(phone.id), ward.now()));
}

TEST_F(PasskeyDeskTest, twenty_are_enough) {
    for (std::size_t i = 0; i < passkeys_an_account_max; ++i) {
        phone.id = "credential " + std::to_string(i);
        ASSERT_TRUE(add(phone, ada)) << i;
    }
    phone.id = "one more";
    EXPECT_EQ(add(phone, ada).error().kind, Error::Kind::conflict);
}

}  // namespace
}  // namespace vigil::identity
