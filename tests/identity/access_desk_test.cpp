#include "identity/access_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

struct Ledger final : AuditSink {
    std::vector<AuditLine> lines;
    bool record(AuditLine line) override {
        if (full) return false;
        lines.push_back(std::move(line));
        return true;
    }
    void when_on_record(OnRecord, std::function<void(Result<void>)> done) override { done({}); }
    bool full = false;
};

AccessRequest request(store::Act act, Subjects subjects = Subjects::of(PatientId{1})) {
    return {.act = act,
            .subjects = std::move(subjects),
            .areas = {Area::vitals},
            .resources = {},
            .what = "series.window",
            .from = "192.0.2.7:50312",
            .at = at(8)};
}

Principal in_role(Role role) {
    return principal_of(Account{.id = AccountId{1}, .user_name = "someone", .role = role});
}
Principal with_scope(const char* scope) {
    return principal_of(Account{.id = AccountId{1}, .user_name = "robot", .role = Role::service},
                        ApiToken{.name = "script", .scopes = {scope}});
}

TEST(AccessDesk, who_may_do_what) {
    const Registry registry;
    struct Row {
        const char* who;
        Principal principal;
        bool read, write, administer;
    };
    const std::vector<Row> table{
        {"nobody signed in", nobody(), false, false, false},
        {"a device", principal_of(Device{.external_id = "pump"}), false, false, false},
        {"an administrator", in_role(Role::administrator), true, true, true},
        {"a clinician", in_role(Role::clinician), true, true, false},
        {"an engineer", in_role(Role::engineer), true, false, false},
        {"a nurse of no unit", in_role(Role::nurse), false, false, false},
        {"a patient who is somebody else", in_role(Role::patient), false, false, false},
        {"a researcher", in_role(Role::researcher), false, false, false},
        {"a service with a password only", in_role(Role::service), false, false, false},
        {"a service that may read", with_scope("system/*.rs"), true, false, false},
        {"a service that may do everything", with_scope("system/*.cruds"), true, true, false},
        {"a service that administers", with_scope("vigil/administer"), false, false, true},
        {"a service that may read these", with_scope("system/Observation.rs"), true, false, false},
        {"a service that may read others", with_scope("system/Patient.rs"), false, false, false},
        {"a service with a scope of a later version", with_scope("system/Observation.x"), false,
         false, false},
    };
    Ledger ledger;
    AccessDesk desk(ledger, registry);
    for (const auto& [who, principal, read, write, administer] : table) {
        EXPECT_EQ(desk.decide(principal, request(store::Act::read)).has_value(), read) << who;
        EXPECT_EQ(desk.decide(principal, request(store::Act::write)).has_value(), write) << who;
        EXPECT_EQ(desk.decide(principal, request(store::Act::administer)).has_value(), administer)
            << who;
    }
    EXPECT_EQ(ledger.lines.size(), 3 * table.size()) << "a line for each, permitted or not";
}

TEST(AccessDesk, an_access_covers_whom_it_was_asked_for_and_no_one_else) {
    const Registry registry;
    Ledger ledger;
    AccessDesk desk(ledger, registry);
    const auto ada = desk.decide(in_role(Role::clinician), request(store::Act::read));
    EXPECT_TRUE(ada->covers(PatientId{1}));
    EXPECT_FALSE(ada->covers(PatientId{2}));
    EXPECT_FALSE(ada->covers(PatientId{})) << "what is filed under nobody is not Ada's";
    EXPECT_FALSE(ada->covers_everyone());
    EXPECT_EQ(ada->principal(), "someone");
    EXPECT_EQ(ada->purpose(), "treatment");
    EXPECT_TRUE(desk.decide(in_role(Role::clinician), request(store::Act::read, Subjects::all()))
                    ->covers(PatientId{2}));
    EXPECT_FALSE(desk.decide(in_role(Role::clinician), request(store::Act::read, Subjects{})));
}

TEST(AccessDesk, without_room_for_the_line_there_is_no_access) {
    const Registry registry;
    Ledger ledger;
    ledger.full = true;
    AccessDesk desk(ledger, registry);
    const auto refused = desk.decide(in_role(Role::clinician), request(store::Act::read));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::busy);
    EXPECT_FALSE(desk.note(in_role(Role::clinician), request(store::Act::read), true));
}

TEST(AccessDesk, the_audit_says_who_did_what_to_whom_why_and_from_where) {
    const Registry registry;
    Ledger ledger;
    AccessDesk desk(ledger, registry);
    (void)desk.decide(with_scope("system/*.rs"), request(store::Act::write));
    ASSERT_EQ(ledger.lines.size(), 1U);
    const auto& line = ledger.lines[0];
    EXPECT_EQ(line.who, "robot");
    EXPECT_EQ(line.role, "service");
    EXPECT_EQ(line.token, "script");
    EXPECT_EQ(line.act, store::Act::write);
    EXPECT_EQ(line.what, "series.window");
    EXPECT_THAT(line.subjects.patients, testing::ElementsAre(PatientId{1}));
    EXPECT_EQ(line.purpose, "treatment");
    EXPECT_EQ(line.from, "192.0.2.7:50312");
    EXPECT_EQ(line.at, at(8));
    EXPECT_FALSE(line.permitted);
    EXPECT_EQ(line.reason, "not in the scope of this token");
}

TEST(AccessDesk, the_servers_own_work_says_that_it_is) {
    const auto access = AccessDesk::for_system("file readings");
    EXPECT_TRUE(access.covers_everyone());
    EXPECT_EQ(access.principal(), "system");
    EXPECT_EQ(access.purpose(), "file readings");
}

// What writes has its line committed with what it writes; else it is recorded before the answer.
TEST(AccessDesk, what_writes_owes_its_line) {
    const Registry registry;
    Ledger ledger;
    AccessDesk desk(ledger, registry);
    const auto given = desk.decide_owing(in_role(Role::clinician), request(store::Act::write));
    ASSERT_TRUE(given);
    EXPECT_TRUE(given->access.covers(PatientId{1}));
    EXPECT_TRUE(ledger.lines.empty());
    EXPECT_EQ(given->owed->line.principal, "someone");
    EXPECT_EQ(given->owed->line.patients, std::vector{PatientId{1}});
    EXPECT_TRUE(given->owed->line.permitted);

    EXPECT_TRUE(desk.settle(*given));
    ASSERT_EQ(ledger.lines.size(), 1U);
    EXPECT_EQ(ledger.lines.front().what, "series.window");
    ledger.full = true;
    EXPECT_FALSE(desk.settle(*given));
    given->owed->on_record = true;
    EXPECT_TRUE(desk.settle(*given));

    ledger.full = false;
    const auto refused = desk.decide_owing(nobody(), request(store::Act::write));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::forbidden);
    ASSERT_EQ(ledger.lines.size(), 2U);
    EXPECT_FALSE(ledger.lines.back().permitted);
}

TEST(AccessDesk, what_names_nothing_that_it_touches_is_refused) {
    const Registry registry;
    Ledger ledger;
    AccessDesk desk(ledger, registry);
    auto nothing = request(store::Act::read);
    nothing.areas.clear();
    EXPECT_FALSE(desk.decide(in_role(Role::administrator), nothing));
    auto two = request(store::Act::read);
    two.areas = {Area::vitals, Area::record};
    EXPECT_TRUE(desk.decide(in_role(Role::clinician), two));
    EXPECT_FALSE(desk.decide(in_role(Role::engineer), two)) << "each area must be open";
}

// The roles of units, and what a care relation adds.
struct Hospital : Ward {
    PatientId ada, ben;
    AccountId nurse;

    Hospital() {
        must(registry.plan_add_patient({.display_name = "Ada", .unit = "ICU", .bed = "1"}, now()));
        must(registry.plan_add_patient({.display_name = "Ben", .unit = "Ward", .bed = "1"}, now()));
        ada = PatientId{1};
        ben = PatientId{2};
        must(registry.plan_add_account({.user_name = "nia", .role = Role::nurse, .units = {"ICU"}},
                                       now()));
        nurse = registry.find_account("nia")->id;
    }
    Principal nia() const { return principal_of(*registry.account(nurse)); }
    RelationId relate(PatientId patient, Relationship kind, Timestamp from, Timestamp to) {
        const auto act = registry.plan_relation({.account = nurse,
                                                 .patient = patient,
                                                 .kind = kind,
                                                 .from = from,
                                                 .to = to,
                                                 .reason = "collapsed in the lift"},
                                                now());
        must(act);
        return std::get<RelationGiven>(act->body).relation.id;
    }
};

AccessRequest at_hour(int hour, Subjects subjects) {
    auto out = request(store::Act::read, std::move(subjects));
    out.at = at(hour);
    return out;
}

TEST(AccessDesk, a_nurse_reaches_who_lies_in_her_unit) {
    Hospital hospital;
    Ledger ledger;
    AccessDesk desk(ledger, hospital.registry);
    EXPECT_TRUE(desk.decide(hospital.nia(), request(store::Act::read, Subjects::of(hospital.ada))));
    const auto refused =
        desk.decide(hospital.nia(), request(store::Act::read, Subjects::of(hospital.ben)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "this patient is not in your care");
    EXPECT_FALSE(ledger.lines.back().permitted);
    EXPECT_FALSE(desk.decide(hospital.nia(), request(store::Act::read, Subjects::of({}))))
        << "what is filed under nobody is nobody's unit";
    EXPECT_FALSE(desk.decide(hospital.nia(),
                             request(store::Act::read, {.patients = {hospital.ada, hospital.ben}})))
        << "all who are named";

    const auto all = desk.decide(hospital.nia(), request(store::Act::read, Subjects::all()));
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->covers(hospital.ada));
    EXPECT_FALSE(all->covers(hospital.ben));
    EXPECT_FALSE(all->covers_everyone());

    auto ben = *hospital.registry.patient(hospital.ben);
    ben.unit = "ICU";
    ben.bed = "2";
    EXPECT_TRUE(
        hospital.must(hospital.registry.plan_change_patient(ben, hospital.now())).reach_changed);
    EXPECT_TRUE(desk.decide(hospital.nia(), request(store::Act::read, Subjects::of(hospital.ben))));
    EXPECT_FALSE(all->covers(hospital.ben)) << "what was given stays what it was";
}

TEST(AccessDesk, a_care_relation_holds_in_its_time) {
    Hospital hospital;
    Ledger ledger;
    AccessDesk desk(ledger, hospital.registry);
    const auto may = [&](int hour) {
        return desk.decide(hospital.nia(), at_hour(hour, Subjects::of(hospital.ben))).has_value();
    };
    const auto relation = hospital.relate(hospital.ben, Relationship::care_team, at(9), at(11));
    EXPECT_FALSE(may(8));
    EXPECT_TRUE(may(9));
    EXPECT_TRUE(may(10));
    EXPECT_EQ(ledger.lines.back().purpose, "treatment");
    EXPECT_FALSE(may(11));
    hospital.must(hospital.registry.plan_end_relation(relation, {at(10), "admin"}));
    EXPECT_FALSE(may(10)) << "ended before its time";
}

TEST(AccessDesk, what_an_emergency_gives_is_on_record_as_that) {
    Hospital hospital;
    Ledger ledger;
    AccessDesk desk(ledger, hospital.registry);
    hospital.relate(hospital.ben, Relationship::emergency, at(8), at(10));
    hospital.relate(hospital.ada, Relationship::emergency, at(8), at(10));
    ASSERT_TRUE(desk.decide(hospital.nia(), at_hour(9, Subjects::of(hospital.ben))));
    EXPECT_EQ(ledger.lines.back().purpose, emergency_purpose);
    ASSERT_TRUE(desk.decide(hospital.nia(), at_hour(9, Subjects::of(hospital.ada))));
    EXPECT_EQ(ledger.lines.back().purpose, emergency_purpose)
        << "she lies in the unit anyway, but what is withheld of her is open too";
    EXPECT_FALSE(desk.decide(hospital.nia(), at_hour(10, Subjects::of(hospital.ben))));
}

TEST(AccessDesk, what_goes_on_is_decided_again_and_on_record_where_that_changed_something) {
    Hospital hospital;
    Ledger ledger;
    AccessDesk desk(ledger, hospital.registry);
    const auto given = desk.decide(hospital.nia(), at_hour(8, Subjects::all()));
    ASSERT_TRUE(given);
    ASSERT_TRUE(desk.renew(hospital.nia(), at_hour(8, Subjects::all()), *given));
    EXPECT_EQ(ledger.lines.size(), 1U) << "nothing has changed";
    hospital.relate(hospital.ben, Relationship::care_team, at(8), end_of_time);
    const auto more = desk.renew(hospital.nia(), at_hour(8, Subjects::all()), *given);
    ASSERT_TRUE(more);
    EXPECT_TRUE(more->covers(hospital.ben));
    EXPECT_EQ(ledger.lines.size(), 2U);
    auto ada = *hospital.registry.patient(hospital.ada);
    ada.unit = "Ward";
    ada.bed = "2";
    hospital.must(hospital.registry.plan_change_patient(ada, hospital.now()));
    EXPECT_FALSE(desk.renew(hospital.nia(), at_hour(8, Subjects::of(hospital.ada)), *more));
    EXPECT_FALSE(ledger.lines.back().permitted);
}

TEST(AccessDesk, resources_are_open_by_their_type_and_whose_they_are) {
    Hospital hospital;
    Ledger ledger;
    AccessDesk desk(ledger, hospital.registry);
    auto wanted = request(store::Act::read, Subjects::all());
    wanted.areas.clear();
    wanted.resources = OfType{store::looking, "Condition"};
    const auto access = desk.decide(hospital.nia(), wanted);
    ASSERT_TRUE(access);
    EXPECT_TRUE(access->sees("Condition", hospital.ada));
    EXPECT_FALSE(access->sees("Condition", hospital.ben));
    EXPECT_FALSE(access->sees("Binary", std::nullopt)) << "whose it is cannot be told";
    EXPECT_TRUE(access->sees("Organization", std::nullopt));
    EXPECT_TRUE(access->sees("Device", std::nullopt)) << "that is on nobody: for staff";
    EXPECT_FALSE(access->sees("AuditEvent", std::nullopt));
    EXPECT_TRUE(access->may(store::Interaction::create, "Condition"));
    EXPECT_FALSE(access->may(store::Interaction::create, "MedicationRequest"))
        << "physicians order";

    wanted.resources = OfType{store::looking, "AuditEvent"};
    EXPECT_FALSE(desk.decide(hospital.nia(), wanted));
    EXPECT_TRUE(desk.decide(in_role(Role::auditor), wanted));
    wanted.resources = OfType{bit(store::Interaction::create), "MedicationRequest"};
    EXPECT_FALSE(desk.decide(hospital.nia(), wanted));
    EXPECT_TRUE(desk.decide(in_role(Role::clinician), wanted));
}

}  // namespace
}  // namespace vigil::identity
