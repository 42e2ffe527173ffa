#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/registry.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

TEST(RegistryCredentials, a_certificate_is_good_until_it_ends_or_is_revoked) {
    Ward ward;
    const auto pump = ward.device("pump");
    ward.must(ward.registry.plan_certificate({pump, "0abc", at(8), at(12)}, ward.now()));
    const auto who = [&](Timestamp now) { return ward.registry.check_certificate("0abc", now); };
    EXPECT_FALSE(who(at(7)));
    EXPECT_EQ(who(at(8))->device, pump);
    EXPECT_FALSE(who(at(12)));
    EXPECT_FALSE(ward.registry.check_certificate("0abd", at(9)));
    EXPECT_TRUE(ward.registry.has_certificate(pump, at(9)));

    const auto applied = ward.must(ward.registry.plan_revoke_certificate("0abc", ward.now()));
    EXPECT_TRUE(applied.access_ended) << "open connections have to be looked at";
    EXPECT_FALSE(who(at(9)));
    EXPECT_FALSE(ward.registry.has_certificate(pump, at(9)));
    const auto restored = Registry::restore(ward.registry.snapshot());
    EXPECT_FALSE(restored->check_certificate("0abc", at(9))) << "a restart does not forgive";
}

TEST(RegistryCredentials, what_may_no_longer_be_done_is_told_with_whose_it_was) {
    Ward ward;
    const auto pump = ward.device("pump");
    (void)ward.device_token("pump");
    const auto renewed = ward.registry.plan_device_token(pump, system_random(), ward.now());
    EXPECT_EQ(ward.apply(renewed->act)->access_ended->device, pump) << "the old token is void";

    const auto nurse = ward.account("nurse", Role::clinician);
    auto account = *ward.registry.account(nurse);
    account.display_name = "Nora";
    EXPECT_FALSE(ward.must(ward.registry.plan_change_account(account, ward.now())).access_ended);
    const auto who = principal_of(*ward.registry.account(nurse));
    EXPECT_TRUE(ward.registry.stands(who, at(8)));
    const auto issued = ward.registry.plan_api_token(nurse, "script", {"system/*.rs"}, at(12),
                                                     system_random(), ward.now());
    ASSERT_TRUE(ward.apply(issued->act));
    const auto script = *ward.registry.check_api_token(issued->secret, at(8));
    EXPECT_TRUE(ward.registry.stands(script, at(8)));
    EXPECT_FALSE(ward.registry.stands(script, at(12))) << "its time is over";
    EXPECT_TRUE(ward.registry.expired(at(8), at(11)).empty());
    ASSERT_EQ(ward.registry.expired(at(11), at(12)).size(), 1U);
    EXPECT_EQ(ward.registry.expired(at(11), at(12)).front().account, nurse);

    account.role = Role::engineer;
    EXPECT_EQ(
        ward.must(ward.registry.plan_change_account(account, ward.now())).access_ended->account,
        nurse);
    EXPECT_FALSE(ward.registry.stands(who, at(8))) << "another role, other rights";
    EXPECT_FALSE(ward.registry.stands(script, at(8))) << "it reads less than before";
    EXPECT_EQ(ward.must(ward.registry.plan_revoke_token(script.token_id, ward.now()))
                  .access_ended->account,
              nurse);
    EXPECT_FALSE(ward.registry.stands(script, at(8)));
}

TEST(RegistryCredentials, a_sub_device_has_no_credential_of_its_own) {
    Ward ward;
    const auto gateway = ward.device("gateway");
    ward.must(
        ward.registry.plan_add_device({.external_id = "sensor", .gateway = gateway}, ward.now()));
    const auto sensor = ward.registry.find_device("sensor")->id;
    EXPECT_FALSE(ward.registry.plan_device_token(sensor, system_random(), ward.now()));
    EXPECT_EQ(
        ward.registry.plan_add_device({.external_id = "deeper", .gateway = sensor}, ward.now())
            .error()
            .place,
        "gateway")
        << "a gateway's device is no gateway";
}

TEST(RegistryCredentials, an_api_token_can_do_what_its_scopes_and_its_account_both_may) {
    Ward ward;
    const auto nurse = ward.account("nurse", Role::clinician);
    const auto robot = ward.account("robot", Role::service);
    const auto rights = [&](AccountId account, std::vector<std::string> scopes) {
        const auto issued = ward.registry.plan_api_token(account, "script", std::move(scopes),
                                                         at(12), system_random(), ward.now());
        EXPECT_TRUE(ward.apply(issued->act));
        return ward.registry.check_api_token(issued->secret, at(8))->rights;
    };
    using store::Act;
    const auto acts = [](const Rights& given, Area area) {
        return std::string(given.allow(area, Act::read) ? "r" : "") +
               (given.allow(area, Act::write) ? "w" : "") +
               (given.allow(area, Act::administer) ? "a" : "");
    };
    EXPECT_EQ(acts(rights(nurse, {"system/*.rs"}), Area::vitals), "r");
    EXPECT_EQ(rights(nurse, {"system/*.cruds", "vigil/administer"}),
              rights_of_role(Role::clinician));
    EXPECT_EQ(rights(robot, {"system/*.cruds", "vigil/administer"}), rights_of_role(Role::service));
    EXPECT_EQ(acts(rights(robot, {"user/*.u"}), Area::record), "w");
    EXPECT_EQ(acts(rights(nurse, {"vigil/administer"}), Area::accounts), "") << "not its role's";

    const auto of_one_type = rights(robot, {"system/Observation.rs", "system/Patient.r"});
    EXPECT_EQ(acts(of_one_type, Area::vitals), "r");
    EXPECT_EQ(acts(of_one_type, Area::patients), "r");
    EXPECT_EQ(acts(of_one_type, Area::record), "");
    using store::Interaction;
    EXPECT_TRUE(of_one_type.types->allow(Interaction::search, "Observation"));
    EXPECT_FALSE(of_one_type.types->allow(Interaction::search, "Patient"));
    EXPECT_FALSE(of_one_type.types->allow(Interaction::update, "Observation"));
    EXPECT_FALSE(of_one_type.types->allow(Interaction::read, "Condition"));
    for (const auto* scope : {"system/*.", "system/*.sr", "system/*.rr", "patient/*.rs", "", "*",
                              "system/Observation.rs?category=vital-signs", "system/observation.r",
                              "system/Observation", "launch", "vigil/administer "})
        EXPECT_FALSE(ward.registry.plan_api_token(robot, "script", {scope}, at(12), system_random(),
                                                  ward.now()))
            << scope;
}

TEST(RegistryCredentials, an_api_token_ends_with_its_time_its_revocation_and_its_account) {
    Ward ward;
    const auto account = ward.account("robot", Role::service);
    const auto issue = [&] {
        const auto issued = ward.registry.plan_api_token(account, "script", {"system/*.rs"}, at(12),
                                                         system_random(), ward.now());
        EXPECT_TRUE(ward.apply(issued->act));
        return std::pair(issued->secret, std::get<TokenIssued>(issued->act.body).token.id);
    };
    const auto [secret, id] = issue();
    EXPECT_TRUE(ward.registry.check_api_token(secret, at(8)));
    EXPECT_FALSE(ward.registry.check_api_token(secret, at(12)));
    EXPECT_FALSE(ward.registry.check_api_token(secret + "x", at(8)));
    ward.must(ward.registry.plan_revoke_token(id, ward.now()));
    EXPECT_FALSE(ward.registry.check_api_token(secret, at(8)));

    const auto [other, other_id] = issue();
    auto changed = *ward.registry.account(account);
    changed.enabled = false;
    ward.must(ward.registry.plan_change_account(changed, ward.now()));
    EXPECT_FALSE(ward.registry.check_api_token(other, at(8)));
}

TEST(RegistryCredentials, the_last_administrator_cannot_be_taken_away) {
    Ward ward;
    ward.account("admin", Role::administrator);
    auto admin = *ward.registry.find_account("admin");
    const auto demote = [&] {
        auto changed = admin;
        changed.role = Role::clinician;
        return ward.registry.plan_change_account(changed, ward.now());
    };
    const auto disable = [&] {
        auto changed = admin;
        changed.enabled = false;
        return ward.registry.plan_change_account(changed, ward.now());
    };
    EXPECT_EQ(demote().error().kind, Error::Kind::conflict);
    EXPECT_EQ(disable().error().kind, Error::Kind::conflict);
    ward.account("deputy", Role::administrator);
    ward.must(disable());
}

TEST(RegistryCredentials, user_names_that_look_alike_are_not_allowed) {
    Ward ward;
    ward.account("ada", Role::clinician);
    for (const auto* name : {"ada", "Ada", "ada ", "", "ad\xC3\xA4"})
        EXPECT_FALSE(ward.registry.plan_add_account({.user_name = name}, ward.now())) << name;
}

}  // namespace
}  // namespace vigil::identity
