#pragma once
// A resource as its JSON text, read once and kept with what was read.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::fhir {

// Bounds of a single resource or Bundle that comes from outside.
constexpr JsonLimits resource_limits{
    .bytes_max = std::size_t{64} << 20, .values_max = 8'000'000, .depth_max = 100};
constexpr std::size_t id_length_max = 64;  // FHIR R4 2.24.0.1, id

// [A-Za-z0-9\-\.]{1,64}
bool is_id(std::string_view text);

class Resource {
public:
    // A JSON object with a resourceType; nothing more is checked here.
    static Result<Resource> parse(std::string text, const JsonLimits& limits = resource_limits);

    JsonValue json() const { return root_; }
    const std::string& text() const { return owned_->text; }
    std::string_view type() const { return root_["resourceType"].string(); }
    std::string_view id() const { return root_["id"].string(); }

private:
    struct Owned {  // does not move: what was read points into it
        std::string text;
        JsonDocument document;
    };
    Resource() = default;
    std::unique_ptr<Owned> owned_;
    JsonValue root_;
};

// Writes a value as it was read, without white space: numbers keep their text. Where `replace` is
// given it may write something else for a member of an object (true: it has).
using ReplaceMember = std::function<bool(JsonWriter& json, std::string_view key, JsonValue value)>;
void write_json(JsonWriter& json, JsonValue value, const ReplaceMember& replace = {});

// A resource as the store keeps it: with its id, its meta without versionId and lastUpdated, which
// each version adds when it is read.
std::string stored_body(JsonValue resource, std::string_view id, const ReplaceMember& replace = {});
// The resource whole. A body that `stored_body` did not make is a bug.
void append_resource(std::string& out, std::string_view body, std::uint64_t version,
                     Timestamp updated);
// FHIR instant with milliseconds, rounded down: what meta.lastUpdated says.
std::string instant(Timestamp time);

// "W/\"3\"" and back; "3" and "\"3\"" are accepted too.
std::string entity_tag(std::uint64_t version);
std::optional<std::uint64_t> version_of_entity_tag(std::string_view tag);

}  // namespace vigil::fhir
