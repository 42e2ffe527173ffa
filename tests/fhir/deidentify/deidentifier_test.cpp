// The identifiers of 45 CFR 164.514(b)(2)(i), one by one, and what each method leaves.

#include "fhir/deidentify/deidentifier.hpp"

#include "fhir/deidentify/given.hpp"
#include "fhir/deidentify/release.hpp"

namespace vigil::fhir::deidentify {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view ann = R"({"resourceType":"Patient","id":"mrn-4711",
    "meta":{"versionId":"3","lastUpdated":"2026-11-01T08:00:00Z","source":"https://clinic.example/boise",
            "profile":["http://clinic.example/patient"],"tag":[{"system":"urn:x","code":"vip"}]},
    "language":"en", "nickname":"Rivera of Boise",
    "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ann Rivera, 208-555-0100</div>"},
    "identifier":[{"system":"http://clinic.example/mrn","value":"4711"},{"system":"http://hl7.org/fhir/sid/us-ssn","value":"123-45-6789"}],
    "active":true,"name":[{"family":"Rivera","given":["Ann"]}],
    "telecom":[{"system":"phone","value":"208-555-0100"},{"system":"email","value":"ann@example.org"}],
    "gender":"female","birthDate":"1957-02-03","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1957-02-03T04:05:06Z"}]},
    "address":[{"line":["1 Main St"],"city":"Boise","district":"Ada","state":"ID","postalCode":"83702","country":"US",
                "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/geolocation","extension":[{"url":"latitude","valueDecimal":43.61}]}]}],
    "maritalStatus":{"text":"widowed by the accident"},"photo":[{"contentType":"image/png","data":"AAAA","title":"ann.png"}],
    "contact":[{"name":{"family":"Rivera"},"telecom":[{"value":"208-555-0101"}]}],
    "communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"eu"}]}}],
    "extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[
        {"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3","display":"White"}},
        {"url":"text","valueString":"White, of Boise"}]},
      {"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":"Marquez"}],
    "generalPractitioner":[{"reference":"Practitioner/rivera","display":"Dr Rivera"}],
    "managingOrganization":{"reference":"Organization/boise","display":"Boise clinic"}})";

Person born(std::string_view birth, std::string_view first, std::string_view as_of) {
    PersonFacts facts;
    facts.birth = birth;
    facts.first = event_time(first);
    facts.last = facts.first;
    return person_of_facts(facts, at(as_of));
}

TEST(SafeHarbor, of_a_patient_nothing_is_left_that_names_them) {
    Rules rules(Method::safe_harbor);
    const auto person = born("1957-02-03", "2026-03-01T08:00:00Z", "2026-11-27");
    const auto told = rules.of(ann, &person);
    const auto code = rules.code("Patient", "mrn-4711");
    EXPECT_EQ(
        told,
        R"({"resourceType":"Patient","id":")" + code +
            R"(","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"PSEUDED"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"REDACTED"}]},)"
            R"("active":true,"gender":"female","birthDate":"1957",)"
            R"("address":[{"state":"ID","country":"US","postalCode":"837"}],)"
            R"("managingOrganization":{"reference":"Organization/)" +
            rules.code("Organization", "boise") +
            R"("},"extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}}]},)"
            R"({"url":"urn:vigil:first-date","valueDateTime":"2026"}]})");
    EXPECT_THAT(told, Not(HasSubstr("4711")));
}

TEST(SafeHarbor, ages_of_ninety_and_more_are_not_told) {
    Rules rules(Method::safe_harbor);
    const auto patient = [&](std::string_view birth) {
        const auto person = born(birth, "2020-01-01", "2026-11-27");
        return rules.of(
            R"({"resourceType":"Patient","id":"p","birthDate":")" + std::string(birth) + "\"}",
            &person);
    };
    EXPECT_THAT(patient("1937-11-27"), HasSubstr(R"("birthDate":"1937")")) << "89";
    for (const auto over : {"1936-11-27", "1935-05-05", "1936"}) {
        EXPECT_THAT(patient(over), Not(HasSubstr("birthDate"))) << over;
        EXPECT_THAT(patient(over), Not(HasSubstr("193"))) << over;
        EXPECT_THAT(patient(over), HasSubstr(R"("valueAge":{"value":90,"comparator":">=")"))
            << over;
    }
}

TEST(SafeHarbor, an_age_at_death_counts_not_the_years_since) {
    PersonFacts facts;
    facts.birth = "1900-01-01";
    facts.death = "1950-01-01";
    EXPECT_FALSE(person_of_facts(facts, at("2026-11-27")).is_over_89);
    facts.death = "1990";
    EXPECT_TRUE(person_of_facts(facts, at("2026-11-27")).is_over_89);
}

TEST(SafeHarbor, what_shows_such_an_age_goes_too) {
    Rules rules(Method::safe_harbor);
    const auto person = born("1930-01-01", "2020-01-01", "2026-11-27");
    const auto told = rules.of(
        R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"onsetDateTime":"1935",
            "abatementAge":{"value":93,"system":"http://unitsofmeasure.org","code":"a"}})",
        &person);
    EXPECT_THAT(told, Not(HasSubstr("1935"))) << "who was ill in 1935 is over 89";
    EXPECT_THAT(told, HasSubstr(R"("abatementAge":{"value":90,"comparator":">=")"));
    const auto measured = [&](std::string_view value) {
        return rules.of(
            R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"30525-0"}]},)" +
                std::string(value) + "}",
            &person);
    };
    EXPECT_THAT(
        measured(R"("valueQuantity":{"value":91,"system":"http://unitsofmeasure.org","code":"a"})"),
        HasSubstr(R"("value":90,"comparator":">=")"));
    EXPECT_THAT(measured(R"("valueQuantity":{"value":1092,"unit":"mo"})"),
                HasSubstr(R"("value":90)"));
    EXPECT_THAT(
        measured(
            R"("valueQuantity":{"value":89.5,"system":"http://unitsofmeasure.org","code":"a"})"),
        HasSubstr("89.5"));
    EXPECT_THAT(measured(R"("valueInteger":95)"), Not(HasSubstr("95")));
    EXPECT_THAT(measured(R"("valueQuantity":{"value":95})"), Not(HasSubstr("95")));
}

TEST(SafeHarbor, zip_codes_of_few_people_are_000) {
    Rules rules(Method::safe_harbor);
    const auto zip = [&](std::string_view address) {
        return rules.of(R"({"resourceType":"Patient","id":"p","address":[)" + std::string(address) +
                        "]}");
    };
    EXPECT_THAT(zip(R"({"postalCode":"03601"})"), HasSubstr(R"("postalCode":"000")"));
    EXPECT_THAT(zip(R"({"postalCode":"10027-0001"})"), HasSubstr(R"("postalCode":"100")"));
    EXPECT_THAT(zip(R"({"postalCode":"10115","country":"DE"})"), Not(HasSubstr("postalCode")));
    EXPECT_THAT(zip(R"({"postalCode":"10027","state":"Ann's place"})"), Not(HasSubstr("Ann")));
}

TEST(SafeHarbor, a_note_leaves_nothing) {
    Rules rules(Method::safe_harbor);
    const auto told = rules.of(
        R"({"resourceType":"Observation","id":"o","status":"final",
            "identifier":[{"value":"acc-1"}],"code":{"text":"seen by Dr Rivera on 3/4 in Boise, call 208-555-0100"},
            "note":[{"text":"seen by Dr Rivera on 3/4 in Boise, call 208-555-0100"}],
            "valueString":"seen by Dr Rivera on 3/4 in Boise, call 208-555-0100",
            "performer":[{"reference":"Practitioner/rivera","display":"Dr Rivera"}],
            "device":{"display":"Ann's monitor","identifier":{"value":"SN 12-34"}},
            "category":[{"coding":[{"system":"http://clinic.example/rivera","code":"boise"}],"text":"Rivera"}]})");
    for (const auto part : {"Rivera", "3/4", "Boise", "boise", "208", "acc-1", "SN 12", "Ann"})
        EXPECT_THAT(told, Not(HasSubstr(part)));
    EXPECT_THAT(
        told,
        HasSubstr(
            R"("code":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})"))
        << "what must be there is marked";
}

TEST(SafeHarbor, units_are_told_where_they_are_units) {
    Rules rules(Method::safe_harbor);
    const auto quantity = [&](std::string_view value) {
        return rules.of(
            R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":)" +
            std::string(value) + "}");
    };
    EXPECT_THAT(
        quantity(
            R"({"value":7.50,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"})"),
        HasSubstr(
            R"({"value":7.50,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"})"));
    for (
        const auto wrong :
        {R"({"value":7.50,"unit":"of Ann Rivera","system":"http://hl7.org/fhir/Rivera","code":"mm[Hg]"})",
         R"({"value":7.50,"unit":"Rivera","system":"http://unitsofmeasure.org","code":"{Rivera}"})"})
        EXPECT_THAT(quantity(wrong), HasSubstr(R"("valueQuantity":{"value":7.50})")) << wrong;
}

TEST(SafeHarbor, of_a_device_the_model_stays) {
    Rules rules(Method::safe_harbor);
    const auto told = rules.of(
        R"({"resourceType":"Device","id":"d","status":"active","manufacturer":"Acme","modelNumber":"A1",
            "serialNumber":"SN-9","lotNumber":"L-9","distinctIdentifier":"DI-9","url":"http://192.0.2.9/","expirationDate":"2030-01-01",
            "udiCarrier":[{"deviceIdentifier":"0847","carrierHRF":"(01)0847(21)SN-9"}],
            "deviceName":[{"name":"Ann's pump","type":"user-friendly-name"}],"note":[{"text":"lent to Ann"}]})");
    EXPECT_THAT(told, HasSubstr(R"("manufacturer":"Acme","modelNumber":"A1")"));
    for (const auto part : {"SN-9", "L-9", "DI-9", "0847", "192.0.2", "Ann", "2030"})
        EXPECT_THAT(told, Not(HasSubstr(part)));
}

TEST(SafeHarbor, contained_resources_and_what_refers_to_them_go) {
    Rules rules(Method::safe_harbor);
    const auto told = rules.of(
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},
            "contained":[{"resourceType":"Medication","id":"rivera"}],"medicationReference":{"reference":"#rivera"}})");
    EXPECT_THAT(told, Not(HasSubstr("rivera")));
    EXPECT_THAT(told, HasSubstr(R"("medicationReference":{"extension":)"));
}

TEST(SafeHarbor, a_contained_drug_is_told_by_its_code) {
    Rules rules(Method::safe_harbor);
    const auto told = rules.of(
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},
            "contained":[{"resourceType":"Medication","id":"rivera","code":{"text":"for Ann","coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"313782"}]}}],
            "medicationReference":{"reference":"#rivera"}})");
    EXPECT_THAT(
        told,
        HasSubstr(
            R"("medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"313782"}]})"));
    for (const auto gone : {"rivera", "Ann", "medicationReference"})
        EXPECT_THAT(told, Not(HasSubstr(gone)));
}

TEST(SafeHarbor, references_lead_to_released_types_of_this_record_only) {
    Rules rules(Method::safe_harbor);
    const auto reference = [&](std::string_view text) {
        return rules.of(
            R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"encounter":{"reference":")" +
            std::string(text) +
            R"(","display":"x","type":"Encounter","identifier":{"value":"v"}}})");
    };
    EXPECT_THAT(reference("Encounter/7/_history/2"),
                HasSubstr("\"encounter\":{\"reference\":\"Encounter/" +
                          rules.code("Encounter", "7") + "\"}"));
    for (const auto other :
         {"Location/7", "https://clinic.example/fhir/Encounter/7", "urn:uuid:0", "#e", "Rivera"})
        EXPECT_THAT(reference(other), Not(HasSubstr("encounter"))) << other;
}

TEST(SafeHarbor, what_changes_the_meaning_refuses_the_resource) {
    Rules rules(Method::safe_harbor);
    EXPECT_EQ(
        rules.of(
            R"({"resourceType":"Condition","id":"c","modifierExtension":[{"url":"http://x/not-really","valueBoolean":true}]})"),
        "");
    EXPECT_EQ(rules.of(R"({"resourceType":"Condition","id":"c","implicitRules":"http://x/"})"), "");
    EXPECT_EQ(rules.of(R"({"resourceType":"Condition"})"), "") << "without an id";
    EXPECT_EQ(rules.of(R"({"resourceType":"Practitioner","id":"p"})"), "");
    EXPECT_EQ(rules.of(R"({"resourceType":"Rivera","id":"p"})"), "");
    EXPECT_EQ(rules.of(R"({"id":"p"})"), "");
}

TEST(SafeHarbor, times_are_told_since_the_first_date) {
    Rules rules(Method::safe_harbor);
    const auto person = born("1957-02-03", "2026-03-01T08:00:00Z", "2026-11-27");
    const auto told = rules.of(
        R"({"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
            "subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-03-01T09:00:00.5Z","issued":"2026-03-01T09:00:01Z",
            "valueQuantity":{"value":72.0,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}})",
        &person);
    EXPECT_THAT(
        told,
        HasSubstr(
            R"("_effectiveDateTime":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/cqf-relativeDateTime")"));
    EXPECT_THAT(told, HasSubstr("\"valueReference\":{\"reference\":\"Patient/" +
                                rules.code("Patient", "p") + "\"}"));
    EXPECT_THAT(
        told,
        HasSubstr(
            R"({"url":"offset","valueDuration":{"value":3600.5,"unit":"s","system":"http://unitsofmeasure.org","code":"s"}})"));
    EXPECT_THAT(told, HasSubstr(R"("value":72.0,)")) << "a value is as it was sent";
    EXPECT_THAT(told, Not(HasSubstr("2026")));
}

TEST(SafeHarbor, or_as_years) {
    Rules rules(Method::safe_harbor, Times::year);
    const auto person = born("1957-02-03", "2026-03-01T08:00:00Z", "2026-11-27");
    const auto told = rules.of(
        R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},
            "subject":{"reference":"Patient/p"},"period":{"start":"2025-12-31T23:00:00Z","end":"2026-01-01"}})",
        &person);
    EXPECT_THAT(told, HasSubstr(R"("period":{"start":"2025","end":"2026"})"));
    EXPECT_THAT(rules.of(ann, &person), Not(HasSubstr("first-date")))
        << "no offsets to be counted from";
}

TEST(Limited, dates_cities_and_zip_codes_stay) {
    Rules rules(Method::limited);
    const auto person = born("1930-02-03", "2026-03-01T08:00:00Z", "2026-11-27");
    const auto told = rules.of(ann, &person);
    EXPECT_THAT(told, HasSubstr(R"("birthDate":"1957-02-03")"));
    EXPECT_THAT(told,
                HasSubstr(R"({"city":"Boise","state":"ID","postalCode":"83702","country":"US"})"));
    for (const auto part :
         {"Rivera", "208", "4711", "123-45", "Main St", "Ada", "ann", "43.61", "Marquez"})
        EXPECT_THAT(told, Not(HasSubstr(part)));
}

TEST(DateShift, all_dates_of_a_person_move_together) {
    Rules rules(Method::date_shift);
    auto person = born("1957-02-03", "2026-03-01T08:00:00Z", "2026-11-27");
    person.shift_days = 40;
    EXPECT_THAT(rules.of(ann, &person), HasSubstr(R"("birthDate":"1956-12-25")"));
    const auto told = rules.of(
        R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},
            "subject":{"reference":"Patient/p"},"period":{"start":"2026-03-01T23:30:00+01:00","end":"2026-03-02T02:00:00+01:00"}})",
        &person);
    EXPECT_THAT(
        told,
        HasSubstr(R"({"start":"2026-01-20T23:30:00+01:00","end":"2026-01-21T02:00:00+01:00"})"));
}

TEST(Pseudonyms, are_the_same_in_a_release_and_others_in_another) {
    Pseudonyms one(test_key, "2026"), again(test_key, "2026"), other(test_key, "2027");
    Pseudonyms stranger("ffffffffffffffffffffffffffffffff", "2026");
    EXPECT_EQ(one.id("Patient", "1"), again.id("Patient", "1"));
    EXPECT_NE(one.id("Patient", "1"), other.id("Patient", "1"));
    EXPECT_NE(one.id("Patient", "1"), stranger.id("Patient", "1"));
    EXPECT_NE(one.id("Patient", "1"), one.id("Encounter", "1"));
    EXPECT_TRUE(is_id(one.id("Patient", "1")));
    EXPECT_EQ(one.shift_days("1", 365), again.shift_days("1", 365));
    for (int i = 0; i < 1000; ++i) {
        const auto days = one.shift_days(std::to_string(i), 30);
        EXPECT_TRUE(days >= 1 && days <= 30);
    }
}

TEST(Pseudonyms, hmac_is_that_of_rfc_4231) {
    const auto digest = KeyedDigest("Jefe").of({"what do ya want ", "for nothing?"});
    EXPECT_EQ(hex_of(digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const auto long_key = KeyedDigest(std::string(131, '\xaa'))
                              .of({"Test Using Larger Than Block-Size Key - Hash Key First"});
    EXPECT_EQ(hex_of(long_key), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace vigil::fhir::deidentify
