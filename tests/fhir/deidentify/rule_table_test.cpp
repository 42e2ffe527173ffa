#include "fhir/deidentify/rule_table.hpp"

#include "fhir/deidentify/given.hpp"
#include "fhir/deidentify/place_text.hpp"
#include "fhir/deidentify/unit_text.hpp"

namespace vigil::fhir::deidentify {
namespace {

// "Patient.address", "DomainResource.text", "Observation.valueString", "date": whether there is
// such.
bool is_known(std::string_view name) {
    if (name == "part") return true;
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos)
        return definitions().type(name) != nullptr || name == "SimpleQuantity";
    const auto* owner = definitions().type(name.substr(0, dot));
    if (owner == nullptr) return false;
    const auto element = name.substr(dot + 1);
    return owner->element(element) != nullptr || owner->property(element).element != nullptr;
}

TEST(RuleTable, names_only_what_fhir_has) {
    const RuleTable table(Method::safe_harbor);
    EXPECT_GT(table.names().size(), 80U);
    for (const auto name : table.names()) EXPECT_TRUE(is_known(name)) << name;
}

TEST(RuleTable, is_read_alike_for_each_method) {
    const RuleTable harbor(Method::safe_harbor), limited(Method::limited),
        shift(Method::date_shift);
    EXPECT_EQ(harbor.of("date"), Action::relative);
    EXPECT_EQ(limited.of("date"), Action::keep);
    EXPECT_EQ(shift.of("date"), Action::shift);
    EXPECT_EQ(harbor.of("Practitioner"), std::nullopt) << "left out";
}

TEST(RuleTable, says_which_row_is_wrong) {
    const auto head = std::string("what\tsafe-harbor\tlimited\tdate-shift\twhy\n");
    const auto read = [&](std::string_view row) {
        static std::string text;
        text = head + std::string(row);
        return RuleTable::read(text, Method::safe_harbor);
    };
    EXPECT_EQ(read("date\tsooner\tkeep\tkeep").error().place, "date");
    EXPECT_EQ(read("date\tkeep\tkeep\tkeep\ndate\tdrop\tdrop\tdrop").error().place, "date");
    EXPECT_EQ(read("colour red\tkeep\tkeep\tkeep").error().place, "colour red");
    EXPECT_EQ(read("system urn:x [\tkeep\tkeep\tkeep").error().place, "urn:x [");
}

TEST(RuleTable, admits_codes_of_systems_it_knows_and_their_form) {
    RuleTable table(Method::safe_harbor);
    const auto admits = [&](std::string_view system, std::string_view code) {
        return table.admits(system, code, definitions());
    };
    EXPECT_TRUE(admits("http://loinc.org", "8867-4"));
    EXPECT_FALSE(admits("http://loinc.org", "Rivera"));
    EXPECT_TRUE(admits("http://snomed.info/sct", "38341003"));
    EXPECT_TRUE(admits("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB"));
    EXPECT_FALSE(admits("http://terminology.hl7.org/CodeSystem/v3-ActCode", "Rivera"));
    EXPECT_FALSE(admits("http://terminology.hl7.org/CodeSystem/rivera", "AMB"));
    EXPECT_FALSE(admits("http://hospital.example/mrn", "12"));
    EXPECT_FALSE(admits("", "8867-4"));
    table.allow_system("http://hospital.example/wards");
    EXPECT_TRUE(admits("http://hospital.example/wards", "ICU-1"));
    EXPECT_FALSE(admits("http://hospital.example/wards", "Ann Rivera")) << "no code, words";
}

TEST(PlaceText, of_a_zip_code_three_digits_stay_where_many_live) {
    EXPECT_EQ(zip3("10027"), "100");
    EXPECT_EQ(zip3("10027-1234"), "100");
    EXPECT_EQ(zip3("03601"), "000");
    EXPECT_EQ(zip3("09012"), "000") << "military mail: nobody is counted there";
    for (const auto none : {"1002", "100271", "1002a", "W1A 1AA", "", "10027 1234"})
        EXPECT_EQ(zip3(none), "") << none;
    // HHS's list of 2012, by the census of 2000, and what was found small since.
    for (const auto small : {"036", "059", "063", "102", "203", "556", "692", "790", "821", "823",
                             "830", "831", "878", "879", "884", "890", "893", "205", "369", "772"})
        EXPECT_EQ(zip3(std::string(small) + "01"), "000") << small;
}

TEST(PlaceText, a_region_is_a_state_or_country) {
    for (const auto region : {"ID", "USA", "Idaho", "New York", "BY"})
        EXPECT_TRUE(is_region(region));
    for (const auto place : {"Boise", "ada county", "I", "ABCD", "id", ""})
        EXPECT_FALSE(is_region(place));
}

TEST(UnitText, is_a_unit_and_nothing_else) {
    const RuleTable table(Method::safe_harbor);
    for (const auto unit :
         {"mmHg", "mm[Hg]", "/min", "mg/dL", "10*3/uL", "{score}", "%", "kg/m2", "mL/min/{1.73_m2}",
          "Cel", "[degF]", "meq/L", "U/L", "g", "cm", "mmol/L", "bpm", "1/min"})
        EXPECT_EQ(is_unit_text(unit, table), std::string_view(unit) != "mL/min/{1.73_m2}") << unit;
    for (const auto text : {"Rivera", "mg for Ann", "{Ann Rivera}", "208-555-0100", "mg/Rivera", "",
                            "10*3/{}", "Boise", "(", "/", "mg/"})
        EXPECT_FALSE(is_unit_text(text, table)) << text;
}

}  // namespace
}  // namespace vigil::fhir::deidentify
