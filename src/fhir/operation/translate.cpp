// ConceptMap/$translate (http://hl7.org/fhir/R4/conceptmap-operation-translate.html).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/operation/operations.hpp"
#include "fhir/operation/terminology_input.hpp"
#include "fhir/terminology/concept_map.hpp"

namespace vigil::fhir {
namespace {

using terminology::Kept;
using terminology::Translation;
using Kind = InputParameter::Kind;

constexpr std::array parameters = {InputParameter{"url"},
                                   InputParameter{"conceptMap", Kind::resource},
                                   InputParameter{"conceptMapVersion"},
                                   InputParameter{"code"},
                                   InputParameter{"system"},
                                   InputParameter{"version"},
                                   InputParameter{"source"},
                                   InputParameter{"coding", Kind::complex},
                                   InputParameter{"codeableConcept", Kind::complex},
                                   InputParameter{"target"},
                                   InputParameter{"targetsystem"},
                                   InputParameter{"dependency", Kind::parts, true},
                                   InputParameter{"reverse", Kind::boolean}};

// The map that is named, or all there are between the systems.
Answer<std::vector<Kept>> maps_asked(const Request& request, const CheckedInput& input,
                                     const std::vector<CodeAskedFor>& codes,
                                     terminology::RecordLibrary& library) {
    std::vector<Kept> maps;
    if (request.segments.size() == 3) {
        FHIR_TRY(one, library.resource("ConceptMap", request.segment(1)));
        maps.push_back(std::move(one));
        return maps;
    }
    if (input.has("conceptMap")) {
        if (input.json("conceptMap")["resourceType"].string() != "ConceptMap")
            return refuse(400, "value", "conceptMap takes a ConceptMap", "Parameters.parameter");
        maps.push_back({input.json("conceptMap"), input.owner()});
        return maps;
    }
    const auto url = input.text("url"), version = input.text("conceptMapVersion"),
               target_system = input.text("targetsystem");
    if (!url.empty()) {
        auto canonical = terminology::read_canonical(url);
        if (!version.empty()) canonical.version = version;
        FHIR_TRY(named, library.concept_maps({.url = canonical.url,
                                              .version = canonical.version,
                                              .system = {},
                                              .target_system = {}}));
        if (named.empty())
            return refuse(
                404, "not-found",
                fmt::format("the concept map {} is not on this server", url.substr(0, 256)));
        return named;
    }
    const bool reverse = input.flag("reverse").value_or(false);
    std::vector<std::string_view> looked_for;
    for (const auto& code : codes) {
        if (std::ranges::find(looked_for, code.system) != looked_for.end()) continue;
        looked_for.push_back(code.system);
        FHIR_TRY(found, library.concept_maps(
                            {.url = {},
                             .version = {},
                             .system = reverse ? std::string_view(target_system)
                                               : std::string_view(code.system),
                             .target_system = reverse ? std::string_view(code.system)
                                                      : std::string_view(target_system)}));
        for (auto& map : found) {
            const bool is_known = std::ranges::any_of(maps, [&](const Kept& one) {
                return one.json["url"].string() == map.json["url"].string() &&
                       one.json["id"].string() == map.json["id"].string();
            });
            if (!is_known) maps.push_back(std::move(map));
        }
    }
    return maps;
}

// A value set's url; one of this server may be named by its id.
Answer<std::string> value_set_url(std::string reference, terminology::RecordLibrary& library) {
    constexpr std::string_view by_id = "ValueSet/";
    if (!reference.starts_with(by_id)) return reference;
    FHIR_TRY(resource, library.resource("ValueSet", reference.substr(by_id.size())));
    return std::string(resource.json["url"].string());
}

std::vector<terminology::TranslationRequest::Dependency> dependencies(const CheckedInput& input) {
    std::vector<terminology::TranslationRequest::Dependency> out;
    for (const auto parts : input.each("dependency")) {
        auto& one = out.emplace_back();
        for (const auto part : parts) {
            if (part["name"].string() == "element") one.element = part["valueUri"].string();
            if (part["name"].string() == "concept") one.concept_ = part["valueCodeableConcept"];
        }
    }
    return out;
}

void write_coding(JsonWriter& json, const terminology::TranslatedCode& code,
                  std::string_view display) {
    json.key("valueCoding").begin_object();
    if (!code.system.empty()) json.member("system", code.system);
    if (!code.version.empty()) json.member("version", code.version);
    json.member("code", code.code);
    if (!display.empty()) json.member("display", display);
    json.end_object();
}

void write_product(JsonWriter& json, JsonValue product) {
    json.begin_object().member("name", "product").key("part").begin_array();
    json.begin_object()
        .member("name", "element")
        .member("valueUri", product["property"].string())
        .end_object();
    json.begin_object().member("name", "concept");
    write_coding(json, {product["system"].string(), {}, product["value"].string()},
                 product["display"].string());
    json.end_object().end_array().end_object();
}

void write_match(ParametersWriter& out, const Translation& match) {
    auto& json = out.begin("match");
    if (!match.equivalence.empty())
        json.begin_object()
            .member("name", "equivalence")
            .member("valueCode", match.equivalence)
            .end_object();
    if (!match.to.code.empty()) {
        json.begin_object().member("name", "concept");
        write_coding(json, match.to, match.display);
        json.end_object();
    }
    for (const auto product : match.products) write_product(json, product);
    if (!match.source.empty())
        json.begin_object().member("name", "source").member("valueUri", match.source).end_object();
    out.end();
}

}  // namespace

Answer<Response> answer_translate(const Request& request, ViewReader& reader,
                                  const RestContext& context) {
    FHIR_TRY(input, CheckedInput::read(request, "$translate", parameters));
    FHIR_TRY(library, context.library(reader));
    FHIR_TRY(codes, codes_asked(input, "version"));
    if (input.has("code") && !input.has("system"))
        return refuse(400, "required", "a code is of a system: give system too",
                      "Parameters.parameter");
    FHIR_TRY(source, value_set_url(input.text("source"), library));
    FHIR_TRY(target, value_set_url(input.text("target"), library));
    FHIR_TRY(maps, maps_asked(request, input, codes, library));
    const auto target_system = input.text("targetsystem");
    terminology::TranslationRequest asked{.codes = {},
                                          .source = source,
                                          .target = target,
                                          .target_system = target_system,
                                          .reverse = input.flag("reverse").value_or(false),
                                          .dependencies = dependencies(input)};
    for (const auto& code : codes) asked.codes.push_back({code.system, code.version, code.code});
    terminology::Budget budget;
    FHIR_TRY(found, terminology::translate(maps, asked, library, budget));
    const bool result = std::ranges::any_of(found.all, &Translation::is_match);
    ParametersWriter out;
    out.flag("result", result);
    if (found.depends)
        out.text("message",
                 "there are more matches that depend on other elements: give them with dependency");
    else if (!result)
        out.text("message", maps.empty() ? "no concept map on this server maps from there to there"
                                         : "the concept maps hold no match for it");
    for (const auto& match : found.all) write_match(out, match);
    return out.response();
}

}  // namespace vigil::fhir
