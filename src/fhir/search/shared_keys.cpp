#include <algorithm>
#include <map>

#include "fhir/search/parameters.hpp"

namespace vigil::fhir {
namespace {

// "Observation.subject.where(resolve() is Patient)" are some of "Observation.subject".
std::string_view without_restriction(std::string_view path) {
    return path.substr(0, path.find(".where(resolve() is "));
}

struct Paths {
    const IndexedParameter* parameter = nullptr;
    std::string expression;
    std::vector<std::string_view> alternatives;  // of it

    bool covers(const Paths& other) const {
        return std::ranges::all_of(other.alternatives, [&](std::string_view path) {
            return std::ranges::any_of(alternatives, [&](std::string_view mine) {
                return mine == path || (parameter->type == SearchType::reference &&
                                        mine == without_restriction(path));
            });
        });
    }
};

// Whether the keys of one stand under the other: never both ways.
bool stands_under(const Paths& one, const Paths& other) {
    if (one.parameter == other.parameter || one.parameter->type != other.parameter->type ||
        one.parameter->codes != other.parameter->codes || !other.covers(one))
        return false;
    if (one.covers(other)) return other.parameter->code < one.parameter->code;
    return one.parameter->type != SearchType::token && one.parameter->type != SearchType::string;
}

}  // namespace

std::vector<store::SharedKeys> shared_keys(const SearchParameters& parameters) {
    std::vector<store::SharedKeys> shared;
    const auto& definitions = parameters.definitions();
    for (const auto* type : definitions.resource_types()) {
        std::vector<Paths> all;
        for (const auto& each : parameters.of(type->name))
            if (each.expression && each.components.empty())
                all.push_back({.parameter = &each,
                               .expression = expression_for(type->name, each.definition->expression,
                                                            definitions),
                               .alternatives = {}});
        for (auto& each : all) each.alternatives = alternatives(each.expression);

        std::map<std::string_view, std::string_view> under;
        for (const auto& one : all)
            for (const auto& other : all)
                if (stands_under(one, other)) {
                    under.emplace(one.parameter->code, other.parameter->code);
                    break;
                }
        const auto last = [&](std::string_view code) {
            for (auto next = under.find(code); next != under.end(); next = under.find(code))
                code = next->second;
            return std::string(code);
        };
        for (const auto& [code, next] : under)
            shared.push_back({std::string(type->name), std::string(code), last(next)});
        for (const auto& composite : parameters.of(type->name))
            for (const auto& part : composite.components) {
                const auto* whole = parameters.find(type->name, part.code);
                if (whole == nullptr || whole->type != part.type || whole->codes != nullptr)
                    continue;
                shared.push_back({std::string(type->name), part.row, last(part.code)});
            }
    }
    return shared;
}

std::vector<store::PairedKeys> paired_keys(const SearchParameters& parameters) {
    std::vector<store::PairedKeys> paired;
    for (const auto* type : parameters.definitions().resource_types()) {
        const auto* code = parameters.find(type->name, "code");
        const auto* date = parameters.find(type->name, "date");
        if (code != nullptr && date != nullptr && code->type == SearchType::token &&
            date->type == SearchType::date)
            paired.push_back({std::string(type->name), code->code, date->code});
    }
    return paired;
}

}  // namespace vigil::fhir
