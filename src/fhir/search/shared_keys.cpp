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

std::vector<Paths> paths_of(std::string_view type, const SearchParameters& parameters) {
    std::vector<Paths> all;
    for (const auto& each : parameters.of(type))
        if (each.expression && each.components.empty())
            all.push_back({.parameter = &each,
                           .expression = expression_for(type, each.definition->expression,
                                                        parameters.definitions()),
                           .alternatives = {}});
    for (auto& each : all) each.alternatives = alternatives(each.expression);
    return all;
}

using Under = std::map<std::string_view, std::string_view>;

Under under_each_other(const std::vector<Paths>& all) {
    Under under;
    for (const auto& one : all) {
        const auto other =
            std::ranges::find_if(all, [&](const Paths& each) { return stands_under(one, each); });
        if (other != all.end()) under.emplace(one.parameter->code, other->parameter->code);
    }
    return under;
}

std::string last(const Under& under, std::string_view code) {
    for (auto next = under.find(code); next != under.end(); next = under.find(code))
        code = next->second;
    return std::string(code);
}

void append_parts(const std::string& type, const IndexedParameter& composite,
                  const SearchParameters& parameters, const Under& under,
                  std::vector<store::SharedKeys>& shared) {
    for (const auto& part : composite.components) {
        const auto* whole = parameters.find(type, part.code);
        const bool same = whole != nullptr && whole->type == part.type && whole->codes == nullptr;
        if (same) shared.push_back({type, part.row, last(under, part.code)});
    }
}

}  // namespace

std::vector<store::SharedKeys> shared_keys(const SearchParameters& parameters) {
    std::vector<store::SharedKeys> shared;
    for (const auto* each : parameters.definitions().resource_types()) {
        const std::string type(each->name);
        const auto all = paths_of(type, parameters);
        const auto under = under_each_other(all);
        for (const auto& [code, next] : under)
            shared.push_back({type, std::string(code), last(under, next)});
        for (const auto& composite : parameters.of(type))
            append_parts(type, composite, parameters, under, shared);
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
