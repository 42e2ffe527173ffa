#include "fhir/rest/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "codec/binary_text.hpp"

namespace vigil::fhir {
namespace {

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "200 OK";
        case 201:
            return "201 Created";
        case 204:
            return "204 No Content";
        case 304:
            return "304 Not Modified";
        default:
            return {};
    }
}

std::optional<std::string> text_member(JsonValue object, std::string_view name) {
    const auto value = object[name].string();
    return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

Answer<BundleEntry> read_entry(JsonValue entry, const RestContext& context, std::size_t number) {
    const auto place = fmt::format("Bundle.entry[{}]", number);
    const auto asked = entry["request"];
    BundleEntry out;
    out.full_url = entry["fullUrl"].string();
    out.request.method = asked["method"].string();
    if (out.request.method.empty() || asked["url"].string().empty())
        return refuse(400, "required", "an entry has a request with method and url",
                      place + ".request");
    auto url = asked["url"].string();
    if (url.starts_with(context.base)) url.remove_prefix(context.base.size());
    FHIR_CHECK(read_url(url, out.request));
    if (out.request.method == "HEAD") out.request.method = "GET";
    out.request.if_match = text_member(asked, "ifMatch");
    out.request.if_none_match = text_member(asked, "ifNoneMatch");
    out.request.if_none_exist = text_member(asked, "ifNoneExist");
    out.request.if_modified_since = text_member(asked, "ifModifiedSince");
    out.request.content_type = "application/fhir+json";
    const auto resource = entry["resource"];
    if (!resource) return out;
    // A JSON Patch travels in a Binary (R4 3.1.0.11.1); everything else is the body itself.
    if (out.request.method == "PATCH" && resource["resourceType"].string() == "Binary") {
        if (!codec::read_base64(resource["data"].string(), out.request.body))
            return refuse(400, "value", "the patch is no base64", place + ".resource.data");
        out.request.content_type = resource["contentType"].string();
        return out;
    }
    JsonWriter json(out.request.body);
    write_json(json, resource);
    return out;
}

}  // namespace

Answer<IncomingBundle> read_bundle(const Resource& bundle, const RestContext& context) {
    if (bundle.type() != "Bundle")
        return refuse(400, "invalid", "what is posted to the base is a Bundle", "resourceType");
    const auto type = bundle.json()["type"].string();
    if (type != "batch" && type != "transaction")
        return refuse(400, "value", "the Bundle's type is batch or transaction", "Bundle.type");
    IncomingBundle out;
    out.is_transaction = type == "transaction";
    const auto entries = bundle.json()["entry"];
    if (entries.size() > context.limits.entries_max)
        return refuse(413, "too-costly",
                      fmt::format("a Bundle may hold {} entries", context.limits.entries_max));
    std::set<std::string> seen;
    for (const auto entry : entries) {
        FHIR_TRY(read, read_entry(entry, context, out.entries.size()));
        if (out.is_transaction && !read.full_url.empty() && !seen.insert(read.full_url).second)
            return refuse(400, "duplicate", "two entries have one fullUrl",
                          fmt::format("Bundle.entry[{}].fullUrl", out.entries.size()));
        out.entries.push_back(std::move(read));
    }
    return out;
}

std::string bundle_response(bool is_transaction, const std::vector<Response>& answers,
                            std::string_view base) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("resourceType", "Bundle")
        .member("type", is_transaction ? "transaction-response" : "batch-response");
    json.key("link")
        .begin_array()
        .begin_object()
        .member("relation", "self")
        .member("url", base)
        .end_object()
        .end_array();
    if (!answers.empty()) json.key("entry").begin_array();
    for (const auto& answer : answers) {
        const bool failed = answer.status >= 400;
        json.begin_object();
        if (!answer.body.empty() && !failed) json.key("resource").verbatim(answer.body);
        json.key("response").begin_object();
        const auto words = reason(answer.status);
        json.member("status", words.empty() ? std::to_string(answer.status) : std::string(words));
        if (!answer.location.empty()) json.member("location", answer.location);
        if (answer.version) json.member("etag", entity_tag(*answer.version));
        if (answer.last_modified) json.member("lastModified", instant(*answer.last_modified));
        if (failed) json.key("outcome").verbatim(answer.body);
        if (!failed && !answer.hints.empty()) {
            json.key("outcome");
            write_outcome(json, answer.hints);
        }
        json.end_object().end_object();
    }
    if (!answers.empty()) json.end_array();
    json.end_object();
    return text;
}

}  // namespace vigil::fhir
