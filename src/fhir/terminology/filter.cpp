#include "fhir/terminology/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "fhir/path/pattern.hpp"

namespace vigil::fhir::terminology {
namespace {

using Wanted = std::vector<bool>;

tl::unexpected<Problem> cannot(const CodeSystem& system, JsonValue filter, std::string_view why) {
    return refuse(
        422, "not-supported",
        fmt::format("the filter {} {} {} on {} cannot be answered: {}",
                    filter["property"].string().substr(0, 64), filter["op"].string().substr(0, 64),
                    filter["value"].string().substr(0, 64), system.url, why));
}

// property[x] of CodeSystem.concept.
std::string value_text(JsonValue property) {
    for (auto member = property.begin(); member != property.end(); ++member)
        if (member.key().starts_with("value"))
            return std::string(member.key() == "valueCoding" ? (*member)["code"].string()
                                                             : (*member).text());
    return {};
}

std::vector<std::string> codes_of(const CodeSystem& system,
                                  const std::vector<std::uint32_t>& numbers) {
    std::vector<std::string> codes;
    codes.reserve(numbers.size());
    for (const auto number : numbers) codes.emplace_back(system.concepts()[number].code);
    return codes;
}

// "a, b,c"
std::vector<std::string> listed(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        auto one = text.substr(start, end - start);
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        out.emplace_back(one);
        start = end + 1;
    }
    return out;
}

// is-a, descendent-of, is-not-a, generalizes; nothing: another operator.
Answer<std::optional<Wanted>> by_hierarchy(const CodeSystem& system, JsonValue filter) {
    const auto op = filter["op"].string(), property = filter["property"].string();
    const bool below = op == "is-a" || op == "descendent-of" || op == "is-not-a";
    if (!below && op != "generalizes") return std::optional<Wanted>();
    if (property != "concept" && property != "code")
        return cannot(system, filter, "it asks for the hierarchy of concepts by another property");
    if (!system.hierarchy_subsumes())
        return cannot(system, filter, fmt::format("its hierarchy is {}", system.hierarchy_meaning));
    const auto* root = system.find(filter["value"].string());
    if (root == nullptr) return cannot(system, filter, "the code system has no such code");
    auto wanted = below ? system.at_or_below(*root) : system.at_or_above(*root);
    if (op == "descendent-of") wanted[system.number(*root)] = false;
    if (op == "is-not-a") wanted.flip();
    return std::optional(std::move(wanted));
}

using Holds = std::function<bool(const std::vector<std::string>&)>;

Answer<Holds> test_of(const CodeSystem& system, JsonValue filter) {
    const auto op = filter["op"].string();
    const std::string value(filter["value"].string());
    if (op == "exists") {
        if (value != "true" && value != "false")
            return cannot(system, filter, "exists takes true or false");
        return Holds([wanted = value == "true"](const auto& has) { return has.empty() != wanted; });
    }
    if (op == "=")
        return Holds(
            [value](const auto& has) { return std::ranges::find(has, value) != has.end(); });
    if (op == "in" || op == "not-in")
        return Holds([values = listed(value), wanted = op == "in"](const auto& has) {
            return std::ranges::any_of(has, [&](const std::string& one) {
                       return std::ranges::find(values, one) != values.end();
                   }) == wanted;
        });
    if (op == "regex") {
        // The whole value, as the specification's own value sets mean it ("[A-Z]{3}" of ISO 3166).
        auto pattern = path::Pattern::compile(value);
        if (!pattern) return cannot(system, filter, pattern.error().message);
        return Holds([pattern = std::move(*pattern)](const auto& has) {
            return std::ranges::any_of(
                has, [&](const std::string& one) { return pattern.matches_whole(one); });
        });
    }
    return cannot(system, filter, "the operator is not known");
}

}  // namespace

std::vector<std::string> property_values(const CodeSystem& system, const Concept& of,
                                         std::string_view property) {
    const auto text = [](std::string_view value) {
        return value.empty() ? std::vector<std::string>()
                             : std::vector<std::string>{std::string(value)};
    };
    if (property == "code" || property == "concept") return text(of.code);
    if (property == "display") return text(of.display);
    if (property == "definition") return text(of.json["definition"].string());
    if (property == "status") return text(of.status);
    // Both are false where nothing is said (R4 4.8.14, concept properties).
    if (property == "inactive") return text(of.is_inactive ? "true" : "false");
    if (property == "notSelectable") return text(of.is_abstract ? "true" : "false");
    if (property == "parent") return codes_of(system, of.parents);
    if (property == "child") return codes_of(system, of.children);
    std::vector<std::string> values;
    for (const auto one : of.json["property"])
        if (one["code"].string() == property) values.push_back(value_text(one));
    return values;
}

Answer<std::vector<bool>> select(const CodeSystem& system, JsonValue filters, Budget& budget) {
    const auto concepts = system.concepts();
    Wanted wanted(concepts.size(), true);
    if (filters.size() > filters_max)
        return refuse(422, "too-costly", "an include of the value set has too many filters");
    for (const auto filter : filters) {
        // A filter is made ready, then values are gathered and compared.
        constexpr std::size_t steps_once = 1'000, steps_each = 4;
        FHIR_CHECK(budget.spend(steps_once + steps_each * concepts.size()));
        FHIR_TRY(related, by_hierarchy(system, filter));
        if (related) {
            for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] && (*related)[i];
            continue;
        }
        const auto property = filter["property"].string();
        if (!system.has_property(property))
            return cannot(system, filter, "the code system declares no such property");
        FHIR_TRY(holds, test_of(system, filter));
        for (std::size_t i = 0; i < wanted.size(); ++i)
            wanted[i] = wanted[i] && holds(property_values(system, concepts[i], property));
    }
    return wanted;
}

}  // namespace vigil::fhir::terminology
