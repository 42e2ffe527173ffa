// The kick-off of Bulk Data Access 2.0, "Query Parameters".
#include "fhir/bulk/export_request.hpp"

#include <gmock/gmock.h>

#include "fhir/bulk/no_records.hpp"

namespace vigil::fhir {
namespace {

using ::testing::ElementsAre;

struct Fixed {
    Definitions definitions;
    SearchParameters parameters{definitions};
    RestContext context{.definitions = definitions,
                        .parameters = parameters,
                        .base = "https://vigil.example/fhir",
                        .limits = {},
                        .now = [] { return Timestamp(); },
                        .new_id = [] { return std::string("id"); },
                        .validate = {}};
};

const RestContext& context() {
    static const Fixed all;
    return all.context;
}

Answer<ExportRequest> read(std::string_view url, bool lenient = false, std::string body = {}) {
    Request request;
    static_cast<void>(read_url(url, request));
    request.method = body.empty() ? "GET" : "POST";
    request.asynchronous = true;
    request.body = std::move(body);
    NoRecords records;
    return read_export_request(request, lenient, records, context());
}

std::string code_of(const Answer<ExportRequest>& answer) {
    return answer ? "none" : std::string(answer.error().issues.front().code);
}

TEST(ExportRequest, says_its_level_and_what_may_be_in_it) {
    EXPECT_EQ(read("$export")->level, ExportRequest::Level::system);
    const auto of_patients = read("Patient/$export");
    EXPECT_EQ(of_patients->level, ExportRequest::Level::patient);
    EXPECT_THAT(of_patients->types, ::testing::Not(::testing::Contains("Practitioner")));
    EXPECT_THAT(read("$export")->types, ::testing::Contains("Practitioner"));
    EXPECT_EQ(read("Group/g1/$export")->group, "g1");
    EXPECT_EQ(code_of(read("Practitioner/$export")), "not-supported");
}

TEST(ExportRequest, a_type_is_once_and_filters_of_one_are_alternatives) {
    const auto got = read(
        "$export?_type=Patient,Observation&_type=Patient"
        "&_typeFilter=Observation%3Fcode%3Da,b,Observation%3Fstatus%3Dfinal");
    ASSERT_TRUE(got);
    EXPECT_THAT(got->types, ElementsAre("Patient", "Observation"));
    EXPECT_EQ(std::get<store::AnyOf>(got->filters.at("Observation").is).conditions.size(), 2U);
    EXPECT_FALSE(got->filters.contains("Patient"));
}

TEST(ExportRequest, elements_are_of_all_types_or_of_one) {
    const auto got = read("$export?_type=Patient&_elements=id,Patient.name,Condition.code");
    ASSERT_TRUE(got);
    EXPECT_THAT(elements_of(*got, "Patient"), ElementsAre("id", "Patient.name"));
    EXPECT_THAT(elements_of(*got, "Condition"), ElementsAre("id", "Condition.code"));
}

TEST(ExportRequest, patients_are_named_in_parameters_alone) {
    const std::string body =
        R"({"resourceType":"Parameters","parameter":[
            {"name":"patient","valueReference":{"reference":"Patient/b"}},
            {"name":"patient","valueReference":{"reference":"https://vigil.example/fhir/Patient/a"}},
            {"name":"patient","valueReference":{"reference":"Patient/b"}},
            {"name":"_since","valueInstant":"2026-01-01T00:00:00+01:00"}]})";
    const auto got = read("Patient/$export", false, body);
    ASSERT_TRUE(got);
    EXPECT_THAT(got->patients, ElementsAre("b", "a"));
    EXPECT_EQ(got->since, parse_rfc3339("2025-12-31T23:00:00Z")->instant);
    EXPECT_EQ(code_of(read("$export", false, body)), "not-supported");
    EXPECT_EQ(code_of(read("Patient/$export?patient=Patient/b")), "not-supported");
}

TEST(ExportRequest, what_is_wrong_is_refused_and_left_out_only_where_the_client_is_lenient) {
    for (const auto* url : {"$export?_type=Patience", "$export?_since=yesterday",
                            "$export?_outputFormat=text/csv", "Patient/$export?_type=Practitioner",
                            "$export?_type=Patient&_typeFilter=Condition%3Fcode%3D1",
                            "$export?_typeFilter=Patient%3F_sort%3Dname"})
        EXPECT_EQ(code_of(read(url)), "value") << url;
    EXPECT_EQ(code_of(read("$export?colour=red")), "not-supported");
    EXPECT_EQ(code_of(read("$export?colour=red&_type=Patience", true)), "none");
    EXPECT_EQ(code_of(read("$export", false, R"({"resourceType":"Patient"})")), "structure");
}

}  // namespace
}  // namespace vigil::fhir
