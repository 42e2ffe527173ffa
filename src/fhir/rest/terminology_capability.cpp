#include "fhir/rest/terminology_capability.hpp"

#include <map>

#include "fhir/operation/terminology_input.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t record_systems_max = 1'000;

struct SystemTold {
    std::string version;
    bool subsumption = false;
};

// By url: what a request finds that names no version.
using SystemsTold = std::map<std::string, SystemTold>;

bool subsumes(std::string_view hierarchy_meaning) {
    return hierarchy_meaning != "grouped-by" && hierarchy_meaning != "part-of";
}

void tell(JsonValue system, SystemsTold& out) {
    const std::string url(system["url"].string());
    if (system["content"].string() != "complete" || url.empty()) return;
    out[url] = {std::string(system["version"].string()),
                subsumes(system["hierarchyMeaning"].string())};
}

Answer<SystemsTold> systems_at_hand(store::RecordReader& reader, const RestContext& context) {
    SystemsTold out;
    FHIR_TRY(library, context.library(reader));
    auto& shelf = context.terms->shelf;
    for (const auto& table : context.definitions.code_systems())
        out[std::string(table.url)] = {std::string(table.version),
                                       subsumes(table.hierarchy_meaning)};
    for (const auto& url : shelf.urls("CodeSystem")) {
        FHIR_TRY(system, shelf.code_system(url, {}));
        tell(system->resource().json, out);
    }
    std::size_t told = 0;
    FHIR_CHECK(library.each_code_system([&](const terminology::Kept& kept) -> Answer<bool> {
        tell(kept.json, out);
        return ++told < record_systems_max;
    }));
    return out;
}

void write_expansion(JsonWriter& json) {
    json.key("expansion")
        .begin_object()
        .member("hierarchical", true)
        .member("paging", true)
        .member("incomplete", false);
    json.key("parameter").begin_array();
    for (const auto& parameter : expand_parameters())
        if (parameter.refused.empty())
            json.begin_object().member("name", parameter.name).end_object();
    json.end_array();
    json.member("textFilter",
                "Each word of the filter begins a word of the display or of one designation; a "
                "single word may also begin the code. Case and accents do not count.");
    json.end_object();
}

}  // namespace

Answer<Response> answer_terminology_capabilities(store::RecordReader& reader,
                                                 const RestContext& context,
                                                 std::string_view software_version,
                                                 Timestamp started) {
    FHIR_TRY(systems, systems_at_hand(reader, context));
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("resourceType", "TerminologyCapabilities")
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
        .member("description",
                "Vigil: code systems and value sets of its record, its packages and "
                "of FHIR R4")
        .member("url", context.base)
        .end_object();
    json.member("lockedDate", false);
    json.key("codeSystem").begin_array();
    for (const auto& [url, system] : systems) {
        json.begin_object().member("uri", url);
        json.key("version").begin_array().begin_object();
        if (!system.version.empty()) json.member("code", system.version);
        json.member("isDefault", true).member("compositional", false);
        json.end_object().end_array();
        json.member("subsumption", system.subsumption).end_object();
    }
    json.end_array();
    write_expansion(json);
    // ValueSet's search parameter `code` finds what is listed, not what a filter would bring.
    json.member("codeSearch", "explicit");
    json.key("validateCode").begin_object().member("translations", true).end_object();
    json.key("translation").begin_object().member("needsMap", false).end_object();
    json.end_object();
    return Response{
        .status = 200, .body = std::move(text), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
