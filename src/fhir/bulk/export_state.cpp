#include "fhir/bulk/export_state.hpp"

#include "base/json_writer.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

void write_files(JsonWriter& json, std::string_view name, const std::vector<ExportedFile>& files) {
    json.key(name).begin_array();
    for (const auto& file : files)
        json.begin_object()
            .member("type", file.type)
            .member("name", file.name)
            .member("count", file.count)
            .end_object();
    json.end_array();
}

std::vector<ExportedFile> read_files(JsonValue list) {
    std::vector<ExportedFile> files;
    for (const auto file : list)
        files.push_back({std::string(file["type"].string()), std::string(file["name"].string()),
                         count_of(file["count"])});
    return files;
}

}  // namespace

std::string write_export_state(const ExportState& state) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_members(json, state);
    json.member("method", state.request.method).key("segments").begin_array();
    for (const auto& segment : state.request.segments) json.text(segment);
    json.end_array().key("query").begin_array();
    for (const auto& [name, value] : state.request.query)
        json.begin_array().text(name).text(value).end_array();
    json.end_array().member("body", state.request.body).member("lenient", state.lenient);
    write_files(json, "output", state.output);
    write_files(json, "deleted", state.deleted);
    json.end_object();
    return text;
}

std::optional<ExportState> read_export_state(std::string_view text) {
    JsonDocument document;
    const auto read = document.parse(text, resource_limits);
    ExportState state;
    if (!read || !read_members(*read, state)) return std::nullopt;
    const auto& root = *read;
    state.request.method = root["method"].string();
    state.request.asynchronous = true;
    for (const auto segment : root["segments"])
        state.request.segments.emplace_back(segment.string());
    for (const auto pair : root["query"])
        state.request.query.emplace_back(pair[0].string(), pair[1].string());
    state.request.body = root["body"].string();
    state.lenient = root["lenient"].is_true();
    state.output = read_files(root["output"]);
    state.deleted = read_files(root["deleted"]);
    return state;
}

}  // namespace vigil::fhir
