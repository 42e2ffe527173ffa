#include "share/openid/documents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"

namespace vigil::share::openid {
namespace {

constexpr JsonLimits limits{.bytes_max = document_bytes_max, .values_max = 8192, .depth_max = 16};
constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t texts_max = 256;

tl::unexpected<Error> wrong(std::string what) {
    return fail(Error::Kind::forbidden, std::move(what), "openid.issuer");
}

// What stands between "://" and the next "/", "?" or "#", less its port.
std::string_view host_of(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    url.remove_prefix(begin + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    const auto bracket = url.find(']');
    const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
    return url.substr(0, colon);
}

// A name of DNS: where it leads is looked at when it is asked (net/reach.hpp). An address, and
// localhost, would be taken as named by the operator.
bool is_name(std::string_view host) {
    const bool has_letter = std::ranges::any_of(
        host, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    return has_letter && host.front() != '[' && host != "localhost";
}

bool is_plain(std::string_view url) {
    return !url.empty() && url.size() <= url_bytes_max &&
           std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7F' && c != '@'; });
}

Result<std::string> endpoint(JsonValue root, std::string_view name, std::string_view issuer) {
    const auto url = root[name].string();
    const auto refused = [&](std::string_view why) {
        return wrong(fmt::format("\"{}\" of the provider {}", name, why));
    };
    if (!is_plain(url) || !(url.starts_with("https://") || url.starts_with("http://")))
        return refused("is no address of HTTPS");
    if (issuer.starts_with("https://") && !url.starts_with("https://"))
        return refused("is no address of HTTPS");
    const auto host = host_of(url);
    if (host.empty() || (host != host_of(issuer) && !is_name(host)))
        return refused("leads to an address of numbers that is not the issuer's own");
    return std::string(url);
}

Result<JsonValue> read_object(JsonDocument& document, std::string_view json) {
    VIGIL_TRY(root, document.parse(json, limits));
    if (!root.is(JsonKind::object))
        return fail(Error::Kind::malformed, "the provider should answer with an object of JSON");
    return root;
}

JsonValue claim_of(JsonValue root, std::string_view claim) {
    if (const auto exact = root[claim]) return exact;
    while (root.is(JsonKind::object)) {
        const auto dot = claim.find('.');
        root = root[claim.substr(0, dot)];
        if (dot == std::string_view::npos) return root;
        claim.remove_prefix(dot + 1);
    }
    return {};
}

}  // namespace

Result<ProviderMetadata> read_metadata(std::string_view json, std::string_view issuer) {
    JsonDocument document;
    VIGIL_TRY(root, read_object(document, json));
    if (root["issuer"].string() != issuer)
        return wrong(
            "the provider calls itself something else: openid.issuer must be that, to the "
            "letter");
    VIGIL_TRY(authorization, endpoint(root, "authorization_endpoint", issuer));
    VIGIL_TRY(token, endpoint(root, "token_endpoint", issuer));
    VIGIL_TRY(keys, endpoint(root, "jwks_uri", issuer));
    // Core 1.0 9: not said is basic.
    const auto methods = root["token_endpoint_auth_methods_supported"];
    bool takes_basic = !methods.is(JsonKind::array);
    for (const auto method : methods)
        takes_basic = takes_basic || method.string() == "client_secret_basic";
    return ProviderMetadata{.authorization_endpoint = std::move(authorization),
                            .token_endpoint = std::move(token),
                            .jwks_uri = std::move(keys),
                            .takes_basic = takes_basic};
}

Result<std::string> read_id_token(std::string_view json) {
    JsonDocument document;
    VIGIL_TRY(root, read_object(document, json));
    if (const auto error = root["error"].string(); !error.empty())
        return wrong(fmt::format("the provider refused the code: {}", error.substr(0, 64)));
    const auto token = root["id_token"].string();
    if (token.empty()) return wrong("the provider gave no id_token");
    return std::string(token);
}

std::vector<std::string> claim_texts(std::string_view payload, std::string_view claim) {
    JsonDocument document;
    const auto root = document.parse(payload, limits);
    std::vector<std::string> texts;
    if (!root) return texts;
    const auto value = claim_of(*root, claim);
    if (value.is(JsonKind::string)) texts.emplace_back(value.text());
    if (!value.is(JsonKind::array)) return texts;
    for (const auto each : value)
        if (each.is(JsonKind::string) && texts.size() < texts_max) texts.emplace_back(each.text());
    return texts;
}

bool claim_is_true(std::string_view payload, std::string_view claim) {
    JsonDocument document;
    const auto root = document.parse(payload, limits);
    return root && claim_of(*root, claim).is_true();
}

}  // namespace vigil::share::openid
