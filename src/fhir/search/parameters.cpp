#include "fhir/search/parameters.hpp"

#include <algorithm>
#include <cassert>

namespace vigil::fhir {
namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

// The type that a path begins with: "(Observation.value as Quantity)" is of Observation.
std::string_view first_name(std::string_view path) {
    while (path.starts_with('(')) path = trimmed(path.substr(1));
    const auto end = path.find_first_of(".() |");
    return path.substr(0, end);
}

// The codes of "Patient.gender": of a plain path to a `code`.
const ValueSet* codes_of(std::string_view expression, const Definitions& definitions) {
    const Type* type = definitions.type(first_name(expression));
    auto rest = expression.substr(std::min(expression.size(), first_name(expression).size()));
    const Element* element = nullptr;
    while (type != nullptr && rest.starts_with('.')) {
        rest.remove_prefix(1);
        const auto name = rest.substr(0, rest.find('.'));
        rest.remove_prefix(name.size());
        element = type->element(name);
        if (element == nullptr || element->types.size() != 1) return nullptr;
        type = element->types.front().type;
    }
    if (!rest.empty() || element == nullptr || type == nullptr || type->name != "code")
        return nullptr;
    return element->value_set;
}

std::optional<ElementSet> elements_of(const Type& type, const path::Expression& expression) {
    const auto names = expression.leading_elements();
    if (!names) return std::nullopt;
    ElementSet set;
    for (const auto name : *names)
        if (const auto* element = type.element(name)) set.add(type, *element);
    return set;
}

}  // namespace

std::vector<std::string_view> alternatives(std::string_view expression) {
    std::vector<std::string_view> parts;
    int depth = 0;
    bool quoted = false;
    std::size_t start = 0;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        if (c == '\'') quoted = !quoted;
        if (quoted) continue;
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c != '|' || depth != 0) continue;
        parts.push_back(trimmed(expression.substr(start, at - start)));
        start = at + 1;
    }
    parts.push_back(trimmed(expression.substr(start)));
    return parts;
}

std::string expression_for(std::string_view type, std::string_view expression,
                           const Definitions& definitions) {
    std::string own;
    for (const auto part : alternatives(expression)) {
        const auto base = first_name(part);
        const bool concerns = base == type || base == "Resource" || base == "DomainResource" ||
                              definitions.type(base) == nullptr;
        if (!concerns) continue;
        if (!own.empty()) own += " | ";
        own += part;
    }
    return own;
}

SearchParameters::SearchParameters(const Definitions& definitions,
                                   std::vector<CustomParameter> custom)
    : definitions_(definitions), custom_(std::move(custom)) {
    for (const auto* type : definitions.resource_types())
        of_type_.emplace(type->name, compile(type->name));
}

std::vector<IndexedParameter> SearchParameters::compile(std::string_view type) const {
    std::vector<IndexedParameter> compiled;
    for (const auto* definition : definitions_.search_parameters(type))
        if (auto parameter = compile(type, *definition)) compiled.push_back(std::move(*parameter));
    const auto* of_type = definitions_.type(type);
    for (const auto& custom : custom_) {
        const auto& definition = *custom.definition;
        const bool concerns = std::ranges::any_of(definition.bases, [&](const std::string& base) {
            return of_type->is_or_derives_from(base);
        });
        const bool taken =
            std::ranges::find(compiled, definition.code, &IndexedParameter::code) != compiled.end();
        if (!concerns || taken) continue;
        auto parameter = compile(type, definition);
        if (!parameter || !parameter->expression) continue;
        parameter->custom_id = custom.id;
        parameter->is_ready = custom.is_ready;
        compiled.push_back(std::move(*parameter));
    }
    std::ranges::sort(compiled, {}, &IndexedParameter::code);
    return compiled;
}

std::optional<IndexedParameter> SearchParameters::compile(std::string_view type,
                                                          const SearchParameter& definition) const {
    IndexedParameter out{.code = definition.code,
                         .type = definition.type,
                         .definition = &definition,
                         .expression = {},
                         .components = {}};
    // What the store keeps beside its index.
    if (definition.code == "_id" || definition.code == "_lastUpdated") return out;
    const auto own = expression_for(type, definition.expression, definitions_);
    if (own.empty()) return out;
    auto expression = path::Expression::parse(own);
    if (!expression) return std::nullopt;  // the tests hold that HL7's all parse
    out.expression = std::move(*expression);
    out.found_in = elements_of(*definitions_.type(type), *out.expression);
    out.codes = codes_of(own, definitions_);
    for (const auto& component : definition.components) {
        const auto* meant = by_url(component.definition);
        auto part = path::Expression::parse(component.expression);
        if (meant == nullptr || !part) return std::nullopt;
        out.components.push_back(
            {.row = definition.code + "$" + std::to_string(out.components.size() + 1),
             .code = meant->code,
             .type = meant->type,
             .expression = std::move(*part)});
    }
    return out;
}

const std::vector<IndexedParameter>& SearchParameters::of(std::string_view type) const {
    static const std::vector<IndexedParameter> none;
    const auto found = of_type_.find(type);
    return found == of_type_.end() ? none : found->second;
}

const IndexedParameter* SearchParameters::find(std::string_view type, std::string_view code) const {
    const auto& all = of(type);
    const auto found = std::ranges::lower_bound(all, code, {}, &IndexedParameter::code);
    return found != all.end() && found->code == code ? &*found : nullptr;
}

const SearchParameter* SearchParameters::by_url(std::string_view url) const {
    if (const auto* standard = definitions_.search_parameter_by_url(url)) return standard;
    for (const auto& custom : custom_)
        if (custom.definition->url == url) return custom.definition.get();
    return nullptr;
}

}  // namespace vigil::fhir
