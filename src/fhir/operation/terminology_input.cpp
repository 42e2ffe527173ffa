#include "fhir/operation/terminology_input.hpp"

#include <fmt/format.h>

namespace vigil::fhir {
namespace {

using terminology::CodeSystem;
using terminology::ComposedValueSet;

constexpr std::size_t codings_max = 50;

bool is_of_one(const Request& request) {
    return request.segments.size() == 3;  // "ValueSet/12/$expand"
}

// One of them has to be given, and no more than one.
Answer<void> just_one(std::size_t count, std::string_view names) {
    if (count == 0)
        return refuse(400, "required", fmt::format("give {}", names), "Parameters.parameter");
    if (count > 1)
        return refuse(400, "invalid", fmt::format("give only one of {}", names),
                      "Parameters.parameter");
    return {};
}

tl::unexpected<Problem> not_here(std::string_view kind, std::string_view name) {
    return refuse(404, "not-found",
                  fmt::format("the {} {} is not on this server", kind, name.substr(0, 256)));
}

}  // namespace

CodeAskedFor coding_asked(JsonValue coding) {
    return {.system = std::string(coding["system"].string()),
            .version = std::string(coding["version"].string()),
            .code = std::string(coding["code"].string()),
            .display = std::string(coding["display"].string())};
}

Answer<std::vector<CodeAskedFor>> codes_asked(const CheckedInput& input, std::string_view version) {
    const bool by_code = input.has("code"), by_coding = input.has("coding"),
               by_concept = input.has("codeableConcept");
    FHIR_CHECK(
        just_one(std::size_t{by_code} + by_coding + by_concept, "code, coding or codeableConcept"));
    std::vector<CodeAskedFor> codes;
    if (by_code)
        codes.push_back({.system = input.text("system"),
                         .version = input.text(version),
                         .code = input.text("code"),
                         .display = input.text("display")});
    if (by_coding) codes.push_back(coding_asked(input.json("coding")));
    if (by_concept)
        for (const auto coding : input.json("codeableConcept")["coding"])
            codes.push_back(coding_asked(coding));
    if (codes.empty())
        return refuse(400, "required", "the codeableConcept has no coding", "Parameters.parameter");
    if (codes.size() > codings_max)
        return refuse(400, "too-costly",
                      fmt::format("the codeableConcept has more than {} codings", codings_max));
    return codes;
}

Answer<std::shared_ptr<const ComposedValueSet>> value_set_asked(
    const Request& request, const CheckedInput& input, terminology::RecordLibrary& library,
    const terminology::VersionRules& rules, terminology::Budget& budget) {
    const bool by_id = is_of_one(request), by_url = input.has("url"),
               is_sent = input.has("valueSet");
    FHIR_CHECK(just_one(std::size_t{by_id} + by_url + is_sent,
                        "url or valueSet, or ask at ValueSet/[id]"));
    if (is_sent) {
        auto source = std::make_shared<terminology::ValueSetSource>();
        source->resource = {input.json("valueSet"), input.owner()};
        source->url = source->resource.json["url"].string();
        source->version = source->resource.json["version"].string();
        if (source->resource.json["resourceType"].string() != "ValueSet")
            return refuse(400, "value", "valueSet takes a ValueSet", "Parameters.parameter");
        return terminology::Composer(library, rules, budget).compose(std::move(source));
    }
    auto reference = by_id ? fmt::format("ValueSet/{}", request.segment(1)) : input.text("url");
    if (by_url && reference.starts_with("ValueSet/")) return not_here("value set", reference);
    if (const auto version = input.text("valueSetVersion"); by_url && !version.empty())
        reference = fmt::format("{}|{}", terminology::read_canonical(reference).url, version);
    FHIR_TRY(set, library.composed(reference, rules, budget));
    if (!set) return not_here("value set", reference);
    return set;
}

Answer<std::shared_ptr<const CodeSystem>> code_system_asked(const Request& request,
                                                            const CheckedInput& input,
                                                            std::string_view url,
                                                            terminology::RecordLibrary& library) {
    const bool by_id = is_of_one(request), by_url = input.has(url),
               is_sent = input.has("codeSystem");
    FHIR_CHECK(just_one(std::size_t{by_id} + by_url + is_sent,
                        fmt::format("{} or ask at CodeSystem/[id]", url)));
    if (is_sent) {
        if (input.json("codeSystem")["resourceType"].string() != "CodeSystem")
            return refuse(400, "value", "codeSystem takes a CodeSystem", "Parameters.parameter");
        return std::make_shared<const CodeSystem>(
            terminology::Kept{input.json("codeSystem"), input.owner()});
    }
    if (by_id) {
        FHIR_TRY(resource, library.resource("CodeSystem", request.segment(1)));
        return std::make_shared<const CodeSystem>(resource);
    }
    const auto asked = input.text(url);
    auto canonical = terminology::read_canonical(asked);
    const auto version = input.text("version");
    if (!version.empty()) canonical.version = version;
    FHIR_TRY(system, library.code_system(canonical.url, canonical.version));
    if (system) return system;
    return not_here("code system",
                    version.empty() ? asked : fmt::format("{}|{}", canonical.url, version));
}

}  // namespace vigil::fhir
