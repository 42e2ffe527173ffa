#pragma once
// One patient's data, those who ask for it, and what they see of it under some Consents.

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

constexpr PatientId ada{7}, ben{8};

inline Timestamp day(std::string_view text) {
    return read_date(text)->start;
}

// --- What there is of Ada

// A reading of today, and of her record a result, a diagnosis that is sensitive, a prescription.
inline const std::vector<std::string>& record() {
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

inline Someone person(std::string account, identity::Role role, std::string purpose = "TREAT") {
    Someone one;
    one.asker = {.account = account,
                 .fhir_user = "Practitioner/" + account,
                 .organization = "Organization/here",
                 .role = role,
                 .units = {"ICU 1"},
                 .purpose = std::move(purpose),
                 .actions = bit(identity::ConsentAction::access),
                 .at = day("2026-06-01")};
    return one;
}

inline Someone named(std::string_view who) {
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

#define EXPECT_SEES(who, signs) EXPECT_EQ(seen_by(who), signs) << (who) << ' '

}  // namespace vigil::fhir
