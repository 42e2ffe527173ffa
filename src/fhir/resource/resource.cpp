#include "fhir/resource/resource.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

namespace vigil::fhir {
namespace {

// A stored body: how many bytes stand before the place where the version's own members of meta go,
// then the text.
using HeadLength = std::uint32_t;

bool is_version_member(std::string_view key) {
    return key == "versionId" || key == "lastUpdated" || key == "_versionId" ||
           key == "_lastUpdated";
}

}  // namespace

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= id_length_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    });
}

Result<Resource> Resource::parse(std::string text, const JsonLimits& limits) {
    Resource resource;
    resource.owned_ = std::make_unique<Owned>();
    resource.owned_->text = std::move(text);
    VIGIL_TRY(root, resource.owned_->document.parse(resource.owned_->text, limits));
    if (!root.is(JsonKind::object))
        return fail(Error::Kind::malformed, "a resource is a JSON object", "");
    if (root["resourceType"].string().empty())
        return fail(Error::Kind::malformed, "resourceType is missing: say what kind this is", "");
    resource.root_ = root;
    return resource;
}

void write_json(JsonWriter& json, JsonValue value, const ReplaceMember& replace) {
    switch (value.kind()) {
        case JsonKind::object:
            json.begin_object();
            for (auto member = value.begin(); member != value.end(); ++member) {
                if (replace && replace(json, member.key(), *member)) continue;
                json.key(member.key());
                write_json(json, *member, replace);
            }
            json.end_object();
            return;
        case JsonKind::array:
            json.begin_array();
            for (const auto element : value) write_json(json, element, replace);
            json.end_array();
            return;
        case JsonKind::string:
            json.text(value.text());
            return;
        case JsonKind::number:
        case JsonKind::boolean:
            json.verbatim(value.text());
            return;
        default:
            json.null();
            return;
    }
}

std::string stored_body(JsonValue resource, std::string_view id, const ReplaceMember& replace) {
    std::string body(sizeof(HeadLength), '\0');
    JsonWriter json(body);
    json.begin_object();
    json.member("resourceType", resource["resourceType"].string());
    if (!id.empty()) json.member("id", id);
    json.key("meta").begin_object();
    const auto head = static_cast<HeadLength>(body.size() - sizeof(HeadLength));
    std::memcpy(body.data(), &head, sizeof head);
    const auto meta = resource["meta"];
    for (auto member = meta.begin(); member != meta.end(); ++member) {
        if (is_version_member(member.key())) continue;
        json.key(member.key());
        write_json(json, *member, replace);
    }
    json.end_object();
    for (auto member = resource.begin(); member != resource.end(); ++member) {
        const auto key = member.key();
        if (key == "resourceType" || key == "id" || key == "meta") continue;
        if (replace && replace(json, key, *member)) continue;
        json.key(key);
        write_json(json, *member, replace);
    }
    json.end_object();
    return body;
}

void append_resource(std::string& out, std::string_view body, std::uint64_t version,
                     Timestamp updated) {
    HeadLength head = 0;
    assert(body.size() > sizeof head);
    std::memcpy(&head, body.data(), sizeof head);
    body.remove_prefix(sizeof head);
    assert(head < body.size());
    out.append(body.substr(0, head));
    fmt::format_to(std::back_inserter(out), R"("versionId":"{}","lastUpdated":"{}")", version,
                   instant(updated));
    if (body[head] != '}') out += ',';
    out.append(body.substr(head));
}

std::string instant(Timestamp time) {
    using std::chrono::floor;
    auto text = format_rfc3339(Timestamp(floor<std::chrono::milliseconds>(time)));
    // Always three digits: clients compare them as text.
    const auto dot = text.find('.');
    if (dot == std::string::npos) return text.insert(text.size() - 1, ".000");
    while (text.size() - dot < 5) text.insert(text.size() - 1, "0");
    return text;
}

std::string entity_tag(std::uint64_t version) {
    return fmt::format("W/\"{}\"", version);
}

std::optional<std::uint64_t> version_of_entity_tag(std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
        tag = tag.substr(1, tag.size() - 2);
    std::uint64_t version = 0;
    const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
    if (error != std::errc() || end != tag.data() + tag.size() || version == 0) return std::nullopt;
    return version;
}

}  // namespace vigil::fhir
