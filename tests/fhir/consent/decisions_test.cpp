// Consents of one patient, and what each lets whom see: a table that people can read.
#include "fhir/consent/decisions.hpp"

#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

constexpr auto deny_all = R"("provision":{"type":"deny"})";

TEST_F(Decisions, without_a_consent_labels_alone_withhold) {
    EXPECT_SEES("bo, physician", "++++");
    EXPECT_SEES("nia, nurse", "++-+");
    EXPECT_SEES("nia, in the care team", "++++");
    EXPECT_SEES("nia, in an emergency", "++++");
    EXPECT_SEES("the exchange", "++-+");
    EXPECT_SEES("ada herself", "++++");
}

TEST_F(Decisions, without_a_consent_nothing_is_there_for_research) {
    EXPECT_SEES("bo, for research", "none");
}

TEST_F(Decisions, a_denial_is_for_everybody_but_the_patient_and_an_emergency) {
    consent(deny_all);
    EXPECT_SEES("bo, physician", "none");
    EXPECT_SEES("nia, in the care team", "none");
    EXPECT_SEES("the exchange", "none");
    EXPECT_SEES("ada herself", "++++");
    EXPECT_SEES("nia, in an emergency", "++++");
}

TEST_F(Decisions, of_a_treatment_or_a_living_will_it_decides_no_access) {
    consent(R"("scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"adr"}]},"provision":{"type":"deny"})");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, outside_of_its_period_it_says_nothing) {
    consent(R"("provision":{"type":"deny","period":{"start":"2025-01-01","end":"2026-05-31"}})");
    EXPECT_SEES("bo, physician", "++++");
    consent(R"("provision":{"type":"deny","period":{"start":"2026-06-01"}})", "later");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, the_policy_speaks_where_the_root_does_not) {
    consent(R"("policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code":"OPTOUT"}]})");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, beside_a_policy_a_provision_is_its_exception) {
    consent(R"("policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code":"OPTOUT"}]},"provision":{"type":"permit","class":
        [{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]})");
    EXPECT_SEES("bo, physician", "++--");
}

TEST_F(Decisions, an_organization_is_the_site_or_whom_a_service_acts_for) {
    const auto denied = [](const char* organization) {
        return std::string(
                   R"("provision":{"type":"permit","provision":[{"type":"deny","actor":[{"role":
            {"text":"r"},"reference":{"reference":"Organization/)") +
               organization + R"("}}]}]})";
    };
    consent(denied("elsewhere"), "a");
    EXPECT_SEES("the exchange", "none");
    EXPECT_SEES("bo, physician", "++++");
    consent(denied("here"), "b");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, a_patient_may_be_let_in_or_kept_out) {
    consent(
        R"("provision":{"type":"permit","provision":[{"type":"deny","actor":[{"role":{"text":"r"},
        "reference":{"reference":"Patient/ben"}}]}]})");
    EXPECT_SEES("ben, another patient", "none");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, an_exception_lets_one_person_in) {
    consent(
        R"("provision":{"type":"deny","provision":[{"type":"permit","actor":[{"role":{"text":"r"},
        "reference":{"reference":"Practitioner/bo"}}]}]})");
    EXPECT_SEES("bo, physician", "++++");
    EXPECT_SEES("nia, nurse", "none");
}

TEST_F(Decisions, an_account_a_role_and_a_unit_are_named_by_identifiers) {
    const auto deny = [&](const char* system, const char* value, const char* id) {
        consent(std::string(
                    R"("provision":{"type":"permit","provision":[{"type":"deny","actor":[{"role":
            {"text":"r"},"reference":{"identifier":{"system":")") +
                    system + R"(","value":")" + value + R"("}}}]}]})",
                id);
    };
    deny("urn:vigil:unit", "Surgery", "a");
    EXPECT_SEES("nia, of another unit", "none");
    EXPECT_SEES("nia, nurse", "++-+");
    deny("urn:vigil:role", "nurse", "b");
    EXPECT_SEES("nia, nurse", "none");
    EXPECT_SEES("bo, physician", "++++");
    deny("urn:vigil:account", "bo", "c");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, a_care_team_is_whoever_has_that_relation) {
    consent(
        R"("provision":{"type":"deny","provision":[{"type":"permit","actor":[{"role":{"text":"r"},
        "reference":{"reference":"CareTeam/t"}}]}]})");
    EXPECT_SEES("nia, in the care team", "++++");
    EXPECT_SEES("nia, nurse", "none");
}

TEST_F(Decisions, what_lies_deepest_decides) {
    consent(R"("provision":{"type":"permit","provision":[
        {"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}],
         "provision":[{"type":"permit","code":[{"coding":[{"system":"http://loinc.org","code":"4548-4"}]}]}]}]})");
    EXPECT_SEES("bo, physician", "-+++");
}

TEST_F(Decisions, at_one_depth_a_denial_decides) {
    consent(R"("provision":{"type":"permit","provision":[
        {"type":"permit","code":[{"coding":[{"system":"http://loinc.org","code":"4548-4"}]}]},
        {"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]}]})");
    EXPECT_SEES("bo, physician", "--++");
}

TEST_F(Decisions, between_consents_a_denial_decides) {
    consent(R"("provision":{"type":"permit"})", "a");
    consent(deny_all, "b");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, a_class_is_a_type_of_resource) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","class":
        [{"system":"http://hl7.org/fhir/resource-types","code":"MedicationRequest"}]}]})");
    EXPECT_SEES("bo, physician", "+++-");
}

TEST_F(Decisions, a_code_is_one_of_readings_too) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","code":
        [{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}]}]})");
    EXPECT_SEES("bo, physician", "-+++");
}

TEST_F(Decisions, the_code_of_a_panel_is_one_of_its_parts_and_another_code_of_the_same_means_it) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","code":
        [{"coding":[{"system":"http://loinc.org","code":"85354-9"}]}]}]})",
            "panel");
    const auto [asker, reached] = named("bo, physician");
    const identity::PersonsWithholding withholding(
        consents_, asker, std::make_shared<const identity::Reached>(reached));
    const store::Span today{day("2026-06-01"), day("2026-06-02")};
    const auto sees = [&](const char* metric) {
        return !withholding.from(ada)->seen(world_.catalogue.find(metric)->id, today).empty();
    };
    EXPECT_FALSE(sees("nibp_sys"));
    EXPECT_TRUE(sees("heart_rate"));
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","code":
        [{"coding":[{"system":"http://loinc.org","code":"76536-2"}]}]}]})",
            "mean");
    EXPECT_FALSE(sees("nibp_mean"));
}

TEST_F(Decisions, a_code_without_a_system_is_of_any) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","code":
        [{"coding":[{"code":"F32.1"}]},{"coding":[{"code":"310384"}]}]}]})");
    EXPECT_SEES("bo, physician", "++--");
}

TEST_F(Decisions, data_of_a_time_alone) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny",
        "dataPeriod":{"start":"2025-01-01","end":"2025-12-31"}}]})");
    EXPECT_SEES("bo, physician", "++--");
}

TEST_F(Decisions, only_data_of_a_time) {
    consent(R"("provision":{"type":"deny","provision":[{"type":"permit",
        "dataPeriod":{"start":"2024-01-01","end":"2024-12-31"}}]})");
    EXPECT_SEES("bo, physician", "-+--");
}

TEST_F(Decisions, one_resource_and_what_depends_on_another) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","data":
        [{"meaning":"instance","reference":{"reference":"Observation/a1c"}}]}]})",
            "a");
    EXPECT_SEES("bo, physician", "+-++");
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","data":
        [{"meaning":"dependents","reference":{"reference":"Encounter/e1"}}]}]})",
            "b");
    EXPECT_SEES("bo, physician", "+---");
}

TEST_F(Decisions, what_somebody_wrote) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","data":
        [{"meaning":"authoredby","reference":{"reference":"Practitioner/bo"}}]}]})");
    EXPECT_SEES("bo, physician", "+++-");
}

TEST_F(Decisions, a_label_is_one_that_it_is_part_of_too) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","securityLabel":
        [{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"SPI"}]}]})");
    EXPECT_SEES("bo, physician", "++-+");
    EXPECT_SEES("nia, in the care team", "++-+");
}

TEST_F(Decisions, a_permission_opens_what_is_sensitive_where_it_names_it) {
    consent(R"("provision":{"type":"permit"})", "general");
    EXPECT_SEES("nia, nurse", "++-+");
    consent(R"("provision":{"type":"permit","securityLabel":
        [{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}],
        "actor":[{"role":{"text":"r"},"reference":{"reference":"Practitioner/nia"}}]})",
            "named");
    EXPECT_SEES("nia, nurse", "++++");
    EXPECT_SEES("the exchange", "++-+");
}

TEST_F(Decisions, a_purpose_that_is_denied) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","purpose":
        [{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}]})");
    EXPECT_SEES("bo, physician", "none");
    EXPECT_SEES("nia, in an emergency", "++++");
    EXPECT_SEES("bo, for research", "none") << "a permission that names no purpose is none to it";
}

TEST_F(Decisions, a_denial_of_a_part_of_what_it_is_for_holds_and_a_permission_does_not) {
    const auto of_trials = [](const char* type) {
        return std::string(R"("provision":{"type":")") + type +
               R"(","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason",
                   "code":"CLINTRCH"}]})";
    };
    consent(of_trials("permit"), "a");
    EXPECT_SEES("bo, for research", "none");
    consent(R"("scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"research"}]},"provision":{"type":"permit"})",
            "b");
    EXPECT_SEES("bo, for research", "++++");
    consent(of_trials("deny"), "c");
    EXPECT_SEES("bo, for research", "none");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, research_may_be_let_have_results_alone) {
    consent(R"("scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"research"}]},"provision":{"type":"permit","class":
        [{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]})");
    EXPECT_SEES("bo, for research", "++--");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, what_may_be_used_here_may_be_kept_from_others) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","action":[{"coding":
        [{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"disclose"}]}]}]})");
    EXPECT_SEES("the exchange", "none");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, a_permission_is_of_the_actions_that_it_names_alone) {
    const auto only = [](const char* action) {
        return std::string(
                   R"("provision":{"type":"deny","provision":[{"type":"permit","action":[{"coding":
            [{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":")") +
               action + R"("}]}]}]})";
    };
    consent(only("access"), "c");
    EXPECT_SEES("bo, physician", "++++");
    EXPECT_SEES("the exchange", "none");
    consent(only("collect"), "c");
    EXPECT_SEES("bo, physician", "none");
}

TEST_F(Decisions, a_general_permission_is_none_to_research) {
    consent(R"("provision":{"type":"permit"})", "a");
    consent(R"("policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code":"OPTIN"}]})",
            "b");
    EXPECT_SEES("bo, for research", "none");
}

TEST_F(Decisions, what_cannot_be_told_of_a_resource_is_denied_and_not_permitted) {
    // The prescription is dated; the result has no encounter; nothing says what a diagnosis without
    // a code is about.
    consent(R"("provision":{"type":"permit","dataPeriod":{"start":"2024","end":"2024"},"provision":
        [{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}]}]})");
    EXPECT_SEES("bo, physician", "++-+");
}

TEST_F(Decisions, an_emergency_is_a_persons_own_and_for_treatment) {
    consent(deny_all);
    auto [asker, reached] = named("nia, in an emergency");
    const auto covers = [&](const identity::Asker& one) {
        const identity::PersonsWithholding withholding(
            consents_, one, std::make_shared<const identity::Reached>(reached));
        const auto withheld = withholding.from(ada);
        return !withheld || !withheld->all();
    };
    EXPECT_TRUE(covers(asker));
    asker.in_person = false;
    EXPECT_FALSE(covers(asker)) << "a token of theirs";
    asker.in_person = true;
    asker.purpose = "HRESCH";
    EXPECT_FALSE(covers(asker));
}

TEST_F(Decisions, as_many_exceptions_as_may_be_are_one_condition_that_the_store_takes) {
    std::string exceptions;
    for (int i = 0; i < 45; ++i)
        exceptions += std::string(i == 0 ? "" : ",") +
                      R"({"type":"deny","code":[{"coding":[{"code":"c)" + std::to_string(i) +
                      R"("}]}]})";
    consent(R"("provision":{"type":"permit","provision":[)" + exceptions + "]}");
    const auto [asker, reached] = named("bo, physician");
    const identity::PersonsWithholding withholding(
        consents_, asker, std::make_shared<const identity::Reached>(reached));
    const auto condition = withholding.from(ada)->of_type("Condition");
    ASSERT_TRUE(condition);
    const auto depth = [](const auto& self, const store::Condition& of) -> std::size_t {
        std::size_t deepest = 0;
        const auto look = [&](const auto& group) {
            for (const auto& each : group.conditions) deepest = std::max(deepest, self(self, each));
        };
        if (const auto* all = std::get_if<store::AllOf>(&of.is)) look(*all);
        if (const auto* any = std::get_if<store::AnyOf>(&of.is)) look(*any);
        if (const auto* none = std::get_if<store::NoneOf>(&of.is)) look(*none);
        return deepest + 1;
    };
    EXPECT_LT(depth(depth, *condition), 16U);
}

TEST_F(Decisions, an_emergency_is_kept_out_by_what_names_it) {
    consent(R"("provision":{"type":"permit","provision":[{"type":"deny","purpose":
        [{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"BTG"}],"securityLabel":
        [{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}]}]})");
    EXPECT_SEES("nia, in an emergency", "++-+");
    EXPECT_SEES("bo, physician", "++++");
}

TEST_F(Decisions, one_that_cannot_be_read_lets_nobody_in) {
    auto closed = closed_consent("broken");
    closed.patient = ada;
    consents_.put(std::move(closed), 1);
    EXPECT_SEES("bo, physician", "none");
    EXPECT_SEES("nia, in an emergency", "++++");
}

TEST_F(Decisions, of_other_patients_it_says_nothing) {
    consent(deny_all);
    const auto [asker, reached] = named("bo, physician");
    const identity::PersonsWithholding withholding(
        consents_, asker, std::make_shared<const identity::Reached>(reached));
    const auto withheld = withholding.from(ben);
    EXPECT_TRUE(!withheld || !withheld->all());
}

}  // namespace
}  // namespace vigil::fhir
