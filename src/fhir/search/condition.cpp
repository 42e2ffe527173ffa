// One parameter of a request: modifiers, chains (3.1.1.4.16) and _has (3.1.1.4.17).

#include <fmt/format.h>

#include <algorithm>

#include "fhir/search/request.hpp"
#include "fhir/search/value_match.hpp"

namespace vigil::fhir {
namespace {

using store::Condition;

// One that is not ready finds too few.
Answer<void> check_ready(const IndexedParameter& parameter) {
    if (parameter.is_ready) return {};
    return not_ready(parameter);
}

tl::unexpected<Problem> unknown(std::string_view type, std::string_view name) {
    return refuse(400, "not-supported",
                  fmt::format("{} has no search parameter {}: GET /fhir/metadata lists those there "
                              "are",
                              type, name.substr(0, 64)));
}

class ConditionReader {
public:
    ConditionReader(std::string_view value, const SearchContext& context)
        : value_(value), context_(context) {}

    Answer<Condition> read(std::string_view type, std::string_view name, std::size_t depth) {
        if (++ways_ > context_.limits.ways_max)
            return refuse(400, "too-costly",
                          "the chain may lead too many ways: name the types it goes by, as in "
                          "subject:Patient.name");
        if (depth > context_.limits.chain_max)
            return refuse(400, "too-costly",
                          fmt::format("a chain may lead over {} references at most",
                                      context_.limits.chain_max));
        if (name.starts_with("_has:")) return reverse_chain(name.substr(5), depth);
        const auto dot = name.find('.');
        if (dot != std::string_view::npos)
            return chain(type, name.substr(0, dot), name.substr(dot + 1), depth);
        const auto colon = name.find(':');
        const auto code = name.substr(0, colon);
        const auto modifier =
            colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
        if (code == "_text" || code == "_content")
            return Condition{store::TextMatch{code == "_text", std::string(value_)}};
        if (code == "_list") return in_list();
        const auto* parameter = context_.parameters.find(type, code);
        if (parameter == nullptr) return unknown(type, code);
        FHIR_CHECK(check_ready(*parameter));
        if (modifier == "missing") return missing(*parameter);
        return any_value(*parameter, modifier);
    }

private:
    // Values separated by commas: one of them.
    Answer<Condition> any_value(const IndexedParameter& parameter, std::string_view modifier) {
        const auto values = split_escaped(value_, ',');
        if (values.size() > 1 && !parameter.definition->multiple_or)
            return refuse(400, "not-supported",
                          fmt::format("{} takes one value (multipleOr)", parameter.code));
        if (values.size() > context_.limits.values_max)
            return refuse(400, "too-costly",
                          fmt::format("{} has more than {} values", parameter.code,
                                      context_.limits.values_max));
        std::vector<Condition> conditions;
        for (const auto value : values) {
            FHIR_TRY(one, match_value(value, {.search = context_,
                                              .parameter = parameter,
                                              .row = parameter.code,
                                              .type = parameter.type,
                                              .modifier = modifier}));
            conditions.push_back(std::move(one));
        }
        if (modifier == "not" || modifier == "not-in")
            return Condition{store::NoneOf{std::move(conditions)}};
        if (conditions.size() == 1) return std::move(conditions.front());
        return Condition{store::AnyOf{std::move(conditions)}};
    }

    Answer<Condition> missing(const IndexedParameter& parameter) {
        if (value_ != "true" && value_ != "false")
            return refuse(400, "value", parameter.code + ":missing is true or false");
        auto row = parameter.components.empty() ? parameter.code : parameter.components.front().row;
        if (parameter.type == SearchType::special) row = near_latitude_row;
        Condition is_missing{store::Missing{std::move(row)}};
        if (value_ == "true") return is_missing;
        return Condition{store::NoneOf{{std::move(is_missing)}}};
    }

    Answer<Condition> in_list() {
        return Condition{store::ReferredBy{
            "List", "item",
            std::make_shared<const Condition>(Condition{store::IdMatch{std::string(value_)}})}};
    }

    // "subject:Patient" and "name" of subject:Patient.name.
    Answer<Condition> chain(std::string_view type, std::string_view link, std::string_view rest,
                            std::size_t depth) {
        const auto colon = link.find(':');
        const auto code = link.substr(0, colon);
        const auto* parameter = context_.parameters.find(type, code);
        if (parameter == nullptr) return unknown(type, code);
        FHIR_CHECK(check_ready(*parameter));
        if (parameter->type != SearchType::reference)
            return refuse(400, "not-supported",
                          fmt::format("{} refers to nothing: no chain starts there", code));
        std::vector<std::string> targets;
        if (colon != std::string_view::npos)
            targets.emplace_back(link.substr(colon + 1));
        else
            targets = parameter->definition->targets;
        store::AnyOf any;
        std::optional<Problem> problem;
        for (const auto& target : targets) {
            auto there = read(target, rest, depth + 1);
            const bool is_final = !there && (there.error().issues.front().code == "too-costly" ||
                                             there.error().issues.front().code == "transient");
            if (is_final) return as_refusal(std::move(there).error());
            if (!there) {
                // A type that lacks the parameter is no match; one that has it may be.
                problem = std::move(there).error();
                continue;
            }
            any.conditions.push_back(Condition{store::RefersTo{
                std::string(code), target, std::make_shared<const Condition>(std::move(*there))}});
        }
        if (any.conditions.empty()) {
            if (problem) return as_refusal(std::move(*problem));
            return unknown(type, code);
        }
        if (any.conditions.size() == 1) return std::move(any.conditions.front());
        return Condition{std::move(any)};
    }

    // "Observation:patient:code" of _has:Observation:patient:code.
    Answer<Condition> reverse_chain(std::string_view name, std::size_t depth) {
        const auto first = name.find(':');
        const auto second = first == std::string_view::npos ? first : name.find(':', first + 1);
        if (second == std::string_view::npos)
            return refuse(400, "value", "write _has:Type:reference:parameter=value");
        const auto type = name.substr(0, first);
        const auto code = name.substr(first + 1, second - first - 1);
        const auto* link = context_.parameters.find(type, code);
        if (link == nullptr || link->type != SearchType::reference) return unknown(type, code);
        FHIR_CHECK(check_ready(*link));
        FHIR_TRY(there, read(type, name.substr(second + 1), depth + 1));
        return Condition{store::ReferredBy{std::string(type), std::string(code),
                                           std::make_shared<const Condition>(std::move(there))}};
    }

    std::string_view value_;
    const SearchContext& context_;
    std::size_t ways_ = 0;
};

}  // namespace

Answer<Condition> read_condition(std::string_view type, std::string_view name,
                                 std::string_view value, const SearchContext& context) {
    return ConditionReader(value, context).read(type, name, 0);
}

}  // namespace vigil::fhir
