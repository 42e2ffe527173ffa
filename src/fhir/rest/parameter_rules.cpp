#include "fhir/rest/parameter_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/search/parameter_definition.hpp"

namespace vigil::fhir {
namespace {

constexpr std::array general = {"Resource", "DomainResource"};

store::Condition has_code(std::string_view parameter, std::string_view code) {
    return {store::TokenMatch{std::string(parameter), {}, std::string(code)}};
}

// Of a type of these, or of all.
store::Condition concerns(JsonValue bases) {
    store::AnyOf any;
    for (const auto base : bases) {
        if (std::ranges::find(general, base.string()) != general.end()) return {store::AllOf{}};
        any.conditions.push_back(has_code("base", base.string()));
    }
    for (const auto* base : general) any.conditions.push_back(has_code("base", base));
    return {std::move(any)};
}

}  // namespace

Answer<void> check_definition(JsonValue search_parameter, const RestContext& context) {
    auto issues = definition_issues(search_parameter, context.parameters);
    if (issues.empty()) return {};
    return as_refusal(Problem{.status = 422, .issues = std::move(issues)});
}

Answer<void> check_code_is_free(JsonValue search_parameter, std::string_view id,
                                store::RecordReader& reader) {
    if (!is_in_force(search_parameter)) return {};
    store::AllOf others{
        {has_code("code", search_parameter["code"].string()),
         {store::NoneOf{{{store::IdMatch{std::string(id)}}}}},
         {store::AnyOf{{has_code("status", "active"), has_code("status", "draft")}}},
         concerns(search_parameter["base"])}};
    FHIR_TRY(page, reader.search({.type = "SearchParameter",
                                  .where = {std::move(others)},
                                  .sort = {},
                                  .after = {},
                                  .count_max = 1}));
    if (page.records.empty()) return {};
    return refuse(
        422, "duplicate",
        fmt::format("SearchParameter/{} has this code: choose another, or change that one",
                    page.records.front().id),
        "SearchParameter.code");
}

}  // namespace vigil::fhir
