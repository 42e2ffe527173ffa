#include "identity/access_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using store::Act;

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

AccessRequest request(Act act, Subjects subjects = Subjects::of(PatientId{1})) {
    return {.act = act,
            .subjects = std::move(subjects),
            .what = "series.window",
            .purpose = "treatment",
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
        {"an engineer", in_role(Role::engineer), true, false, true},
        {"a service with a password only", in_role(Role::service), false, false, false},
        {"a service that may read", with_scope("system/*.rs"), true, false, false},
        {"a service that may do everything", with_scope("system/*.cruds"), true, true, false},
        {"a service that administers", with_scope("vigil/administer"), false, false, true},
        {"a service with a scope of a later version", with_scope("system/Patient.rs"), false, false,
         false},
    };
    Ledger ledger;
    AccessDesk desk(ledger);
    for (const auto& [who, principal, read, write, administer] : table) {
        EXPECT_EQ(desk.decide(principal, request(Act::read)).has_value(), read) << who;
        EXPECT_EQ(desk.decide(principal, request(Act::write)).has_value(), write) << who;
        EXPECT_EQ(desk.decide(principal, request(Act::administer)).has_value(), administer) << who;
    }
    EXPECT_EQ(ledger.lines.size(), 3 * table.size()) << "a line for each, permitted or not";
}

TEST(AccessDesk, an_access_covers_whom_it_was_asked_for_and_no_one_else) {
    Ledger ledger;
    AccessDesk desk(ledger);
    const auto ada = desk.decide(in_role(Role::clinician), request(Act::read));
    EXPECT_TRUE(ada->covers(PatientId{1}));
    EXPECT_FALSE(ada->covers(PatientId{2}));
    EXPECT_FALSE(ada->covers(PatientId{})) << "what is filed under nobody is not Ada's";
    EXPECT_FALSE(ada->covers_everyone());
    EXPECT_EQ(ada->principal(), "someone");
    EXPECT_EQ(ada->purpose(), "treatment");
    EXPECT_TRUE(desk.decide(in_role(Role::clinician), request(Act::read, Subjects::all()))
                    ->covers(PatientId{2}));
    EXPECT_FALSE(desk.decide(in_role(Role::clinician), request(Act::read, Subjects{})));
}

TEST(AccessDesk, without_room_for_the_line_there_is_no_access) {
    Ledger ledger;
    ledger.full = true;
    AccessDesk desk(ledger);
    const auto refused = desk.decide(in_role(Role::clinician), request(Act::read));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::busy);
    EXPECT_FALSE(desk.note(in_role(Role::clinician), request(Act::read), true));
}

TEST(AccessDesk, the_audit_says_who_did_what_to_whom_why_and_from_where) {
    Ledger ledger;
    AccessDesk desk(ledger);
    (void)desk.decide(with_scope("system/*.rs"), request(Act::write));
    ASSERT_EQ(ledger.lines.size(), 1U);
    const auto& line = ledger.lines[0];
    EXPECT_EQ(line.who, "robot");
    EXPECT_EQ(line.role, "service");
    EXPECT_EQ(line.token, "script");
    EXPECT_EQ(line.act, Act::write);
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
    Ledger ledger;
    AccessDesk desk(ledger);
    const auto given = desk.decide_owing(in_role(Role::clinician), request(Act::write));
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
    const auto refused = desk.decide_owing(nobody(), request(Act::write));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::forbidden);
    ASSERT_EQ(ledger.lines.size(), 2U);
    EXPECT_FALSE(ledger.lines.back().permitted);
}

}  // namespace
}  // namespace vigil::identity
