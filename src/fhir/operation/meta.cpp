// $meta: profiles, tags and security labels of a resource, a type or the server (R4 3.2.0.7.2).
#include <fmt/format.h>

#include <map>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

// Of a type or the server they are gathered from the newest so many of each type.
constexpr std::size_t looked_at_max = 1'000;

struct Labels {
    std::map<std::string, std::string> profiles, tags, security;  // by what makes them one

    void add(JsonValue meta) {
        for (const auto profile : meta["profile"])
            profiles.emplace(profile.string(), profile.string());
        add(meta["tag"], tags);
        add(meta["security"], security);
    }
    static void add(JsonValue codings, std::map<std::string, std::string>& out) {
        for (const auto coding : codings) {
            std::string text;
            JsonWriter json(text);
            write_json(json, coding);
            out.emplace(fmt::format("{}|{}", coding["system"].string(), coding["code"].string()),
                        std::move(text));
        }
    }
};

void write_list(JsonWriter& json, std::string_view name,
                const std::map<std::string, std::string>& values, bool as_text) {
    if (values.empty()) return;
    json.key(name).begin_array();
    for (const auto& [key, value] : values)
        if (as_text)
            json.text(value);
        else
            json.verbatim(value);
    json.end_array();
}

}  // namespace

Answer<Response> answer_meta(const Request& request, ViewReader& reader,
                             const RestContext& context) {
    Labels labels;
    const auto add = [&](const store::Record& record) {
        if (const auto resource = Resource::parse(resource_text(record)))
            labels.add(resource->json()["meta"]);
    };
    if (request.segments.size() == 3) {
        FHIR_TRY(record, reader.get(request.segment(0), request.segment(1)));
        if (!record || record->deleted)
            return refuse(404, "not-found", "there is no such resource");
        add(*record);
    } else {
        std::vector<std::string> types;
        if (request.segments.size() == 2) types.emplace_back(request.segment(0));
        if (types.empty())
            for (const auto* type : context.definitions.resource_types())
                types.emplace_back(type->name);
        for (const auto& type : types) {
            FHIR_TRY(page, reader.search({.type = type,
                                          .where = {store::AllOf{}},
                                          .sort = {{.by = store::SortKey::By::updated,
                                                    .parameter = {},
                                                    .descending = true}},
                                          .after = {},
                                          .count_max = looked_at_max}));
            for (const auto& record : page.records) add(record);
        }
    }
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Parameters").key("parameter").begin_array();
    json.begin_object().member("name", "return").key("valueMeta").begin_object();
    write_list(json, "profile", labels.profiles, true);
    write_list(json, "security", labels.security, false);
    write_list(json, "tag", labels.tags, false);
    json.end_object().end_object().end_array().end_object();
    return Response{
        .status = 200, .body = std::move(text), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir
