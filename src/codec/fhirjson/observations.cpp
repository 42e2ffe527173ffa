// Where the Observations of a payload are: alone, in a Bundle, or one a line.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/fhirjson/observation.hpp"
#include "codec/fhirjson/observation_reader.hpp"

namespace vigil::codec::fhirjson {
namespace {

constexpr JsonLimits limits{
    .bytes_max = payload_bytes_max, .values_max = values_max, .depth_max = 32};

// Resources that come along in a Bundle to be referred to; they hold no readings.
constexpr std::array<std::string_view, 8> companions{"Device",       "DeviceMetric", "Encounter",
                                                     "Location",     "Provenance",   "Organization",
                                                     "Practitioner", "Patient"};

tl::unexpected<Error> no_observation(std::string_view type) {
    return fail(Error::Kind::unsupported,
                fmt::format("\"{}\" is no Observation and no Bundle of them", type.substr(0, 64)));
}

Result<void> read_bundle(JsonValue bundle, ObservationReader& reader, DecodedMessage& out) {
    reader.refer_to(bundle);
    for (const auto entry : bundle["entry"]) {
        const auto resource = entry["resource"];
        const auto type = resource["resourceType"].string();
        if (type == "Observation")
            reader.read(resource);
        else if (std::ranges::find(companions, type) == companions.end())
            note_unread(out,
                        {Error::Kind::unsupported,
                         fmt::format("a resource of type \"{}\" is not read", type.substr(0, 64)),
                         entry.pointer()});
    }
    if (reader.count() == 0) return no_observation("a Bundle without one");
    reader.finish();
    if (const auto identifier = bundle["identifier"]["value"].string(); !identifier.empty())
        out.payload_identity = fingerprint(identifier);
    return {};
}

Result<void> read_resource(JsonValue root, ObservationReader& reader, DecodedMessage& out) {
    const auto type = root["resourceType"].string();
    if (type == "Bundle") return read_bundle(root, reader, out);
    if (type != "Observation") return no_observation(type);
    reader.read(root);
    reader.finish();
    return {};
}

// The first line alone is a resource and more follows it: NDJSON. A resource that is spread over
// lines has a first line that is none.
bool is_ndjson(std::string_view payload, JsonDocument& json) {
    const auto line_end = payload.find('\n');
    return line_end != std::string_view::npos &&
           payload.find_first_not_of(" \t\r\n", line_end) != std::string_view::npos &&
           json.parse(payload.substr(0, line_end), limits).has_value();
}

Result<void> read_lines(std::string_view payload, JsonDocument& json, ObservationReader& reader,
                        DecodedMessage& out) {
    for (std::size_t number = 1; !payload.empty(); ++number) {
        const auto line = payload.substr(0, payload.find('\n'));
        payload.remove_prefix(std::min(line.size() + 1, payload.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const auto place = fmt::format("line {} ", number);
        const auto root = json.parse(line, limits);
        if (!root)
            note_unread(out, {root.error().kind, root.error().message, place + root.error().place});
        else if ((*root)["resourceType"].string() == "Observation")
            reader.read(*root, place);
        else
            note_unread(out, {Error::Kind::unsupported, "is no Observation", place});
    }
    reader.finish();
    return {};
}

}  // namespace

Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out) {
    clear(out);
    if (payload.size() > payload_bytes_max)
        return fail(Error::Kind::too_large, "a FHIR message is longer than is read");
    ObservationReader reader(context, out);
    if (is_ndjson(payload, json)) return read_lines(payload, json, reader, out);
    VIGIL_TRY(root, json.parse(payload, limits));
    return read_resource(root, reader, out);
}

}  // namespace vigil::codec::fhirjson
