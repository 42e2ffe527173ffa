#include "fhir/audit/event_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/binary_text.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view balp =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

class EventWriter : public testing::Test {
protected:
    EventWriter() {
        patients.add("ada", PatientId{7});
        patients.add("ben", PatientId{8});
        line.time = from_unix_ns(1'772'366'400'500'000'000);
        line.principal = "nia";
        line.role = "nurse";
        line.what = "fhir.read Condition/12";
        line.patients = {PatientId{7}};
        line.purpose = "treatment";
        line.from = "192.0.2.7:50312";
    }
    std::string text(const EventReader& reader = {}) const {
        return audit_event(line, {"https://ward.example/fhir", "Ward", patients}, reader);
    }
    JsonValue event(const EventReader& reader = {}) {
        written = text(reader);
        const auto root = document.parse(written);
        EXPECT_TRUE(root) << written;
        return *root;
    }
    std::string claimed(const EventReader& reader = {}) {
        const std::string profile(event(reader)["meta"]["profile"][0].string());
        return profile.starts_with(balp) ? profile.substr(balp.size()) : profile;
    }

    PatientNumbers patients;
    store::AuditLine line;
    JsonDocument document;
    std::string written;
};

TEST_F(EventWriter, a_read_says_who_whose_what_why_and_from_where) {
    const auto json = event();
    EXPECT_EQ(json["type"]["code"].string(), "rest");
    EXPECT_EQ(json["subtype"][0]["code"].string(), "read");
    EXPECT_EQ(json["action"].string(), "R");
    EXPECT_EQ(json["recorded"].string(), "2026-03-01T12:00:00.500Z");
    EXPECT_EQ(json["outcome"].string(), "0");
    EXPECT_EQ(json["purposeOfEvent"][0]["coding"][0]["code"].string(), "TREAT");
    EXPECT_EQ(json["agent"][0]["network"]["address"].string(), "192.0.2.7");
    EXPECT_EQ(json["agent"][0]["type"]["coding"][0]["code"].string(), "110152");
    EXPECT_EQ(json["agent"][1]["type"]["coding"][0]["code"].string(), "110153");
    EXPECT_EQ(json["agent"][2]["altId"].string(), "nia");
    EXPECT_TRUE(json["agent"][2]["requestor"].is_true());
    EXPECT_EQ(json["agent"][2]["role"][0]["text"].string(), "nurse");
    EXPECT_EQ(json["source"]["site"].string(), "Ward");
    EXPECT_EQ(json["entity"][0]["what"]["reference"].string(), "Patient/ada");
    EXPECT_EQ(json["entity"][0]["role"]["code"].string(), "1");
    EXPECT_EQ(json["entity"][1]["what"]["reference"].string(), "Condition/12");
    EXPECT_EQ(claimed(), "PatientRead");
}

TEST_F(EventWriter, a_profile_is_named_only_where_all_of_it_is_met) {
    line.patients.clear();
    EXPECT_EQ(claimed(), "Read");
    line.what = "fhir.create Condition/12/_history/1";
    EXPECT_EQ(claimed(), "Create");
    line.what = "fhir.create Condition";  // whether it was written is not known
    EXPECT_EQ(claimed(), "");
    line.what = "fhir.delete Condition/12/_history/2";
    EXPECT_EQ(claimed(), "Delete");
    line.what = "fhir.search Condition?subject=Patient/ada";
    EXPECT_EQ(claimed(), "Query");
    line.what = "fhir.search Patient?family=***";  // the query is not whole
    EXPECT_EQ(claimed(), "");
    line.what = "fhir.search Condition";
    line.patients = {PatientId{7}};
    EXPECT_EQ(claimed(), "PatientQuery");
    line.patients = {PatientId{7}, PatientId{8}};  // its patient is one
    EXPECT_EQ(claimed(), "Query");
    line.what = "patient everything";
    EXPECT_EQ(claimed(), "");
    line.patients = {PatientId{7}};
    EXPECT_EQ(claimed(), "PrivacyDisclosure.Source");
    line.from = "this machine";  // no network address
    EXPECT_EQ(claimed(), "");
    line.from = "192.0.2.7:1";
    line.what = "fhir.read Condition/12: 404";
    EXPECT_EQ(claimed(), "");
    line.what = "fhir.read Condition/12";
    line.permitted = false;
    EXPECT_EQ(claimed(), "");
}

TEST_F(EventWriter, the_observer_and_the_server_as_an_agent_say_the_same) {
    line.what = "patient everything";
    (void)event();
    const auto who = written.find("\"who\":{\"type\":\"Device\"");
    ASSERT_NE(who, std::string::npos);
    const auto server =
        written.substr(who + 6, written.find('}', written.find('}', who) + 1) - who - 5);
    EXPECT_THAT(written, HasSubstr("\"observer\":" + server));
}

TEST_F(EventWriter, a_denial_says_why) {
    line.permitted = false;
    line.reason = "this patient is not in your care";
    const auto json = event();
    EXPECT_EQ(json["outcome"].string(), "8");
    EXPECT_EQ(json["outcomeDesc"].string(), "this patient is not in your care");
}

TEST_F(EventWriter, broken_glass_is_the_purpose) {
    line.what = "emergency access";
    line.purpose = "emergency";
    const auto json = event();
    EXPECT_EQ(json["subtype"][0]["code"].string(), "110127");
    EXPECT_EQ(json["purposeOfEvent"][0]["coding"][0]["code"].string(), "BTG");
    EXPECT_EQ(json["agent"][2]["purposeOfUse"][0]["coding"][0]["code"].string(), "BTG");
}

TEST_F(EventWriter, a_search_has_its_query_in_base64) {
    line.what = "fhir.search Observation?code=8867-4";
    const auto query = event()["entity"][1]["query"].string();
    std::string clear;
    ASSERT_TRUE(codec::read_base64(query, clear));
    EXPECT_EQ(clear, "GET https://ward.example/fhir/Observation?code=8867-4");
}

TEST_F(EventWriter, who_was_erased_is_a_number) {
    line.patients = {PatientId{9}};
    EXPECT_EQ(event()["entity"][0]["what"]["identifier"]["value"].string(), "9");
}

TEST_F(EventWriter, a_patient_is_not_told_of_machines_of_others_or_of_what_was_searched) {
    line.what = "fhir.search Condition?subject=Patient/ben";
    line.patients = {PatientId{7}, PatientId{8}};
    line.permitted = false;
    line.reason = "because of ben";
    const EventReader ada{.patient = PatientId{7},
                          .accounts = std::make_shared<ShownAccounts>(
                              ShownAccounts{{"nia", {"Nia N.", "Practitioner/12"}}})};
    (void)event(ada);
    EXPECT_THAT(written, Not(HasSubstr("192.0.2.7")));
    EXPECT_THAT(written, Not(HasSubstr("ben")));
    EXPECT_THAT(written, HasSubstr("Patient/ada"));
    EXPECT_THAT(written, HasSubstr("Nia N."));
    EXPECT_THAT(written, HasSubstr("\"reference\":\"Practitioner/12\""));
    EXPECT_THAT(written, HasSubstr("\"fhir.search Condition\""));
    line.permitted = true;
    EXPECT_EQ(claimed(ada), "") << "a profile wants the address";
}

TEST_F(EventWriter, every_kind_is_a_valid_resource) {
    const Definitions definitions;
    const Validator validator(definitions);
    for (const auto* what : {"fhir.read Condition/12",
                             "fhir.search Condition?code=x",
                             "fhir.search ?_type=Patient",
                             "fhir.create Condition/1/_history/1",
                             "fhir.delete Condition/1/_history/2",
                             "fhir.bundle",
                             "fhir.history",
                             "fhir.operation Patient/1/$everything",
                             "fhir.export",
                             "fhir.import",
                             "sign-in nia",
                             "sign-in",
                             "own session ended",
                             "account token",
                             "account add",
                             "account change",
                             "relation care-team",
                             "emergency access",
                             "audit read",
                             "backup",
                             "patient everything",
                             "patient erase",
                             "series.window",
                             "live stream",
                             "devices",
                             "device add",
                             "app token",
                             "fhir.read Condition/12: 404"})
        for (const auto* from : {"192.0.2.7:1", "this machine", ""})
            for (const bool is_patients : {false, true}) {
                line.what = what;
                line.from = from;
                JsonDocument read;
                const auto resource =
                    text({.patient = is_patients ? std::optional(PatientId{7}) : std::nullopt,
                          .accounts = {}});
                const auto root = read.parse(resource);
                ASSERT_TRUE(root) << resource;
                for (const auto& issue : validator.validate(*root, {}))
                    EXPECT_GT(issue.severity, Severity::error)
                        << what << ": " << issue.diagnostics << " " << issue.expression;
            }
}

TEST(EventId, is_the_number_of_the_line) {
    EXPECT_EQ(audit_event_id(30'500), "a30500");
    EXPECT_EQ(read_audit_event_id("a30500"), 30'500U);
    for (const auto* other : {"", "a", "a0", "a01", "b1", "a1x", "30500", "a99999999999999999999"})
        EXPECT_FALSE(read_audit_event_id(other)) << other;
}

}  // namespace
}  // namespace vigil::fhir
