// Which Consents are in force, and what an access is decided by. What each comes to for whom:
// tests/fhir/consent/decisions_test.cpp.
#include "identity/consents.hpp"

#include <gtest/gtest.h>

#include "identity/access_desk.hpp"
#include "identity/purposes.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

constexpr PatientId ada{1}, ben{2};

Consent denial(std::string id, PatientId patient = ada) {
    Consent consent;
    consent.id = std::move(id);
    consent.patient = patient;
    return consent;
}

std::size_t count_of(const Consents& consents, PatientId patient = ada) {
    const auto list = consents.of(patient);
    return list ? list->size() : 0;
}

TEST(Consents, the_newest_version_of_each_is_in_force) {
    Consents consents;
    EXPECT_TRUE(consents.empty());
    consents.put(denial("a"), 1);
    consents.put(denial("b"), 1);
    EXPECT_EQ(count_of(consents), 2U);
    consents.put(denial("a"), 3);
    EXPECT_EQ(count_of(consents), 2U);
    consents.remove("a", 2);
    EXPECT_EQ(count_of(consents), 2U) << "what was decided before comes late";
    consents.remove("a", 4);
    EXPECT_EQ(count_of(consents), 1U);
    consents.put(denial("a"), 3);
    EXPECT_EQ(count_of(consents), 1U) << "it is over";
    consents.put(denial("b", ben), 2);
    EXPECT_EQ(count_of(consents), 0U);
    EXPECT_EQ(count_of(consents, ben), 1U);
    consents.erase(ben);
    EXPECT_TRUE(consents.empty());
}

TEST(Consents, it_is_told_when_what_is_in_force_changes) {
    Consents consents;
    const auto before = consents.generation();
    consents.remove("draft", 1);
    EXPECT_EQ(consents.generation(), before);
    consents.put(denial("a"), 1);
    EXPECT_GT(consents.generation(), before);

    EXPECT_EQ(consents.next_turn(at(1)), Timestamp::max());
    auto for_a_day = denial("b");
    for_a_day.root.period = {at(5), at(9)};
    consents.put(for_a_day, 1);
    EXPECT_EQ(consents.next_turn(at(1)), at(5));
    EXPECT_EQ(consents.next_turn(at(5)), at(9));
    EXPECT_EQ(consents.next_turn(at(9)), Timestamp::max());
}

// --- At the desk

struct Ledger final : AuditSink {
    std::vector<AuditLine> lines;
    bool record(AuditLine line) override {
        lines.push_back(std::move(line));
        return true;
    }
    void when_on_record(OnRecord, std::function<void(Result<void>)> done) override { done({}); }
};

struct Desk : testing::Test {
    Registry registry;
    Ledger ledger;
    AccessDesk desk{ledger, registry};

    static Principal in_role(Role role) {
        return principal_of(Account{.id = AccountId{1}, .user_name = "someone", .role = role});
    }
    static AccessRequest look(Subjects subjects, std::string purpose = {}) {
        return {.act = store::Act::read,
                .subjects = std::move(subjects),
                .areas = {Area::vitals},
                .resources = {},
                .what = "series.window",
                .purpose = std::move(purpose),
                .from = {},
                .at = at(8)};
    }
};

TEST_F(Desk, who_is_denied_is_refused_and_the_line_says_by_what) {
    desk.consents().put(denial("c-7"), 1);
    const auto refused = desk.decide(in_role(Role::clinician), look(Subjects::of(ada)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::forbidden);
    EXPECT_EQ(ledger.lines.back().reason, "the patient does not permit it (Consent/c-7)");
    EXPECT_FALSE(ledger.lines.back().permitted);
    const auto all = desk.decide(in_role(Role::clinician), look(Subjects::all()));
    ASSERT_TRUE(all);
    EXPECT_FALSE(all->covers(ada));
    EXPECT_TRUE(all->covers(ben));
    EXPECT_EQ(desk.open_to(in_role(Role::clinician), look({.patients = {ada, ben}})),
              std::vector{ben});
}

TEST_F(Desk, an_access_that_was_given_follows_what_is_agreed_later) {
    const auto access = desk.decide(in_role(Role::clinician), look(Subjects::all()));
    ASSERT_TRUE(access);
    EXPECT_TRUE(access->covers(ada));
    desk.consents().put(denial("a"), 1);
    EXPECT_FALSE(access->covers(ada));
    const auto lines = ledger.lines.size();
    const auto again = desk.renew(in_role(Role::clinician), look(Subjects::all()), *access);
    ASSERT_TRUE(again);
    EXPECT_EQ(ledger.lines.size(), lines + 1) << "it is not the same any more";
    ASSERT_TRUE(desk.renew(in_role(Role::clinician), look(Subjects::all()), *again));
    EXPECT_EQ(ledger.lines.size(), lines + 1);
}

TEST_F(Desk, what_the_patients_ask_for_themselves_holds_nothing_back) {
    desk.consents().put(denial("a"), 1);
    auto request = look(Subjects::of(ada));
    request.on_their_behalf = true;
    const auto access = desk.decide(in_role(Role::administrator), request);
    ASSERT_TRUE(access);
    EXPECT_TRUE(access->covers(ada));
}

TEST_F(Desk, each_role_acts_for_its_purposes_and_says_which) {
    ASSERT_TRUE(desk.decide(in_role(Role::clinician), look(Subjects::of(ada))));
    EXPECT_EQ(ledger.lines.back().purpose, "treatment");
    ASSERT_TRUE(desk.decide(in_role(Role::clinician), look(Subjects::of(ada), "operations")));
    EXPECT_EQ(ledger.lines.back().purpose, "operations");
    ASSERT_TRUE(desk.decide(in_role(Role::administrator), look(Subjects::of(ada))));
    EXPECT_EQ(ledger.lines.back().purpose, "operations");
    for (const auto* purpose : {"patient", "emergency"}) {
        const auto refused =
            desk.decide(in_role(Role::clinician), look(Subjects::of(ada), purpose));
        ASSERT_FALSE(refused) << purpose;
        EXPECT_EQ(refused.error().message, "this role does not act for that purpose");
    }
    const auto research =
        desk.decide(in_role(Role::clinician), look(Subjects::of(ada), "research"));
    ASSERT_FALSE(research);
    EXPECT_EQ(research.error().message, "the patient has not consented to research");
}

TEST(Purposes, are_parts_of_each_other_as_hl7_has_them) {
    EXPECT_TRUE(is_part_of("CLINTRCHPC", "HRESCH"));
    EXPECT_TRUE(is_part_of("HRESCH", "HRESCH"));
    EXPECT_FALSE(is_part_of("HRESCH", "CLINTRCH"));
    EXPECT_TRUE(is_part_of("BTG", "TREAT"));
    EXPECT_FALSE(is_part_of("NONSENSE", "TREAT"));
    EXPECT_EQ(find_purpose("TREAT"), find_purpose("treatment"));
    EXPECT_EQ(find_purpose(""), nullptr);
}

}  // namespace
}  // namespace vigil::identity
