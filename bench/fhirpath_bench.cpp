// FHIRPath as it is used: what a stored Observation is indexed by, and the invariants of a Patient.

#include <benchmark/benchmark.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fhir/path/expression.hpp"

namespace vigil::fhir::path {
namespace {

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

std::string example(const std::string& name) {
    std::ifstream file(VIGIL_SHARED_DIR "/data/fhir/examples-r4/" + name + ".json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<Item> by_type(std::string_view reference) {
    const auto* type = definitions().type(reference.substr(0, reference.find('/')));
    return type == nullptr ? std::nullopt : std::optional(Item(*type, {}));
}

void observation_search_parameters(benchmark::State& state) {
    const auto text = example("Observation-example");
    JsonDocument json;
    const auto root = json.parse(text);
    if (!root) return state.SkipWithError("no shared/data/fhir/examples-r4");
    std::vector<Expression> expressions;
    for (const auto* parameter : definitions().search_parameters("Observation"))
        if (!parameter->expression.empty())
            expressions.push_back(*Expression::parse(parameter->expression));
    const Item resource(*definitions().type("Observation"), *root);
    const Environment environment{.definitions = &definitions(), .resolve = by_type};
    for (auto _ : state)
        for (const auto& expression : expressions)
            benchmark::DoNotOptimize(expression.evaluate(resource, environment));
    state.counters["expressions"] = static_cast<double>(expressions.size());
}
BENCHMARK(observation_search_parameters);

struct Judged {
    Expression expression;
    Item item;
};

// Constraints of the item and all below it, each with what it is judged on.
void collect(const Item& item, const Element* element, std::vector<Judged>& out) {
    const auto add = [&](const std::vector<const Constraint*>& constraints) {
        for (const auto* constraint : constraints)
            out.push_back({*Expression::parse(constraint->expression), item});
    };
    for (const auto* type = item.type(); type != nullptr; type = type->base) add(type->constraints);
    if (element != nullptr) add(element->constraints);
    const auto json = item.json();
    if (!json.is(JsonKind::object)) return;
    for (auto member = json.begin(); member != json.end(); ++member) {
        const auto property = item.type()->property(member.key());
        if (property.element == nullptr || property.use->type->kind == TypeKind::resource) continue;
        const auto one = [&](JsonValue value) {
            if (!value.is(JsonKind::null))
                collect(Item(*property.use->type, value), property.element, out);
        };
        if ((*member).is(JsonKind::array))
            for (const auto value : *member) one(value);
        else
            one(*member);
    }
}

void patient_invariants(benchmark::State& state) {
    const auto text = example("Patient-example");
    JsonDocument json;
    const auto root = json.parse(text);
    if (!root) return state.SkipWithError("no shared/data/fhir/examples-r4");
    const Item resource(*definitions().type("Patient"), *root);
    std::vector<Judged> judged;
    collect(resource, nullptr, judged);
    const Environment environment{
        .definitions = &definitions(), .resource = resource, .root_resource = resource};
    for (auto _ : state)
        for (const auto& [expression, item] : judged)
            benchmark::DoNotOptimize(expression.holds(item, environment));
    state.counters["constraints"] = static_cast<double>(judged.size());
}
BENCHMARK(patient_invariants);

void parse(benchmark::State& state) {
    constexpr std::string_view text =
        "name.where(use = 'official' and period.end.empty()).given.first() & ' ' & name[0].family";
    for (auto _ : state) benchmark::DoNotOptimize(Expression::parse(text));
}
BENCHMARK(parse);

}  // namespace
}  // namespace vigil::fhir::path
