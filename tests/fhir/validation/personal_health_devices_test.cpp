// The profiles of the Personal Health Device implementation guide: its own examples where they are
// at hand, and what each profile must refuse.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fhir/validation/profiles.hpp"
#include "fhir/validation/validator.hpp"

namespace vigil::fhir {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

const Profiles& profiles() {
    static const auto known = [] {
        auto made = std::make_unique<Profiles>(definitions());
        made->add_vital_signs();
        made->add_personal_health_devices();
        EXPECT_THAT(made->link(), IsEmpty());
        return made;
    }();
    return *known;
}

std::vector<std::string> errors_in(const std::string& text) {
    const Validator validator(definitions(), &profiles());
    JsonDocument document;
    const auto root = document.parse(text);
    EXPECT_TRUE(root) << text;
    std::vector<std::string> found;
    if (!root) return found;
    for (const auto& issue : validator.validate(*root, {}))
        if (issue.severity <= Severity::error)
            found.push_back(issue.expression + ": " + issue.diagnostics);
    return found;
}

const std::string mdc = R"("system":"urn:iso:std:iso:11073:10101")";

// An Observation of a profile; `gateway` and `device` as the base profile wants them.
std::string observation(const std::string& profile, const std::string& rest,
                        const std::string& extensions = "", const std::string& category = "phd") {
    return R"({"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/uv/phd/StructureDefinition/)" +
           profile +
           R"("]},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice","valueReference":{"reference":"Device/phg"}})" +
           extensions +
           R"(],"status":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/uv/phd/CodeSystem/PhdObservationCategories","code":")" +
           category + R"("}]}],"code":{"coding":[{)" + mdc +
           R"(,"code":"150364"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2026-01-01T10:00:00Z","device":{"reference":"Device/phd"})" +
           (rest.empty() ? "" : "," + rest) + "}";
}

std::string quantity(const std::string& system, const std::string& code) {
    return R"({"value":37.2,"system":")" + system + R"(","code":")" + code + "\"}";
}
const std::string ucum = "http://unitsofmeasure.org", mdc_url = "urn:iso:std:iso:11073:10101";

std::string without(std::string text, const std::string& part) {
    const auto at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return text.erase(at, part.size());
}

TEST(PersonalHealthDevices, all_profiles_are_there) {
    for (const auto* name :
         {"PhdBaseObservation", "PhdNumericObservation", "PhdCompoundNumericObservation",
          "PhdCodedEnumerationObservation", "PhdBitsEnumerationObservation",
          "PhdStringEnumerationObservation", "PhdStringObservation", "PhdRtsaObservation",
          "PhdCoincidentTimeStampObservation", "PhdDevice", "PhgDevice", "Accuracy", "Confidence95",
          "CoincidentTimeStampReference"})
        EXPECT_NE(
            profiles().find(std::string("http://hl7.org/fhir/uv/phd/StructureDefinition/") + name),
            nullptr)
            << name;
}

// HL7/phd, input/examples. A resource that names other examples is valid by itself.
TEST(PersonalHealthDevices, the_examples_of_the_guide_are_valid) {
    const fs::path folder = fs::path(VIGIL_SHARED_DIR) / "data/fhir/phd";
    if (!fs::exists(folder)) GTEST_SKIP() << "../shared/data/fhir is not here";
    std::size_t seen = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        const std::string text(std::istreambuf_iterator<char>(file), {});
        if (text.find("PhdPatient") != std::string::npos) continue;  // not among those that ship
        ++seen;
        EXPECT_THAT(errors_in(text), IsEmpty()) << entry.path();
    }
    EXPECT_GE(seen, 12U);
}

TEST(PersonalHealthDevices, the_base_of_all_observations) {
    const auto good =
        observation("PhdNumericObservation", R"("valueQuantity":)" + quantity(ucum, "Cel"));
    EXPECT_THAT(errors_in(good), IsEmpty());
    for (const auto* part : {R"("subject":{"reference":"Patient/1"},)",
                             R"("effectiveDateTime":"2026-01-01T10:00:00Z",)",
                             R"("device":{"reference":"Device/phd"},)"})
        EXPECT_THAT(errors_in(without(good, part)), ::testing::SizeIs(1)) << part;
    const auto gateway = good.find("observation-gatewayDevice");
    EXPECT_THAT(errors_in(std::string(good).replace(gateway, 25, "observation-otherDevice00")),
                Contains(HasSubstr("GatewayDevice")));
    EXPECT_THAT(errors_in(observation("PhdNumericObservation",
                                      R"("valueQuantity":)" + quantity(ucum, "Cel"), "", "other")),
                Contains(HasSubstr("PHD-Observation")));
    EXPECT_THAT(
        errors_in(observation(
            "PhdNumericObservation", R"("valueQuantity":)" + quantity(ucum, "Cel"),
            R"(,{"url":"http://hl7.org/fhir/uv/phd/StructureDefinition/Accuracy","valueString":"x"})")),
        ::testing::Not(IsEmpty()));
}

struct Case {
    const char* profile;
    std::string good, bad;
};

TEST(PersonalHealthDevices, each_kind_of_value_is_what_its_profile_says) {
    const auto part = [](const std::string& code, const std::string& value) {
        return R"("component":[{"code":{"coding":[{)" + code + "}]}," + value + "}]";
    };
    const auto systolic = mdc + R"(,"code":"150021")";
    const auto bit =
        R"("system":"http://terminology.hl7.org/CodeSystem/ASN1ToHL7","code":"150604.2")";
    const std::string sampled =
        R"("valueSampledData":{"origin":{"value":0,"system":"http://unitsofmeasure.org","code":"mV"},"period":10,"factor":1.6,"dimensions":1,"data":"1 2 3"})";
    const std::vector<Case> cases = {
        {"PhdNumericObservation", R"("valueQuantity":)" + quantity(ucum, "Cel"),
         R"("valueString":"37")"},
        {"PhdNumericObservation", R"("valueQuantity":)" + quantity(mdc_url, "268192"),
         R"("valueQuantity":)" + quantity(mdc_url, "150364")},
        {"PhdNumericObservation",
         R"("dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-a-number"}]})",
         R"("valueQuantity":)" + quantity("http://example.org/units", "Cel")},
        {"PhdNumericObservation", R"("valueQuantity":)" + quantity(ucum, "Cel"),
         R"("valueQuantity":{"value":37.2})"},
        {"PhdCompoundNumericObservation",
         part(systolic, R"("valueQuantity":)" + quantity(ucum, "mm[Hg]")),
         part(systolic, R"("valueQuantity":{"value":120})")},
        {"PhdCompoundNumericObservation",
         part(systolic, R"("valueQuantity":)" + quantity(mdc_url, "266016")),
         part(R"("system":"http://loinc.org","code":"8480-6")",
              R"("valueQuantity":)" + quantity(ucum, "mm[Hg]"))},
        {"PhdCompoundNumericObservation",
         part(mdc + R"(,"code":"68193")",
              R"("valueCodeableConcept":{"coding":[{)" + mdc + R"(,"code":"150588"}]})"),
         part(mdc + R"(,"code":"68193")", R"("valueString":"x")")},
        {"PhdCodedEnumerationObservation",
         R"("valueCodeableConcept":{"coding":[{)" + mdc + R"(,"code":"8417864"}]})",
         R"("valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-8"}]})"},
        {"PhdBitsEnumerationObservation", part(bit, R"("valueBoolean":true)"),
         part(bit, R"("valueString":"true")")},
        {"PhdBitsEnumerationObservation",
         part(
             bit,
             R"("valueCodeableConcept":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0136","code":"Y"}]})"),
         part(systolic, R"("valueBoolean":true)")},
        {"PhdStringEnumerationObservation", R"("valueString":"Hill climb")", R"("valueInteger":1)"},
        {"PhdRtsaObservation", sampled, without(sampled, R"("factor":1.6,)")},
    };
    for (const auto& one : cases) {
        EXPECT_THAT(errors_in(observation(one.profile, one.good)), IsEmpty()) << one.good;
        EXPECT_THAT(errors_in(observation(one.profile, one.bad)), ::testing::Not(IsEmpty()))
            << one.profile << " " << one.bad;
    }
}

TEST(PersonalHealthDevices, a_coincident_time_stamp_is_of_a_clock) {
    const std::string good =
        R"({"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/uv/phd/StructureDefinition/PhdCoincidentTimeStampObservation"]},"status":"final","code":{"coding":[{)" +
        mdc +
        R"(,"code":"67975"}]},"subject":{"reference":"Device/phd"},"effectiveDateTime":"2026-01-01T10:00:00Z","valueDateTime":"2026-01-01T10:00:01Z","device":{"reference":"Device/phg"}})";
    EXPECT_THAT(errors_in(good), IsEmpty());
    auto other = good;
    EXPECT_THAT(errors_in(other.replace(other.find("67975"), 5, "68193")),
                Contains(HasSubstr("clock")));
    EXPECT_THAT(errors_in(without(good, R"("device":{"reference":"Device/phg"})")
                              .replace(good.find(R"(,"device")"), 1, "")),
                ::testing::Not(IsEmpty()));
    auto patient = good;
    EXPECT_THAT(errors_in(patient.replace(patient.find("Device/phd"), 10, "Patient/12")),
                ::testing::Not(IsEmpty()));
}

TEST(PersonalHealthDevices, devices_and_gateways_have_one_system_id) {
    const std::string good =
        R"({"resourceType":"Device","meta":{"profile":["http://hl7.org/fhir/uv/phd/StructureDefinition/PhdDevice"]},"identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/ContinuaDeviceIdentifiers","code":"SYSID"}]},"system":"urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680","value":"71-10-00-FE-FF-5F-49-B0"}],"manufacturer":"M","modelNumber":"1","type":{"coding":[{)" +
        mdc + R"(,"code":"65573"}]},"specialization":[{"systemType":{"coding":[{)" + mdc +
        R"(,"code":"528391"}]},"version":"1"}]})";
    EXPECT_THAT(errors_in(good), IsEmpty());
    for (const auto& [part, with] :
         {std::pair{"71-10-00-FE-FF-5F-49-B0", "711000FEFF5F49B0"}, std::pair{"SYSID", "BTMAC"},
          std::pair{"65573", "531981"}, std::pair{"manufacturer", "serialNumber"},
          std::pair{"2680", "2681"}}) {
        auto bad = good;
        bad.replace(bad.find(part), std::string(part).size(), with);
        EXPECT_THAT(errors_in(bad), ::testing::Not(IsEmpty())) << part;
    }
    auto gateway = good;
    gateway.replace(gateway.find("PhdDevice"), 9, "PhgDevice");
    EXPECT_THAT(errors_in(gateway), Contains(HasSubstr("531981")));
}

}  // namespace
}  // namespace vigil::fhir
