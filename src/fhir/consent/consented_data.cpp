#include "fhir/consent/consented_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/fhirjson/terminology.hpp"
#include "identity/sensitive_labels.hpp"

namespace vigil::fhir {
namespace {

using store::AllOf;
using store::AnyOf;
using store::Condition;

using codec::fhirjson::terminology::loinc;

Condition all() {
    return {AllOf{}};
}
Condition none() {
    return {AnyOf{}};
}

Condition has_code(std::string_view parameter, const std::vector<ConsentedData::Code>& codes) {
    AnyOf any;
    for (const auto& [system, code] : codes)
        any.conditions.push_back(
            {store::TokenMatch{.parameter = std::string(parameter),
                               .system = system.empty() ? std::nullopt : std::optional(system),
                               .code = code}});
    return {std::move(any)};
}

// What is coded at all, as each type calls it.
constexpr std::array<std::string_view, 5> code_names{"code", "vaccine-code", "type", "class",
                                                     "category"};
// When what a resource tells of was, as each type calls it.
constexpr std::array<std::string_view, 14> date_names{
    "date",         "effective",       "effective-time", "onset-date", "recorded-date",
    "authoredon",   "authored",        "whenhandedover", "period",     "started",
    "context-date", "occurrence-date", "occurrence",     "issued"};
constexpr std::array<std::string_view, 10> author_names{
    "author",     "performer", "recorder", "requester", "asserter",
    "prescriber", "source",    "sender",   "enterer",   "creator"};

store::Span shared(store::Span a, store::Span b) {
    return {std::max(a.from, b.from), std::min(a.to, b.to)};
}

bool is_coded(const Metric& metric, const ConsentedData::Code& code) {
    const bool is_loinc = code.system.empty() || code.system == loinc;
    if (is_loinc && !metric.loinc.empty() && metric.loinc == code.code) return true;
    if (code.system == "urn:vigil:metric" && code.code == metric.key) return true;
    const bool is_mdc = code.system.empty() || code.system == "urn:iso:std:iso:11073:10101";
    return is_mdc && metric.mdc_code != 0 && code.code == fmt::format("{}", metric.mdc_code);
}

}  // namespace

ConsentedData::ConsentedData(Criteria criteria, const ConsentTerms& terms)
    : criteria_(std::move(criteria)), parameters_(terms.parameters) {
    const auto has_one = [&](const Metric& metric) {
        return std::ranges::any_of(criteria_.codes,
                                   [&](const Code& code) { return is_coded(metric, code); });
    };
    for (const auto& metric : terms.catalogue.all())
        if (has_one(metric)) metrics_.insert(metric.id);
    // One that is known by several.
    for (const auto& code : criteria_.codes)
        if (const auto* metric = terms.catalogue.find_loinc(code.code))
            if (code.system.empty() || code.system == loinc) metrics_.insert(metric->id);
    // Of a panel are its parts.
    for (const auto& group : terms.groups)
        if (metrics_.contains(group.id)) metrics_.insert(group.parts.begin(), group.parts.end());
    for (const auto& one : criteria_.instances) {
        const auto view = read_view_id(one.id);
        if (one.type != "Observation" || !view) continue;
        const auto group = std::ranges::find(terms.groups, view->metric, &ViewGroup::id);
        if (group == terms.groups.end()) continue;
        const auto length =
            group->is_waveform ? Nanoseconds(std::chrono::minutes(1)) : Nanoseconds(1);
        viewed_.push_back({group->parts, {view->time, view->time + length}});
    }
}

std::vector<const IndexedParameter*> ConsentedData::all_of(
    std::string_view type, SearchType kind, std::span<const std::string_view> names) const {
    std::vector<const IndexedParameter*> out;
    for (const auto name : names)
        if (const auto* found = parameters_.find(type, name);
            found != nullptr && found->type == kind)
            out.push_back(found);
    return out;
}

Condition ConsentedData::of_type(std::string_view type, Reading how) const {
    AllOf every;
    for (auto each : {of_labels(how), of_class(type), of_codes(type, how), of_period(type, how),
                      of_instances(type)}) {
        const auto* any = std::get_if<AnyOf>(&each.is);
        if (any != nullptr && any->conditions.empty()) return none();
        const auto* of = std::get_if<AllOf>(&each.is);
        if (of == nullptr || !of->conditions.empty()) every.conditions.push_back(std::move(each));
    }
    return {std::move(every)};
}

Condition ConsentedData::of_labels(Reading how) const {
    if (criteria_.labels.empty()) return all();
    return identity::bears_any(how == Reading::wide ? criteria_.wider_labels : criteria_.labels);
}

Condition ConsentedData::of_class(std::string_view type) const {
    if (criteria_.types.empty() && criteria_.document_classes.empty()) return all();
    if (std::ranges::find(criteria_.types, type) != criteria_.types.end()) return all();
    const bool is_document = type == "DocumentReference" || type == "Composition";
    if (!is_document || criteria_.document_classes.empty()) return none();
    return has_code("type", criteria_.document_classes);
}

// Widely a panel too of which a part has the code, and whatever the type calls its codes. What is
// not coded is about none: else a denial of one diagnosis would hide every encounter.
Condition ConsentedData::of_codes(std::string_view type, Reading how) const {
    if (criteria_.codes.empty()) return all();
    const auto parameters = all_of(type, SearchType::token, code_names);
    if (parameters.empty()) return none();
    if (how == Reading::narrow) return has_code(parameters.front()->code, criteria_.codes);
    AnyOf any;
    if (type == "Observation") any.conditions.push_back(has_code("combo-code", criteria_.codes));
    for (const auto* parameter : parameters)
        any.conditions.push_back(has_code(parameter->code, criteria_.codes));
    return {std::move(any)};
}

Condition ConsentedData::of_period(std::string_view type, Reading how) const {
    if (!criteria_.period) return all();
    const auto parameters = all_of(type, SearchType::date, date_names);
    if (parameters.empty()) return how == Reading::wide ? all() : none();
    const auto& name = parameters.front()->code;
    const store::DateValue within{criteria_.period->from, criteria_.period->to};
    if (how == Reading::narrow) return {store::DateMatch{name, store::Comparison::equal, within}};
    return {AnyOf{
        {{store::DateMatch{name, store::Comparison::overlaps, within}}, {store::Missing{name}}}}};
}

Condition ConsentedData::of_instances(std::string_view type) const {
    if (criteria_.instances.empty()) return all();
    AnyOf any;
    for (const auto& [meaning, of_type, id] : criteria_.instances) {
        if (meaning != Instance::Meaning::authored_by && of_type == type)
            any.conditions.push_back({store::IdMatch{id}});
        if (meaning == Instance::Meaning::instance) continue;
        for (const auto& parameter : parameters_.of(type)) {
            const bool is_author =
                std::ranges::find(author_names, parameter.code) != author_names.end();
            if (parameter.type == SearchType::reference && parameter.expression &&
                (meaning == Instance::Meaning::dependents || is_author))
                any.conditions.push_back(
                    {store::ReferenceMatch{parameter.code, {of_type, id, {}}}});
        }
    }
    return {std::move(any)};
}

// Readings are Observations without labels, that nobody wrote; what a device measured depends on
// it.
std::vector<store::Span> ConsentedData::of_readings(MetricId metric, store::Span span,
                                                    Reading how) const {
    if (!criteria_.labels.empty()) return {};
    const auto& types = criteria_.types;
    const bool has_class = !types.empty() || !criteria_.document_classes.empty();
    if (has_class && std::ranges::find(types, "Observation") == types.end()) return {};
    if (!criteria_.codes.empty() && !metrics_.contains(metric)) return {};
    const auto may_depend = [&](const Instance& one) {
        return how == Reading::wide && one.meaning == Instance::Meaning::dependents &&
               (one.type == "Device" || one.type == "Patient");
    };
    if (criteria_.period) span = shared(span, *criteria_.period);
    std::vector<store::Span> out;
    if (criteria_.instances.empty() || std::ranges::any_of(criteria_.instances, may_depend)) {
        if (span.from < span.to) out.push_back(span);
        return out;
    }
    for (const auto& [metrics, at] : viewed_) {
        const auto part = shared(span, at);
        if (std::ranges::find(metrics, metric) != metrics.end() && part.from < part.to)
            out.push_back(part);
    }
    std::ranges::sort(out, {}, &store::Span::from);
    return out;
}

}  // namespace vigil::fhir
