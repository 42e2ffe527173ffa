// Care relations: who may be given which, and what becomes of them.
#include <gtest/gtest.h>

#include "identity/reach.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

struct RegistryRelations : testing::Test, Ward {
    PatientId ada = patient("Ada"), ben = patient("Ben");

    Result<Act> plan(const std::string& account, PatientId who, Relationship kind,
                     Timestamp from = at(8), Timestamp to = end_of_time,
                     const std::string& reason = "why") {
        return registry.plan_relation({.account = registry.find_account(account)->id,
                                       .patient = who,
                                       .kind = kind,
                                       .from = from,
                                       .to = to,
                                       .reason = reason},
                                      now());
    }
    RelationId give(const std::string& account, PatientId who, Relationship kind,
                    Timestamp from = at(8), Timestamp to = end_of_time) {
        const auto act = plan(account, who, kind, from, to);
        EXPECT_TRUE(must(act).reach_changed);
        return std::get<RelationGiven>(act->body).relation.id;
    }
};

TEST_F(RegistryRelations, each_kind_is_for_the_roles_that_it_is_for) {
    account("nurse", Role::nurse);
    account("ada", Role::patient);
    account("mum", Role::caregiver);
    account("ed", Role::engineer);
    account("rita", Role::researcher);
    using enum Relationship;
    const std::vector<std::pair<std::string, std::vector<Relationship>>> table{
        {"nurse", {care_team, emergency}},
        {"ada", {self, caregiver}},
        {"mum", {caregiver}},
        {"ed", {care_team}},
        {"rita", {}}};
    for (const auto& [name, allowed] : table)
        for (const auto kind : {self, caregiver, care_team, emergency}) {
            const auto planned = plan(name, ada, kind, at(8), at(10));
            EXPECT_EQ(planned.has_value(), std::ranges::find(allowed, kind) != allowed.end())
                << name << " " << to_string(kind);
        }
}

TEST_F(RegistryRelations, an_account_is_one_patients_own) {
    account("ada", Role::patient);
    const auto own = give("ada", ada, Relationship::self);
    EXPECT_EQ(plan("ada", ben, Relationship::self).error().kind, Error::Kind::conflict);
    must(registry.plan_end_relation(own, {at(9), "admin"}));
    EXPECT_TRUE(registry.plan_relation({.account = registry.find_account("ada")->id,
                                        .patient = ben,
                                        .kind = Relationship::self,
                                        .from = at(10)},
                                       {at(10), "admin"}));
}

TEST_F(RegistryRelations, an_emergency_says_why_and_lasts_a_shift_at_most) {
    account("nurse", Role::nurse);
    const auto wrong = [&](const Result<Act>& planned, const char* place) {
        ASSERT_FALSE(planned);
        EXPECT_EQ(planned.error().place, place);
    };
    using enum Relationship;
    wrong(plan("nurse", ada, emergency, at(8), at(9), ""), "reason");
    wrong(plan("nurse", ada, emergency, at(8), at(21)), "to");
    wrong(plan("nurse", ada, emergency, at(8), at(8)), "to");
    wrong(plan("nurse", ada, emergency, at(8), at(9), std::string(1'001, 'x')), "reason");
    EXPECT_TRUE(plan("nurse", ada, emergency, at(8), at(20)));
}

TEST_F(RegistryRelations, an_emergency_is_reviewed_once_and_by_somebody_else) {
    account("nurse", Role::nurse);
    const auto taken = give("nurse", ada, Relationship::emergency, at(8), at(9));
    EXPECT_EQ(registry.plan_review(taken, "fine", {at(12), "nurse"}).error().kind,
              Error::Kind::forbidden);
    EXPECT_FALSE(registry.plan_review(taken, "", {at(12), "officer"}));
    must(registry.plan_review(taken, "she was on call", {at(12), "officer"}));
    const auto* known = registry.relation(taken);
    EXPECT_EQ(known->reviewed_by, "officer");
    EXPECT_EQ(known->finding, "she was on call");
    EXPECT_EQ(registry.plan_review(taken, "again", {at(12), "other"}).error().kind,
              Error::Kind::conflict);
    account("doc", Role::physician);
    const auto team = give("doc", ada, Relationship::care_team);
    EXPECT_EQ(registry.plan_review(team, "fine", {at(12), "officer"}).error().kind,
              Error::Kind::not_found);
}

TEST_F(RegistryRelations, one_that_has_not_begun_can_be_taken_back) {
    account("doc", Role::physician);
    const auto later = give("doc", ada, Relationship::care_team, at(20));
    must(registry.plan_end_relation(later, now()));
    EXPECT_EQ(registry.relation(later)->from, registry.relation(later)->to);
    EXPECT_FALSE(registry.plan_end_relation(later, {at(21), "admin"}));
}

TEST_F(RegistryRelations, a_snapshot_keeps_them_and_the_units) {
    must(registry.plan_add_patient({.display_name = "Cleo", .unit = "ICU", .bed = "1"}, now()));
    must(registry.plan_add_account({.user_name = "nia", .role = Role::nurse, .units = {"ICU"}},
                                   now()));
    give("nia", ada, Relationship::care_team, at(8), at(12));
    const auto taken = give("nia", ben, Relationship::emergency, at(8), at(9));
    must(registry.plan_review(taken, "fine", {at(12), "officer"}));
    const auto later = give("nia", ada, Relationship::care_team, at(20));
    must(registry.plan_end_relation(later, now()));

    const auto again = Registry::restore(registry.snapshot());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->relations(), registry.relations());
    EXPECT_EQ(again->find_account("nia")->units, std::vector<std::string>{"ICU"});
    Reaches before(registry), after(*again);
    const auto who = principal_of(*registry.find_account("nia"));
    for (const auto hour : {8, 10, 13})
        EXPECT_EQ(*before.of(who, at(hour))->patients, *after.of(who, at(hour))->patients);
}

TEST_F(RegistryRelations, reach_turns_when_a_relation_begins_or_ends) {
    account("doc", Role::physician);
    give("doc", ada, Relationship::care_team, at(9), at(11));
    EXPECT_EQ(registry.next_reach_turn(at(8)), at(9));
    EXPECT_EQ(registry.next_reach_turn(at(9)), at(11));
    EXPECT_EQ(registry.next_reach_turn(at(11)), end_of_time);
}

}  // namespace
}  // namespace vigil::identity
