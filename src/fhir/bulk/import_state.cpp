#include "fhir/bulk/import_state.hpp"

#include <fmt/format.h>

namespace vigil::fhir {
namespace {

constexpr JsonLimits state_limits{.bytes_max = std::size_t{64} << 20, .values_max = 100'000};

}  // namespace

ImportCounts& ImportCounts::operator+=(const ImportCounts& other) {
    created += other.created;
    updated += other.updated;
    unchanged += other.unchanged;
    refused += other.refused;
    return *this;
}

std::string words_of(const ImportCounts& counts) {
    return fmt::format("{} created, {} updated, {} unchanged, {} refused", counts.created,
                       counts.updated, counts.unchanged, counts.refused);
}

ImportCounts ImportState::counts() const {
    ImportCounts all;
    for (const auto& input : inputs) all += input.counts;
    return all;
}

std::string write_import_state(const ImportState& state) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_members(json, state);
    json.member("source", state.request.source);
    json.key("inputs").begin_array();
    for (const auto& input : state.request.inputs)
        json.begin_object().member("type", input.type).member("url", input.url).end_object();
    json.end_array().end_object();
    return text;
}

std::string write_import_progress(const ImportProgress& progress) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("offset", progress.place.offset)
        .member("line", progress.place.line)
        .member("packed", progress.place.is_packed)
        .member("created", progress.counts.created)
        .member("updated", progress.counts.updated)
        .member("unchanged", progress.counts.unchanged)
        .member("refused", progress.counts.refused)
        .member("told", progress.told)
        .member("parts", progress.parts)
        .member("done", progress.is_done)
        .member("failure", progress.failure)
        .end_object();
    return text;
}

std::optional<ImportState> read_import_state(std::string_view text) {
    JsonDocument document;
    const auto root = document.parse(text, state_limits);
    ImportState state;
    if (!root || !read_members(*root, state)) return std::nullopt;
    state.request.source = (*root)["source"].string();
    for (const auto input : (*root)["inputs"])
        state.request.inputs.push_back(
            {std::string(input["type"].string()), std::string(input["url"].string())});
    state.inputs.resize(state.request.inputs.size());
    return state;
}

std::optional<ImportProgress> read_import_progress(std::string_view text) {
    JsonDocument document;
    const auto root = document.parse(text, state_limits);
    if (!root || !root->is(JsonKind::object)) return std::nullopt;
    ImportProgress progress;
    progress.place = {.offset = count_of((*root)["offset"]),
                      .line = count_of((*root)["line"]),
                      .is_packed = (*root)["packed"].is_true()};
    progress.counts = {count_of((*root)["created"]), count_of((*root)["updated"]),
                       count_of((*root)["unchanged"]), count_of((*root)["refused"])};
    progress.told = count_of((*root)["told"]);
    progress.parts = count_of((*root)["parts"]);
    progress.is_done = (*root)["done"].is_true();
    progress.failure = (*root)["failure"].string();
    return progress;
}

}  // namespace vigil::fhir
