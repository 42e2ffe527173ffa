// Whole releases: everybody looked at, decided, written.

#include "fhir/deidentify/release.hpp"

#include <fmt/format.h>

#include "fhir/deidentify/given.hpp"
#include "fhir/deidentify/report.hpp"

namespace vigil::fhir::deidentify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Found final : public Surroundings {
public:
    explicit Found(const Survey& survey) : survey_(survey) {}
    bool holds(std::string_view type, std::string_view id) override {
        return survey_.found(type, id);
    }

private:
    const Survey& survey_;
};

// An export in memory.
struct Export {
    explicit Export(Method method) : table(method), plan(definitions(), table, Times::relative) {
        settings.method = method;
        settings.gate = *gate_of("none");
        settings.as_of = at("2026-11-27");
    }

    void add(std::string text) { resources.push_back(std::move(text)); }
    void add_patient(std::string_view id, std::string_view birth, std::string_view sex,
                     std::string_view zip, std::string_view more = "") {
        add(fmt::format(
            R"({{"resourceType":"Patient","id":"{}","birthDate":"{}","gender":"{}","address":[{{"state":"NY","postalCode":"{}"}}]{}}})",
            id, birth, sex, zip, more));
    }
    void add_condition(std::string_view id, std::string_view patient, std::string_view code) {
        add(fmt::format(
            R"({{"resourceType":"Condition","id":"{}","subject":{{"reference":"Patient/{}"}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{}"}}]}}}})",
            id, patient, code));
    }

    // The released resources, in their order.
    std::vector<std::string> release() {
        JsonDocument document;
        for (const auto& one : resources) EXPECT_TRUE(survey.take(*document.parse(one)));
        decision = decide(survey, pseudonyms, settings);
        for (const auto& one : resources) survey.look(*document.parse(one));
        std::vector<std::string_view> left_out;
        if (decision.levels[Quasi::site] > 0) left_out.emplace_back("Organization");
        const Plan told(definitions(), table, settings.times, left_out);
        Deidentifier deidentifier(told, pseudonyms,
                                  {.method = settings.method,
                                   .times = settings.times,
                                   .levels = decision.levels,
                                   .withheld = &decision.withheld});
        Found found(survey);
        std::vector<std::string> all;
        for (const auto& one : resources) {
            const auto resource = *document.parse(one);
            if (!survey.is_released(resource)) continue;
            const auto* facts = survey.person(resource);
            std::string text;
            if (deidentifier.append(text, resource, facts == nullptr ? nullptr : &facts->made,
                                    found) == Fate::released)
                all.push_back(text);
        }
        counts = deidentifier.counts();
        return all;
    }

    RuleTable table;
    Plan plan;
    Pseudonyms pseudonyms{test_key, "test"};
    Survey survey{plan, pseudonyms, {}};
    ReleaseSettings settings;
    std::vector<std::string> resources;
    Decision decision;
    Counts counts;
};

std::string encounter(std::string_view id, std::string_view patient, std::string_view start,
                      std::string_view end) {
    return fmt::format(
        R"({{"resourceType":"Encounter","id":"{}","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"subject":{{"reference":"Patient/{}"}},"period":{{"start":"{}","end":"{}"}}}})",
        id, patient, start, end);
}

TEST(Release, references_lead_to_what_is_there) {
    Export data(Method::safe_harbor);
    data.add_patient("p1", "1980-01-01", "female", "10027");
    data.add(encounter("e1", "p1", "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z"));
    data.add(
        R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]}})");
    data.add(
        R"({"resourceType":"Condition","id":"c2","subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/gone"}})");
    data.add(R"({"resourceType":"Condition","id":"c3","subject":{"reference":"Patient/nobody"}})");
    const auto told = data.release();
    ASSERT_EQ(told.size(), 4U) << "whoever has no Patient is left out";
    const auto patient = data.pseudonyms.id("Patient", "p1"),
               visit = data.pseudonyms.id("Encounter", "e1");
    EXPECT_THAT(told[0], HasSubstr("\"id\":\"" + patient + "\""));
    EXPECT_THAT(told[1], HasSubstr("\"id\":\"" + visit + "\""));
    EXPECT_THAT(told[2], HasSubstr("\"encounter\":{\"reference\":\"Encounter/" + visit + "\"}"));
    EXPECT_THAT(told[2], HasSubstr("\"subject\":{\"reference\":\"Patient/" + patient + "\"}"));
    EXPECT_THAT(told[3], Not(HasSubstr("encounter"))) << "not left dangling";
    EXPECT_EQ(data.decision.without_patient, 1U);
    EXPECT_EQ(data.counts.references, 1U);
}

TEST(Release, times_of_all_resources_are_since_one_first_date) {
    Export data(Method::safe_harbor);
    data.add_patient("p1", "1980-01-01", "female", "10027");
    data.add(encounter("e2", "p1", "2026-01-03T08:00:00Z", "2026-01-03T09:30:00+01:00"));
    data.add(encounter("e1", "p1", "2025-12-31T08:00:00Z", "2025-12-31T08:00:01.5Z"));
    const auto told = data.release();
    EXPECT_THAT(told[0], HasSubstr(R"("url":"urn:vigil:first-date","valueDateTime":"2025")"));
    EXPECT_THAT(told[1], HasSubstr(R"("value":259200,"unit":"s")"));
    EXPECT_THAT(told[1], HasSubstr(R"("value":261000,"unit":"s")"));
    EXPECT_THAT(told[2], HasSubstr(R"("value":0,"unit":"s")"));
    EXPECT_THAT(told[2], HasSubstr(R"("value":1.5,"unit":"s")"));
    // Two years and an offset between them would tell the day.
    for (const auto& one : {told[1], told[2]}) EXPECT_THAT(one, Not(HasSubstr("202")));
}

TEST(Release, shifted_dates_of_a_person_keep_their_intervals) {
    Export data(Method::date_shift);
    data.add_patient("p1", "1980-01-01", "female", "10027");
    data.add_patient("p2", "1980-01-01", "female", "10027");
    for (const auto patient : {"p1", "p2"})
        data.add(
            encounter("e", patient, "2026-03-28T23:30:00+01:00", "2026-03-29T04:15:00.25+02:00"));
    const auto told = data.release();
    JsonDocument one, other, person;
    const auto first = (*one.parse(told[2]))["period"], second = (*other.parse(told[3]))["period"];
    const auto length = at("2026-03-29T04:15:00.25+02:00") - at("2026-03-28T23:30:00+01:00");
    EXPECT_EQ(at(first["end"].string()) - at(first["start"].string()), length);
    EXPECT_EQ(at(second["end"].string()) - at(second["start"].string()), length);
    EXPECT_NE(first["start"].string(), second["start"].string())
        << "each person has days of their own";
    EXPECT_TRUE(first["start"].string().ends_with("T23:30:00+01:00"));
    const auto birth = (*person.parse(told[0]))["birthDate"].string();
    EXPECT_EQ(at(first["start"].string()) - at(birth),
              at("2026-03-28T23:30:00+01:00") - at("1980-01-01"))
        << "and the age at it";
}

TEST(Release, tells_less_until_everybody_is_like_enough_others) {
    Export data(Method::safe_harbor);
    data.settings.gate = {.k = 11, .prosecutor_max = {}, .marketer_max = {}, .l = {}, .t = {}};
    for (int i = 0; i < 24; ++i)
        data.add_patient(fmt::format("p{}", i), fmt::format("19{}-05-05", 60 + i % 8), "female",
                         i % 2 == 0 ? "10027" : "11201");
    data.add_patient("alone", "1999-05-05", "male", "14201");
    data.add_condition("c1", "p1", "38341003");
    data.add_condition("c2", "alone", "57676002");
    const auto told = data.release();
    EXPECT_TRUE(data.decision.passes);
    EXPECT_GE(data.decision.measures.k, 11U);
    EXPECT_EQ(data.decision.left_out, 1U);
    EXPECT_EQ(told.size(), 25U) << "24 persons and a condition";
    for (const auto& one : told) {
        EXPECT_THAT(one, Not(HasSubstr(data.pseudonyms.id("Patient", "alone"))));
        EXPECT_THAT(one, Not(HasSubstr("38341003"))) << "a diagnosis that one person has";
        EXPECT_THAT(one, Not(HasSubstr(R"("birthDate":"19)")))
            << "years of birth are too exact here";
    }
    EXPECT_GT(data.decision.levels[Quasi::age], 0);
    if (data.decision.levels[Quasi::age] < level_max(Quasi::age))
        EXPECT_THAT(told[0], HasSubstr(R"("url":"urn:vigil:age","valueRange":{"low":)"));
}

TEST(Release, of_a_limited_data_set_nothing_is_generalised) {
    Export data(Method::limited);
    data.settings.gate = *gate_of("trusted");
    data.add_patient("p1", "1980-01-01", "female", "10027");
    const auto told = data.release();
    EXPECT_FALSE(data.decision.passes) << "one person of a kind";
    EXPECT_THAT(told[0], HasSubstr("1980-01-01"));
}

TEST(Release, a_curve_in_a_component_is_a_curve_too) {
    Export data(Method::safe_harbor);
    data.add_patient("p1", "1980-01-01", "female", "10027");
    data.add(
        R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p1"},"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"valueSampledData":{"origin":{"value":0},"period":4,"dimensions":1,"data":"1 2 E"}}]})");
    EXPECT_THAT(data.release().at(1), HasSubstr(R"("data":"1 2 E")"));
    EXPECT_TRUE(data.survey.has_curves());
}

TEST(Release, gives_the_same_for_the_same) {
    const auto make = [] {
        Export data(Method::safe_harbor);
        for (int i = 0; i < 30; ++i)
            data.add_patient(fmt::format("p{}", i), fmt::format("19{}", 50 + i), "female", "10027");
        return data.release();
    };
    EXPECT_EQ(make(), make());
}

TEST(Report, tells_the_verdict_and_hides_small_counts) {
    Export data(Method::safe_harbor);
    data.settings.gate = *gate_of("public");
    for (int i = 0; i < 40; ++i)
        data.add_patient(fmt::format("p{}", i), i < 36 ? "1980" : "1930", "female", "10027");
    data.release();
    ReleaseReport report{.settings = data.settings,
                         .decision = data.decision,
                         .gate = "public",
                         .came = data.survey.resources(),
                         .released = {{"Patient", 36}},
                         .counts = {},
                         .persons = persons_by_age_and_sex(data.survey, data.settings)};
    const auto text = text_of(report), json = json_of(report);
    EXPECT_THAT(text, HasSubstr(data.decision.passes ? "PASSES the gate" : "DOES NOT PASS"));
    EXPECT_THAT(text, HasSubstr("k-anonymity"));
    JsonDocument document;
    const auto root = document.parse(json);
    ASSERT_TRUE(root) << json;
    EXPECT_EQ((*root)["passes"].is_true(), data.decision.passes);
    EXPECT_TRUE((*root)["risk"]["k"].integer());
    for (const auto row : (*root)["table"]["rows"])
        for (const auto count : row["counts"])
            if (const auto number = count.integer()) EXPECT_TRUE(*number == 0 || *number >= 11);
}

}  // namespace
}  // namespace vigil::fhir::deidentify
