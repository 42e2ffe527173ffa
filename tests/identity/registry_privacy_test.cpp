// Who is erased, kept under a hold, restricted; and what a log without their own acts comes to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/gcm_sealer.hpp"
#include "identity/key_ring.hpp"
#include "identity/reach.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

struct RegistryPrivacy : testing::Test, Ward {
    PatientId ada = patient("Ada Example", "MRN-1"), ben = patient("Ben Example", "MRN-2");
    DeviceId monitor = device("monitor-1");
    KeyRing ring = *KeyRing::open(Key256{1}, {}, system_random(),
                                  [](std::span<const WrappedKey>) { return Result<void>(); });
    GcmSealer sealer{ring, system_random()};

    Result<Act> planned(PatientId who = {}) {
        return registry.plan_erase(who ? who : ada, "asked by letter", now());
    }
};

TEST_F(RegistryPrivacy, nothing_of_an_erased_patient_is_known_but_the_number) {
    account("ada", Role::patient);
    must(registry.plan_relation({.account = registry.find_account("ada")->id,
                                 .patient = ada,
                                 .kind = Relationship::self,
                                 .from = at(8),
                                 .reason = ""},
                                now()));
    attach(monitor, ada, at(9));
    must(registry.plan_add_app({.client_id = "growth",
                                .name = "Growth chart",
                                .redirect_uris = {"https://growth.example/callback"},
                                .scopes = {"patient/*.rs"}},
                               now()));
    must(registry.plan_grant({.app = registry.apps().find("growth")->id,
                              .account = registry.find_account("ada")->id,
                              .patient = ada,
                              .scopes = {"patient/*.rs"},
                              .expires = at(20)},
                             now()));
    const auto applied = must(planned());
    EXPECT_EQ(registry.apps().granted_to(registry.apps().find("growth")->id, at(9)), 0U);
    EXPECT_TRUE(applied.reach_changed);
    EXPECT_TRUE(applied.refiles.empty()) << "her readings are destroyed, not handed on";
    EXPECT_EQ(registry.patient(ada), nullptr);
    EXPECT_EQ(registry.find_patient("MRN-1"), nullptr);
    EXPECT_TRUE(registry.relations().empty());
    EXPECT_EQ(registry.patient_at(monitor, at(10)), PatientId{});
    EXPECT_EQ(registry.erased().at(ada).act.reason, "asked by letter");
    EXPECT_EQ(planned().error().kind, Error::Kind::not_found);
    EXPECT_GT(patient("Cleo").value, ben.value);
    EXPECT_TRUE(registry.plan_add_patient({.display_name = "D", .identifier = "MRN-1"}, now()));
}

TEST_F(RegistryPrivacy, the_act_says_nothing_about_the_person) {
    attach(monitor, ada, at(9));
    const auto act = planned();
    const auto text = encode(*act);
    EXPECT_EQ(subject(*act), PatientId{}) << "under the site's key: it outlives hers";
    for (const auto* secret : {"Ada", "MRN-1"})
        EXPECT_THAT(text, testing::Not(testing::HasSubstr(secret)));
    EXPECT_EQ(*decode_act(text), *act);
}

// Sealed under her key, her own acts cannot be read any more: what is left of the log must come to
// the same.
TEST_F(RegistryPrivacy, a_log_without_her_acts_comes_to_the_same) {
    Ward left;
    left.registry = *Registry::restore(registry.snapshot());
    left.offset = offset;
    const auto give = [&](const Result<Act>& act, bool hers) {
        must(act);
        if (hers)
            ++left.offset;
        else
            left.must(act);
    };
    give(registry.plan_attach({monitor, ben, at(7)}, now()), false);
    give(registry.plan_attach({monitor, ada, at(9), end_of_time, AssociationRank::manual, true},
                              now()),
         true);
    EXPECT_EQ(left.registry.patient_at(monitor, at(10)), ben);
    const auto act = planned();
    must(act);
    const auto applied = left.must(act);
    EXPECT_EQ(left.registry.patient_at(monitor, at(10)), PatientId{});
    EXPECT_EQ(left.registry.patient_at(monitor, at(8)), ben);
    EXPECT_THAT(applied.refiles, testing::SizeIs(1)) << "what was filed under him meanwhile";
    EXPECT_EQ(left.registry.spans(monitor), registry.spans(monitor));
    EXPECT_EQ(left.registry.snapshot(), registry.snapshot());
}

TEST_F(RegistryPrivacy, a_snapshot_keeps_what_is_hers_under_her_key) {
    attach(monitor, ada, at(9));
    must(registry.plan_hold(ada, true, "court file", now()));
    const auto kept = registry.snapshot(&sealer);
    EXPECT_EQ(Registry::restore(kept, &sealer)->snapshot(), registry.snapshot());
    EXPECT_FALSE(Registry::restore(kept)) << "not without a sealer";
    EXPECT_THAT(kept, testing::Not(testing::HasSubstr("Ada")));
    ring.erase(ada);
    sealer.forget(ada);
    const auto left = Registry::restore(kept, &sealer);
    ASSERT_TRUE(left);
    EXPECT_EQ(left->patient(ada), nullptr);
    EXPECT_EQ(left->hold(ada), nullptr);
    EXPECT_EQ(left->patient_at(monitor, at(10)), PatientId{});
    EXPECT_EQ(left->patient(ben)->display_name, "Ben Example");
}

TEST_F(RegistryPrivacy, a_device_that_went_on_to_somebody_else_stays_there) {
    attach(monitor, ada, at(9));
    must(planned());
    must(registry.plan_attach({monitor, ben, at(9)}, now()));
    const auto restored = Registry::restore(registry.snapshot());
    EXPECT_EQ(restored->patient_at(monitor, at(10)), ben);
    EXPECT_EQ(restored->erased(), registry.erased());
}

TEST_F(RegistryPrivacy, a_hold_stands_in_the_way_until_it_is_released) {
    EXPECT_EQ(registry.plan_hold(ada, true, " ", now()).error().place, "reason");
    EXPECT_EQ(registry.plan_hold(ada, false, "", now()).error().kind, Error::Kind::conflict);
    must(registry.plan_hold(ada, true, "court file 12", now()));
    EXPECT_EQ(registry.plan_hold(ada, true, "another", now()).error().kind, Error::Kind::conflict);
    EXPECT_EQ(planned().error().kind, Error::Kind::conflict);
    EXPECT_THAT(planned().error().message, testing::HasSubstr("court file 12"));
    EXPECT_TRUE(planned(ben));
    must(registry.plan_hold(ada, false, "", now()));
    EXPECT_TRUE(planned());
}

TEST_F(RegistryPrivacy, a_restriction_is_set_and_lifted) {
    const auto before = registry.reach_generation();
    EXPECT_TRUE(must(registry.plan_restriction(ada, true, "disputed", now())).reach_changed);
    EXPECT_GT(registry.reach_generation(), before);
    EXPECT_EQ(registry.restriction(ada)->reason, "disputed");
    EXPECT_EQ(Registry::restore(registry.snapshot())->restrictions(), registry.restrictions());
    must(registry.plan_restriction(ada, false, "", now()));
    EXPECT_EQ(registry.restriction(ada), nullptr);
}

TEST_F(RegistryPrivacy, a_restricted_record_is_for_few) {
    account("root", Role::administrator);
    account("doc", Role::clinician);
    account("team", Role::clinician);
    account("ada", Role::patient);
    account("mum", Role::caregiver);
    account("red", Role::clinician);
    using enum Relationship;
    for (const auto& [name, kind] : {std::pair{"team", care_team}, std::pair{"ada", self},
                                     std::pair{"mum", caregiver}, std::pair{"red", emergency}})
        must(registry.plan_relation({.account = registry.find_account(name)->id,
                                     .patient = ada,
                                     .kind = kind,
                                     .from = at(8),
                                     .to = at(12),
                                     .reason = "why"},
                                    now()));
    Reaches reaches(registry);
    const auto reached = [&](const char* name, PatientId who) {
        return reaches.of(principal_of(*registry.find_account(name)), at(9))->reaches(who);
    };
    EXPECT_TRUE(reached("doc", ada));
    must(registry.plan_restriction(ada, true, "disputed", now()));
    for (const auto* name : {"root", "ada", "mum", "red"}) EXPECT_TRUE(reached(name, ada)) << name;
    for (const auto* name : {"doc", "team"}) {
        EXPECT_FALSE(reached(name, ada)) << name;
        EXPECT_TRUE(reached(name, ben)) << name;
        EXPECT_TRUE(reached(name, PatientId{})) << name << ", what is filed under nobody";
    }
    const auto later = patient("Cleo");
    EXPECT_TRUE(reached("doc", later)) << "who comes afterwards";
    must(registry.plan_restriction(ada, false, "", now()));
    EXPECT_TRUE(reached("doc", ada));
}

TEST(DeviceSpan, reads_back_what_it_writes_and_refuses_what_is_none) {
    for (const auto& span : {DeviceSpan{DeviceId{7}, at(8), at(9)}, DeviceSpan{DeviceId{1}, at(8)}})
        EXPECT_EQ(*parse_device_span(device_span_text(span)), span);
    for (const auto* text : {"", "7", "7 /", "0 2026-11-23T08:00:00Z/", "x 2026-11-23T08:00:00Z/",
                             "7 2026-11-23T09:00:00Z/2026-11-23T08:00:00Z", "7 yesterday/today"})
        EXPECT_FALSE(parse_device_span(text)) << text;
}

}  // namespace
}  // namespace vigil::identity
