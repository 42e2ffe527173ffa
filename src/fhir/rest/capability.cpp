#include "fhir/rest/capability.hpp"

#include <array>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

std::string_view word(SearchType type) {
    constexpr std::array words = {"number",    "date",     "string", "token",  "reference",
                                  "composite", "quantity", "uri",    "special"};
    return words.at(static_cast<std::size_t>(type));
}

void write_codes(JsonWriter& json, std::string_view name, std::span<const char* const> codes) {
    json.key(name).begin_array();
    for (const auto* code : codes) json.begin_object().member("code", code).end_object();
    json.end_array();
}

void write_resource(JsonWriter& json, std::string_view type, const RestContext& context) {
    constexpr std::array interactions = {"read",   "vread",        "update",
                                         "patch",  "delete",       "history-instance",
                                         "create", "history-type", "search-type"};
    json.begin_object().member("type", type);
    write_codes(json, "interaction", interactions);
    json.member("versioning", "versioned-update")
        .member("readHistory", true)
        .member("updateCreate", true)
        .member("conditionalCreate", true)
        .member("conditionalRead", "full-support")
        .member("conditionalUpdate", true)
        .member("conditionalDelete", "single");
    json.key("referencePolicy")
        .begin_array()
        .text("literal")
        .text("logical")
        .text("local")
        .end_array();
    json.key("searchInclude").begin_array().text("*");
    for (const auto& parameter : context.parameters.of(type))
        if (parameter.type == SearchType::reference)
            json.text(std::string(type) + ":" + parameter.code);
    json.end_array();
    json.key("searchParam").begin_array();
    for (const auto& parameter : context.parameters.of(type)) {
        const bool answered =
            parameter.expression || parameter.code == "_id" || parameter.code == "_lastUpdated";
        if (!answered || parameter.type == SearchType::special) continue;
        json.begin_object()
            .member("name", parameter.code)
            .member("definition", parameter.definition->url)
            .member("type", word(parameter.type))
            .end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string capability_statement(const RestContext& context, std::string_view software_version,
                                 Timestamp started) {
    constexpr std::array system = {"transaction", "batch", "search-system", "history-system"};
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("resourceType", "CapabilityStatement")
        .member("status", "active")
        .member("date", instant(started))
        .member("kind", "instance");
    json.key("software")
        .begin_object()
        .member("name", "Vigil")
        .member("version", software_version)
        .end_object();
    json.key("implementation")
        .begin_object()
        .member("description", "Vigil: the record and the readings of medical devices")
        .member("url", context.base)
        .end_object();
    json.member("fhirVersion", "4.0.1");
    json.key("format").begin_array().text("application/fhir+json").text("json").end_array();
    json.key("patchFormat").begin_array().text("application/json-patch+json").end_array();
    json.key("rest").begin_array().begin_object().member("mode", "server");
    json.key("security")
        .begin_object()
        .member("cors", false)
        .member("description", "A bearer token: vigil token issue")
        .end_object();
    json.key("resource").begin_array();
    for (const auto* type : context.definitions.resource_types())
        write_resource(json, type->name, context);
    json.end_array();
    write_codes(json, "interaction", system);
    json.end_object().end_array().end_object();
    return text;
}

}  // namespace vigil::fhir
