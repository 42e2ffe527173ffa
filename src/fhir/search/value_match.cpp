#include "fhir/search/value_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "fhir/resource/date.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/folding.hpp"
#include "fhir/search/index_rows.hpp"
#include "fhir/search/number.hpp"

namespace vigil::fhir {
namespace {

using store::Comparison;
using store::Condition;

Condition condition(decltype(Condition::is) is) {
    return Condition{std::move(is)};
}

tl::unexpected<Problem> no_modifier(const ValueContext& context) {
    return refuse(400, "value",
                  fmt::format("the modifier :{} means nothing for {}, a {} parameter",
                              context.modifier, context.parameter.code,
                              context.type == SearchType::token ? "token" : "search"));
}

tl::unexpected<Problem> no_value(const ValueContext& context, std::string_view wanted) {
    return refuse(400, "value", fmt::format("{} takes {}", context.parameter.code, wanted));
}

// "ge2024" is >= and "2024".
Comparison cut_prefix(std::string_view& value) {
    struct Prefix {
        std::string_view text;
        Comparison comparison;
    };
    constexpr std::array prefixes = {
        Prefix{"eq", Comparison::equal},        Prefix{"ne", Comparison::not_equal},
        Prefix{"lt", Comparison::less},         Prefix{"le", Comparison::less_equal},
        Prefix{"gt", Comparison::greater},      Prefix{"ge", Comparison::greater_equal},
        Prefix{"sa", Comparison::starts_after}, Prefix{"eb", Comparison::ends_before},
        Prefix{"ap", Comparison::overlaps}};
    for (const auto& prefix : prefixes)
        if (value.starts_with(prefix.text)) {
            value.remove_prefix(prefix.text.size());
            return prefix.comparison;
        }
    return Comparison::equal;
}

Answer<store::DateValue> date_span(std::string_view text, Comparison comparison, Timestamp now) {
    auto span = read_date(text);
    if (!span) {
        auto problem = problem_of(span.error());
        problem.issues.front().code = "value";
        return as_refusal(std::move(problem));
    }
    if (comparison != Comparison::overlaps) return store::DateValue{span->start, span->end};
    // Approximately: within a tenth of how far away it is (3.1.1.4.6).
    const auto away = now > span->start ? now - span->start : span->start - now;
    return store::DateValue{span->start - away / 10, span->end + away / 10};
}

Answer<Condition> match_date(std::string_view value, const ValueContext& context) {
    if (!context.modifier.empty()) return no_modifier(context);
    const auto comparison = cut_prefix(value);
    FHIR_TRY(span, date_span(value, comparison, context.search.now));
    if (context.parameter.code == "_lastUpdated")
        return condition(store::UpdatedMatch{comparison, span});
    return condition(store::DateMatch{context.row, comparison, span});
}

Answer<store::NumberMatch> number_match(std::string_view text, const ValueContext& context) {
    store::NumberMatch match;
    match.parameter = context.row;
    match.comparison = cut_prefix(text);
    const auto number = read_number(text);
    if (!number) return no_value(context, "a number, such as 5.4 or ge100");
    const bool as_range =
        match.comparison == Comparison::equal || match.comparison == Comparison::not_equal;
    match.value.low = as_range ? number->low : number->exact;
    match.value.high = as_range ? number->high : number->exact;
    if (match.comparison == Comparison::overlaps) {  // within a tenth (3.1.1.4.5)
        const auto tenth = std::abs(number->exact) / 10;
        match.value.low = number->exact - tenth;
        match.value.high = number->exact + tenth;
    }
    return match;
}

Answer<Condition> match_number(std::string_view value, const ValueContext& context) {
    if (!context.modifier.empty()) return no_modifier(context);
    FHIR_TRY(match, number_match(value, context));
    return condition(std::move(match));
}

// [prefix][number], [prefix][number]|[system]|[code] or [prefix][number]||[code].
Answer<Condition> match_quantity(std::string_view value, const ValueContext& context) {
    if (!context.modifier.empty()) return no_modifier(context);
    const auto parts = split_escaped(value, '|');
    if (parts.size() > 3) return no_value(context, "number|system|code");
    FHIR_TRY(match, number_match(unescaped(parts.front()), context));
    const auto system = parts.size() > 1 ? unescaped(parts[1]) : std::string();
    const auto code = parts.size() > 2 ? unescaped(parts[2]) : std::string();
    if (!code.empty()) {
        const auto canonical = canonical_quantity(
            system.empty() ? "http://unitsofmeasure.org" : std::string_view(system), code);
        match.value = {canonical.unit, canonical(match.value.low), canonical(match.value.high)};
    }
    return condition(std::move(match));
}

Answer<Condition> match_string(std::string_view value, const ValueContext& context) {
    using How = store::StringMatch::How;
    const auto text = unescaped(value);
    if (text.empty()) return no_value(context, "some text");
    if (context.modifier == "exact")
        return condition(store::StringMatch{context.row, How::exact, text});
    if (context.modifier == "contains")
        return condition(store::StringMatch{context.row, How::contains, folded(text)});
    if (!context.modifier.empty()) return no_modifier(context);
    return condition(store::StringMatch{context.row, How::starts_with, folded(text)});
}

Condition any_code(std::vector<store::TokenValue> codes, const ValueContext& context) {
    store::AnyOf any;
    for (auto& code : codes)
        any.conditions.push_back(condition(
            store::TokenMatch{context.row, std::move(code.system), std::move(code.code)}));
    return condition(std::move(any));
}

Answer<Condition> match_value_set(std::string_view url, const ValueContext& context) {
    if (!context.search.expand) return no_modifier(context);
    FHIR_TRY(codes, context.search.expand(url));
    return any_code(std::move(codes), context);
}

// [code], [system]|[code], |[code] or [system]|.
Answer<store::TokenMatch> token_match(std::string_view value, std::string row,
                                      const ValueContext& context) {
    const auto parts = split_escaped(value, '|');
    store::TokenMatch match{.parameter = std::move(row), .system = {}, .code = {}};
    if (parts.size() == 1) {
        match.code = unescaped(parts[0]);
        if (match.code->empty()) return no_value(context, "code or system|code");
        return match;
    }
    if (parts.size() > 2) return no_value(context, "code or system|code");
    match.system = unescaped(parts[0]);
    if (!parts[1].empty()) match.code = unescaped(parts[1]);
    if (match.system->empty() && !match.code) return no_value(context, "code or system|code");
    return match;
}

// system|code: by the hierarchy of its code system (3.1.1.4.10, :above and :below).
Answer<Condition> match_hierarchy(std::string_view value, const ValueContext& context) {
    if (!context.search.related) return no_modifier(context);
    FHIR_TRY(match, token_match(value, context.row, context));
    if (!match.system || match.system->empty() || !match.code)
        return no_value(context, "system|code with :above and :below");
    FHIR_TRY(codes, context.search.related({std::move(*match.system), std::move(*match.code)},
                                           context.modifier == "below"));
    return any_code(std::move(codes), context);
}

Answer<Condition> match_of_type(std::string_view value, const ValueContext& context) {
    const auto parts = split_escaped(value, '|');
    if (parts.size() != 3) return no_value(context, "system|code|value with :of-type");
    return condition(store::TokenMatch{context.row + ":of-type", unescaped(parts[0]),
                                       of_type_code(unescaped(parts[1]), unescaped(parts[2]))});
}

Answer<Condition> match_token(std::string_view value, const ValueContext& context) {
    if (context.parameter.code == "_id") {
        if (!context.modifier.empty() && context.modifier != "not") return no_modifier(context);
        return condition(store::IdMatch{unescaped(value)});
    }
    if (context.modifier == "text")
        return condition(store::StringMatch{
            context.row + ":text", store::StringMatch::How::contains, folded(unescaped(value))});
    if (context.modifier == "in" || context.modifier == "not-in")
        return match_value_set(unescaped(value), context);
    if (context.modifier == "above" || context.modifier == "below")
        return match_hierarchy(value, context);
    if (context.modifier == "of-type") return match_of_type(value, context);
    if (!context.modifier.empty() && context.modifier != "not") return no_modifier(context);
    FHIR_TRY(match, token_match(value, context.row, context));
    return condition(std::move(match));
}

Answer<Condition> match_uri(std::string_view value, const ValueContext& context) {
    using How = store::UriMatch::How;
    const auto uri = unescaped(value);
    if (context.modifier == "below")
        return condition(store::UriMatch{context.row, How::below, uri});
    if (context.modifier == "above")
        return condition(store::UriMatch{context.row, How::above, uri});
    if (!context.modifier.empty()) return no_modifier(context);
    return condition(store::UriMatch{context.row, How::equal, uri});
}

Answer<Condition> match_reference(std::string_view value, const ValueContext& context) {
    if (context.modifier == "identifier") {
        FHIR_TRY(match, token_match(value, context.row + ":identifier", context));
        return condition(std::move(match));
    }
    const auto& definitions = context.search.parameters.definitions();
    if (!context.modifier.empty() && !definitions.is_resource_type(context.modifier))
        return no_modifier(context);
    const auto text = unescaped(value);
    if (text.empty()) return no_value(context, "an id, Type/id or URL");
    const auto read = read_reference(text, context.search.base, definitions);
    store::ReferenceMatch match{.parameter = context.row, .to = {}};
    if (!read.id.empty()) {
        if (!context.modifier.empty() && read.type != context.modifier)
            return refuse(
                400, "value",
                fmt::format("{}:{} cannot be {}", context.parameter.code, context.modifier, text));
        match.to.type = read.type;
        match.to.id = read.id;
    } else if (is_id(text)) {
        match.to.type = context.modifier;
        match.to.id = text;
        const auto& targets = context.parameter.definition->targets;
        if (match.to.type.empty() && targets.size() == 1) match.to.type = targets.front();
    } else {
        match.to.url = text;
    }
    return condition(std::move(match));
}

// value$value: parts in the order of the definition.
Answer<Condition> match_composite(std::string_view value, const ValueContext& context) {
    if (!context.modifier.empty()) return no_modifier(context);
    const auto parts = split_escaped(value, '$');
    const auto& components = context.parameter.components;
    if (parts.size() != components.size())
        return no_value(context, fmt::format("{} values separated by $", components.size()));
    store::Together together;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        FHIR_TRY(part, match_value(parts[i], {.search = context.search,
                                              .parameter = context.parameter,
                                              .row = components[i].row,
                                              .type = components[i].type,
                                              .modifier = {}}));
        together.conditions.push_back(std::move(part));
    }
    return condition(std::move(together));
}

// What lies there is looked up first: the index knows boxes, not circles.
Answer<Condition> match_special(std::string_view value, const ValueContext& context) {
    if (!context.modifier.empty()) return no_modifier(context);
    if (context.parameter.code != "near" || !context.search.nearby)
        return refuse(501, "not-supported",
                      fmt::format("{} is not searched by here", context.parameter.code));
    FHIR_TRY(area, read_near(value));
    FHIR_TRY(ids, context.search.nearby(area));
    store::AnyOf any;
    for (auto& id : ids) any.conditions.push_back(condition(store::IdMatch{std::move(id)}));
    return condition(std::move(any));
}

}  // namespace

Answer<Condition> match_value(std::string_view value, const ValueContext& context) {
    switch (context.type) {
        case SearchType::token:
            return match_token(value, context);
        case SearchType::date:
            return match_date(value, context);
        case SearchType::number:
            return match_number(value, context);
        case SearchType::quantity:
            return match_quantity(value, context);
        case SearchType::string:
            return match_string(value, context);
        case SearchType::uri:
            return match_uri(value, context);
        case SearchType::reference:
            return match_reference(value, context);
        case SearchType::composite:
            return match_composite(value, context);
        case SearchType::special:
            break;
    }
    return match_special(value, context);
}

}  // namespace vigil::fhir
