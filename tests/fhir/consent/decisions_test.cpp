// Consents of one patient, and what each lets whom see: a table that people can read.
#include <gtest/gtest.h>

#include "fhir/bulk/no_records.hpp"
#include "fhir/consent/consented_data.hpp"
#include "fhir/consent/terms.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/index_rows.hpp"
#include "fhir/view/condition_match.hpp"
#include "identity/withholding.hpp"

namespace vigil::fhir {
namespace {

constexpr PatientId ada{7}, ben{8};

Timestamp day(std::string_view text) {
    return read_date(text)->start;
}

// --- What there is of Ada

// A reading of today, and of her record a result, a diagnosis that is sensitive, a prescription.
const std::vector<std::string>& record() {
    static const std::vector<std::string> all{
        R"({"resourceType":"Observation","id":"a1c","status":"final","effectiveDateTime":"2024-03-01",
            "code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},
            "performer":[{"reference":"Practitioner/lab"}]})",
        R"({"resourceType":"Condition","id":"mood","subject":{"reference":"Patient/ada"},
            "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}]},
            "code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"F32.1"}]},
            "encounter":{"reference":"Encounter/e1"},"recordedDate":"2025-05-05"})",
        R"({"resourceType":"MedicationRequest","id":"rx","status":"active","intent":"order",
            "subject":{"reference":"Patient/ada"},"authoredOn":"2025-05-06",
            "requester":{"reference":"Practitioner/bo"},"encounter":{"reference":"Encounter/e1"},
            "medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm",
                                                    "code":"310384"}]}})"};
    return all;
}

// --- Who asks

struct Someone {
    identity::Asker asker;
    identity::Reached reached;
};

identity::ConsentActions looking() {
    using identity::ConsentAction;
    return static_cast<identity::ConsentActions>(bit(ConsentAction::access) |
                                                 bit(ConsentAction::use));
}

Someone person(std::string account, identity::Role role, std::string purpose = "TREAT") {
    Someone one;
    one.asker = {.account = account,
                 .fhir_user = "Practitioner/" + account,
                 .organization = "Organization/here",
                 .role = role,
                 .units = {"ICU 1"},
                 .purpose = std::move(purpose),
                 .actions = looking(),
                 .at = day("2026-06-01")};
    return one;
}

Someone named(std::string_view who) {
    using identity::ConsentAction, identity::Role;
    if (who == "bo, physician") return person("bo", Role::physician);
    if (who == "bo, for research") return person("bo", Role::physician, "HRESCH");
    if (who == "nia, nurse") return person("nia", Role::nurse);
    if (who == "nia, of another unit") {
        auto nia = person("nia", Role::nurse);
        nia.asker.units = {"Surgery"};
        return nia;
    }
    if (who == "nia, in the care team") {
        auto nia = person("nia", Role::nurse);
        nia.reached.care_team = {ada};
        return nia;
    }
    if (who == "nia, in an emergency") {
        auto nia = person("nia", Role::nurse);
        nia.reached.by_emergency = {ada};
        return nia;
    }
    if (who == "ada herself") {
        auto patient = person("ada", Role::patient, "PATRQT");
        patient.reached.self = {ada};
        return patient;
    }
    if (who == "ben, another patient") {
        auto patient = person("ben", Role::caregiver, "FAMRQT");
        patient.asker.patient = "Patient/ben";
        return patient;
    }
    auto exchange = person("exchange", Role::service);
    exchange.asker.actions |= bit(ConsentAction::disclose);
    exchange.asker.organization = "Organization/elsewhere";
    return exchange;
}

// --- What they see: the reading, the result, the diagnosis, the prescription; + or -

class Decisions : public testing::Test {
protected:
    void consent(const std::string& members, std::string id = "c") {
        const auto json = R"({"resourceType":"Consent","status":"active",)" + members + "}";
        JsonDocument document;
        const auto parsed = document.parse(json);
        ASSERT_TRUE(parsed) << json;
        auto read = read_consent(*parsed, world_.terms);
        ASSERT_TRUE(read) << read.error().issues.front().diagnostics;
        if (!*read) return;
        (*read)->id = std::move(id);
        (*read)->patient = ada;
        consents_.put(std::move(**read), 1);
    }

    // "all", or a sign for each.
    std::string seen_by(std::string_view who) {
        auto [asker, reached] = named(who);
        const identity::PersonsWithholding withholding(
            consents_, asker, std::make_shared<const identity::Reached>(std::move(reached)));
        const auto withheld = withholding.from(ada);
        EXPECT_EQ(withholding.reason(ada).empty(), !withheld || !withheld->all()) << who;
        if (withheld && withheld->all()) return "none";
        std::string signs;
        const auto at = day("2026-06-01");
        const auto heart_rate = world_.catalogue.find("heart_rate")->id;
        signs +=
            !withheld || !withheld->seen(heart_rate, {at, at + Nanoseconds(1)}).empty() ? '+' : '-';
        for (const auto& text : record())
            signs += !withheld || !holds_back(*withheld, text) ? '+' : '-';
        return signs;
    }

    bool holds_back(const store::Withheld& withheld, const std::string& text) {
        const auto resource = Resource::parse(text);
        const auto condition = withheld.of_type(resource->type());
        if (!condition) return false;
        const auto extracted =
            extract(resource->json(),
                    {.parameters = world_.parameters, .base = world_.terms.base, .now = {}});
        NoRecords none;
        return *holds(*condition,
                      {.type = resource->type(),
                       .id = resource->id(),
                       .updated = {},
                       .rows = extracted->rows,
                       .narrative = {},
                       .content = {}},
                      none);
    }

    const ConsentWorld& world_ = consent_world();
    identity::Consents consents_;
};

#define EXPECT_SEES(who, signs) EXPECT_EQ(seen_by(who), signs) << (who)

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

TEST_F(Decisions, one_that_is_not_active_says_nothing) {
    for (const auto* status : {"draft", "proposed", "rejected", "inactive", "entered-in-error"}) {
        JsonDocument document;
        const auto json = std::string(R"({"resourceType":"Consent","status":")") + status +
                          R"(","provision":{"type":"deny"}})";
        const auto read = read_consent(*document.parse(json), world_.terms);
        ASSERT_TRUE(read) << status;
        EXPECT_FALSE(read->has_value()) << status;
    }
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
    EXPECT_SEES("bo, for research", "++++");
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

TEST_F(Decisions, what_cannot_be_held_to_is_refused_and_says_where) {
    const auto refused = [&](const std::string& provision) {
        JsonDocument document;
        const auto json =
            R"({"resourceType":"Consent","status":"active","provision":)" + provision + "}";
        const auto read = read_consent(*document.parse(json), world_.terms);
        if (read) return std::string("kept");
        EXPECT_EQ(read.error().status, 422);
        return read.error().issues.front().expression;
    };
    EXPECT_EQ(refused(R"({"actor":[{"reference":{"reference":"Group/g"}}]})"),
              "Consent.provision.actor.reference");
    EXPECT_EQ(refused(R"({"type":"deny","data":[{"meaning":"related","reference":
        {"reference":"Encounter/e"}}]})"),
              "Consent.provision.data.meaning");
    EXPECT_EQ(refused(R"({"type":"deny","class":[{"system":"urn:x","code":"y"}]})"),
              "Consent.provision.class");
    EXPECT_EQ(refused(R"({"type":"deny","code":[{"text":"that illness"}]})"),
              "Consent.provision.code");
    EXPECT_EQ(refused(R"({"type":"deny","action":[{"text":"gossip"}]})"),
              "Consent.provision.action");
    EXPECT_EQ(refused(R"({"type":"deny","purpose":[{"system":"urn:x","code":"y"}]})"),
              "Consent.provision.purpose");
    EXPECT_EQ(refused(R"({"type":"deny","modifierExtension":[{"url":"urn:x"}]})"),
              "Consent.provision");
    EXPECT_EQ(refused(R"({"type":"deny","provision":[{"period":{"start":"2020"}}]})"),
              "Consent.provision.provision[0].type");
    EXPECT_EQ(refused(R"({"type":"deny","period":{"start":"2021","end":"2020"}})"),
              "Consent.provision.period");
    std::string deep = R"({"type":"deny"})";
    for (int i = 0; i < 5; ++i) deep = R"({"type":"deny","provision":[)" + deep + "]}";
    EXPECT_EQ(refused(deep),
              "Consent.provision.provision[0].provision[0].provision[0].provision[0]"
              ".provision[0]");
}

}  // namespace
}  // namespace vigil::fhir
