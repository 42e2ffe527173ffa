// What FHIRPath promises beyond HL7's suite, and what this engine does: clauses of N1 and of FHIR
// R4.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "fhir/path/resources.hpp"

namespace vigil::fhir::path {
namespace {

struct Case {
    std::string_view expression, expected;
};

void expect(const Item& context, std::initializer_list<Case> cases) {
    for (const auto& [expression, expected] : cases)
        EXPECT_EQ(evaluated(expression, context), expected) << expression;
}

const Item& patient() {
    return golden("patient");
}

Error error_of(std::string_view text, Environment environment = path::environment()) {
    const auto expression = Expression::parse(text);
    if (!expression) return expression.error();
    const auto found = expression->evaluate(patient(), environment);
    return found ? Error{.message = "none", .place = {}} : found.error();
}

TEST(Expression, names_begin_at_the_type_or_what_it_derives_from) {
    expect(patient(), {{"Patient.gender", "'male'"},
                       {"DomainResource.id", "'example'"},
                       {"Resource.id", "'example'"},
                       {"Observation.id", "{}"},
                       {"Observation.value | Patient.gender", "'male'"},
                       {"name.where(HumanName.use = 'usual').given", "'Jim'"}});
}

TEST(Expression, a_choice_is_named_without_its_type) {
    expect(golden("observation"), {{"value.value", "185"},
                                   {"valueQuantity", "{}"},
                                   {"value.ofType(Quantity).code", "'[lb_av]'"},
                                   {"value.ofType(string)", "{}"},
                                   {"effective", "@2016-03-28"},
                                   {"effective is dateTime", "true"}});
}

TEST(Expression, says_which_elements_it_begins_at) {
    using testing::Optional;
    using testing::UnorderedElementsAre;
    using Names = std::optional<std::vector<std::string>>;
    const auto leading = [](std::string_view text) {
        const auto expression = Expression::parse(text);
        const auto names = expression->leading_elements();
        return names ? Names(std::in_place, names->begin(), names->end()) : Names();
    };
    EXPECT_THAT(leading("Observation.component.code | Observation.code"),
                Optional(UnorderedElementsAre("component", "code")));
    EXPECT_THAT(leading("(Observation.value as Quantity) | (value as SampledData)"),
                Optional(UnorderedElementsAre("value", "value")));
    EXPECT_THAT(leading("Observation.subject.where(resolve() is Patient)"),
                Optional(UnorderedElementsAre("subject")));
    EXPECT_THAT(leading("name[0].given.first()"), Optional(UnorderedElementsAre("name")));
    EXPECT_THAT(leading("{}"), Optional(testing::IsEmpty()));
    // These find something in nothing.
    for (const auto* text : {"Patient.deceased.exists() and Patient.deceased != false", "Patient",
                             "name.count()", "name | 'x'", "where(name.empty())", "%resource.name"})
        EXPECT_FALSE(leading(text)) << text;
}

TEST(Expression, finds_nothing_where_its_leading_elements_are_not) {
    for (const auto* type : definitions().resource_types())
        for (const auto* parameter : definitions().search_parameters(type->name)) {
            const auto expression = Expression::parse(parameter->expression);
            if (!expression || !expression->leading_elements()) continue;
            const Resource resource(R"({"resourceType":")" + std::string(type->name) + R"("})");
            const auto found = expression->evaluate(resource.item(), environment());
            EXPECT_TRUE(found && found->empty()) << parameter->url;
        }
}

TEST(Expression, primitives_have_ids_and_extensions_beside_their_values) {
    const Resource resource(R"({"resourceType":"Patient","_gender":{"id":"g"},
        "name":[{"given":["Ada",null,"B"],"_given":[null,{"extension":[{"url":"u","valueCode":"NI"}]},
        {"id":"b"}]}]})");
    expect(resource.item(), {{"gender.exists()", "true"},
                             {"gender.hasValue()", "false"},
                             {"gender.getValue()", "{}"},
                             {"gender.id", "'g'"},
                             {"gender = 'male'", "false"},
                             {"name.given.count()", "3"},
                             {"name.given.where(hasValue())", "'Ada' | 'B'"},
                             {"name.given[1].extension('u').value", "'NI'"},
                             {"name.given[2].id", "'b'"},
                             {"name.given.extension.count()", "1"},
                             {"name.given[0].hasExtension('u')", "false"},
                             {"name.children().count()", "3"},
                             {"descendants().ofType(code)", "code | 'NI'"}});
}

TEST(Expression, a_resource_inside_another_is_of_its_own_type) {
    const Resource resource(R"({"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Patient","id":"p","gender":"male"}},
        {"resource":{"resourceType":"Observation","status":"final"}}]})");
    expect(resource.item(), {{"entry.resource.gender", "'male'"},
                             {"entry[0].resource is Patient", "true"},
                             {"entry[1].resource is DomainResource", "true"},
                             {"entry.resource.ofType(Observation).status", "'final'"},
                             {"entry.resource.type().name", "'Patient' | 'Observation'"}});
}

TEST(Expression, resolve_finds_what_is_contained_and_asks_for_the_rest) {
    const Resource resource(R"({"resourceType":"Patient","contained":[
        {"resourceType":"Organization","id":"o","name":"Ward 3"}],
        "managingOrganization":{"reference":"#o"},
        "generalPractitioner":[{"reference":"Practitioner/1"},{"display":"no reference"}]})");
    expect(resource.item(), {{"managingOrganization.resolve().name", "'Ward 3'"},
                             {"managingOrganization.reference.resolve() is Organization", "true"},
                             {"generalPractitioner.resolve()", "{}"}});
    auto environment = path::environment();
    environment.resolve = [](std::string_view reference) -> std::optional<Item> {
        EXPECT_EQ(reference, "Practitioner/1");
        return Item(*definitions().type("Practitioner"), {});
    };
    const auto expression =
        Expression::parse("generalPractitioner.where(resolve() is Practitioner).reference");
    const auto found = expression->evaluate(resource.item(), environment);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 1U);
}

TEST(Expression, member_of_asks_the_terminology_and_is_refused_without_one) {
    EXPECT_EQ(error_of("gender.memberOf('http://x')").kind, Error::Kind::unsupported);
    auto environment = path::environment();
    environment.member_of = [](std::string_view value_set, std::string_view system,
                               std::string_view code) -> Result<bool> {
        return value_set == "http://x" && (system.empty() || system == "http://loinc.org") &&
               (code == "male" || code == "3141-9");
    };
    const auto holds = [&](std::string_view text, const Item& item) {
        return *Expression::parse(text)->holds(item, environment);
    };
    EXPECT_TRUE(holds("gender.memberOf('http://x')", patient()));
    EXPECT_TRUE(holds("code.memberOf('http://x')", golden("observation")));
    EXPECT_FALSE(holds("code.coding[0].memberOf('http://x')", golden("observation")));
}

TEST(Expression, invariants_hold_where_nothing_is_said) {
    const auto holds = [&](std::string_view text) {
        return *Expression::parse(text)->holds(patient(), environment());
    };
    EXPECT_TRUE(holds("gender = 'male'"));
    EXPECT_FALSE(holds("gender = 'female'"));
    EXPECT_TRUE(holds("link.other = 'x'"));
    EXPECT_TRUE(holds("name"));
}

TEST(Expression, dates_move_by_the_calendar) {
    expect(patient(), {{"@2024-01-31 + 1 month", "@2024-02-29"},
                       {"@2024-02-29 + 1 year", "@2025-02-28"},
                       {"@2024-03-31 - 1 month", "@2024-02-29"},
                       {"@2014 + 24 months", "@2016"},
                       {"@2014 + 25 months", "@2016"},
                       {"@2019-03 + 31 days", "@2019-04"},
                       {"@2014-01-01 + 36 hours", "@2014-01-02"},
                       {"@2016-02-28T23:59:59Z + 1 second", "@2016-02-29T00:00:00Z"},
                       {"@2016-02-28T23:59:59.5 + 1.25 seconds", "@2016-02-29T00:00:00.750"},
                       {"@9999-12-31 + 1 day", "{}"},
                       {"@0001-01-01 - 1 day", "{}"},
                       {"@T23:30 + 90 minutes", "@T01:00"},
                       {"@T00:30:00 - 1 hour", "@T23:30:00"},
                       {"@T12:00 + 2 days", "@T12:00"},
                       {"birthDate + 18 years", "@1992-12-25"},
                       {"@2014 + 1 'kg'", "error"}});
}

TEST(Expression, moments_are_ordered_as_far_as_they_are_known) {
    expect(patient(), {{"@2012 < @2013-05", "true"},
                       {"@2012-05 <= @2012-05-06", "{}"},
                       {"@2012-01-01T10:00:00+02:00 = @2012-01-01T08:00:00Z", "true"},
                       {"@2012-01-01T23:00:00-02:00 < @2012-01-02T02:00:00Z", "true"},
                       {"@2012-01-03T00:00:00 > @2012-01-01T00:00:00Z", "true"},
                       {"@2012-01-01T10:00:00 > @2012-01-01T00:00:00Z", "{}"},
                       {"now()", "@2026-03-01T12:34:56.789Z"},
                       {"today()", "@2026-03-01"},
                       {"timeOfDay()", "@T12:34:56.789"},
                       {"@2015-02-29", "error"},
                       {"@2015-13", "error"},
                       {"@T25", "error"},
                       {"'2015-02-30'.toDate()", "{}"}});
}

TEST(Expression, quantities_compare_through_their_units) {
    expect(patient(), {{"1 'kg' = 1000 'g'", "true"},
                       {"37.0 'Cel' = 98.6 '[degF]'", "true"},
                       {"120 'mm[Hg]' > 15 'kPa'", "true"},
                       {"1 'kg' = 1 'm'", "{}"},
                       {"1 'kg' < 1 'm'", "{}"},
                       {"1 'furlong' = 1 'furlong'", "true"},
                       {"1 year = 12 months", "true"},
                       {"1 year = 1 'a'", "{}"},
                       {"1 year ~ 1 'a'", "true"},
                       {"1 'kg' + 500 'g'", "1.500 'kg'"},
                       {"2 'm' * 3", "6 'm'"},
                       {"6 'mg' / 2 'mL'", "3 'mg/mL'"},
                       {"1 'm' / 4 'cm'", "25 '1'"},
                       {"-(1.5 'mg')", "-1.5 'mg'"},
                       {"(3 'kg').toQuantity('g')", "3000 'g'"},
                       {"5 = 5 '1'", "true"}});
    expect(golden("observation"),
           {{"value > 80 'kg'", "true"}, {"value + 15 '[lb_av]'", "200 '[lb_av]'"}});
}

TEST(Expression, numbers_are_exact) {
    expect(patient(), {{"0.1 + 0.2 = 0.3", "true"},
                       {"1.10 + 2", "3.10"},
                       {"1 / 3", "0.33333333"},
                       {"2147483647 + 1", "{}"},
                       {"-2147483648", "-2147483648"},
                       {"2147483649", "error"},
                       {"46341 * 46341", "{}"},
                       {"7 div 2", "3"},
                       {"-7 div 2", "-3"},
                       {"-7 mod 3", "-1"},
                       {"5.5 mod 2", "1.5"},
                       {"2.5.round()", "3"},
                       {"(-2.5).round()", "-3"},
                       {"999999999999999999.0", "error"},
                       {"99999999999999999.0 * 1000", "999999999999999990E2"},
                       {"2.power(31)", "{}"},
                       {"2.power(-1)", "0.5"},
                       {"(-8).abs()", "8"},
                       {"8.log(2)", "3"},
                       {"(-2147483648).abs()", "{}"},
                       {"'12' + 3", "error"}});
}

TEST(Expression, text_counts_characters_not_bytes) {
    expect(patient(), {{"'Bénédicte'.length()", "9"},
                       {"'Bénédicte'.substring(1, 3)", "'éné'"},
                       {"'Bénédicte'.indexOf('d')", "4"},
                       {"'Bénédicte'.upper()", "'BÉNÉDICTE'"},
                       {"'ÉÑß'.lower()", "'éñß'"},
                       {"'é€😀'.toChars()", "'é' | '€' | '😀'"},
                       {"'\\uD83D\\uDE00' = '😀'", "true"},
                       {"'a  B' ~ 'A b'", "true"},
                       {"'a-b'.replaceMatches('(?P<x>\\\\w)-(\\\\w)', '$2-${x}')", "'b-a'"},
                       {"'aXbX'.lastIndexOf('X')", "3"}});
}

TEST(Expression, variables_are_the_engines_and_the_callers) {
    auto environment = path::environment();
    environment.variables.emplace_back("given", Collection{Item(SystemValue(std::int64_t{7}))});
    const auto seven = Expression::parse("%given + 1")->evaluate(patient(), environment);
    ASSERT_TRUE(seven);
    EXPECT_EQ(std::get<std::int64_t>(*seven->front().system_value()), 8);
    expect(patient(), {{"%resource.id", "'example'"},
                       {"name.select(%context.id)", "'example' | 'example' | 'example'"},
                       {"%rootResource.id", "'example'"},
                       {"%`vs-x`", "'http://hl7.org/fhir/ValueSet/x'"},
                       {"%\"ext-y\"", "'http://hl7.org/fhir/StructureDefinition/y'"},
                       {"%nothing", "error"}});
}

TEST(Expression, trace_tells_and_changes_nothing) {
    std::vector<std::pair<std::string, std::size_t>> told;
    auto environment = path::environment();
    environment.trace = [&](std::string_view name, const Collection& items) {
        told.emplace_back(name, items.size());
    };
    const auto found = Expression::parse("name.trace('names').trace('given', given).use")
                           ->evaluate(patient(), environment);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 3U);
    EXPECT_THAT(told, testing::ElementsAre(testing::Pair("names", 3), testing::Pair("given", 5)));
}

TEST(Expression, errors_name_their_place) {
    EXPECT_EQ(error_of("name.given and\n  name.nothing(1)").place, "line 2, column 8");
    EXPECT_EQ(error_of("1 +").place, "line 1, column 4");
    EXPECT_EQ(error_of("name.single()").place, "line 1, column 6");
    EXPECT_EQ(error_of("'abc").kind, Error::Kind::malformed);
    EXPECT_EQ(error_of("name.matches('(?=x)')").kind, Error::Kind::unsupported);
    EXPECT_EQ(error_of("name.where()").kind, Error::Kind::malformed);
    EXPECT_EQ(error_of("name # given").kind, Error::Kind::malformed);
    EXPECT_EQ(error_of("name given").kind, Error::Kind::malformed);
    EXPECT_EQ(error_of("'\\q'").kind, Error::Kind::malformed);
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

TEST(Expression, is_bounded_in_depth_size_and_work) {
    using enum Error::Kind;
    auto few_steps = environment();
    few_steps.steps_max = 2'000;
    EXPECT_EQ(error_of("descendants().where(1 = 1)", few_steps).message, "none");
    EXPECT_EQ(error_of(repeated("(", 10'000)).kind, too_large);
    EXPECT_EQ(error_of(repeated("-", 10'000) + "1").kind, too_large);
    EXPECT_EQ(error_of("name" + repeated(".given", 5'000)).kind, too_large);
    EXPECT_EQ(error_of("1" + repeated(" + 1", 5'000)).kind, too_large);
    EXPECT_EQ(error_of(repeated("name.where(", 5'000)).kind, too_large);
    EXPECT_EQ(error_of(repeated(" ", Expression::text_bytes_max) + "1").kind, too_large);
    EXPECT_EQ(error_of(repeated("name | ", 5'000) + "name").message, "none");
    auto some_steps = environment();
    some_steps.steps_max = 20'000;
    // 2^100 items, 2^100 bytes
    EXPECT_EQ(error_of("name" + repeated(".select($this.combine($this))", 100), some_steps).kind,
              too_large);
    EXPECT_EQ(error_of("('a' | 'b')" + repeated(".select($this & $this)", 100), some_steps).kind,
              too_large);
    EXPECT_EQ(error_of("'aa'" + repeated(".replace('a', 'aaaaaaaa')", 100), some_steps).kind,
              too_large);
    EXPECT_EQ(error_of("'aa'" + repeated(".replaceMatches('a', 'aaaaaaaa')", 100), some_steps).kind,
              too_large);
    EXPECT_EQ(error_of("1.repeat($this + 1)", some_steps).kind, too_large);
    // Comparing costs what is compared.
    EXPECT_EQ(error_of("descendants().where(%resource = %resource)", few_steps).kind, too_large);
    EXPECT_EQ(error_of("descendants().where(%resource ~ %resource)", few_steps).kind, too_large);
}

TEST(Expression, a_hostile_pattern_takes_linear_time) {
    const auto start = std::chrono::steady_clock::now();
    const auto text = "'" + repeated("a", 30'000) + "b'.matches('^(a+)+$')";
    EXPECT_EQ(evaluated(text, patient()), "false");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace vigil::fhir::path
