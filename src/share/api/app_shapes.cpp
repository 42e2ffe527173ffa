#include "share/api/app_shapes.hpp"

#include <utility>

#include "fhir/resource/resource.hpp"
#include "identity/jose/jwk.hpp"

namespace vigil::share {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const auto& text : texts) json.text(text);
    json.end_array();
}

void write_app(JsonWriter& json, const ApiContext& api, const identity::App& app, Timestamp now) {
    const auto* account = api.registry.account(app.account);
    const auto keys = identity::jose::read_jwks(app.jwks);
    json.begin_object().member("client_id", app.client_id).member("name", app.name);
    json.member("kind", identity::to_string(app.kind));
    write_texts(json, "redirect_uris", app.redirect_uris);
    json.member_or_null("launch_uri", app.launch_uri);
    json.member_or_null("jwks_uri", app.jwks_uri);
    json.member("keys", keys ? keys->keys().size() : 0);
    write_texts(json, "scopes", app.scopes);
    json.member_or_null("account", account != nullptr ? account->user_name : std::string());
    json.member("enabled", app.enabled).member("registered", app.registered);
    json.member("grants", api.registry.apps().granted_to(app.id, now)).end_object();
}

Result<std::vector<std::string>> read_texts(JsonValue list, std::string_view place) {
    std::vector<std::string> texts;
    if (!list || list.is(JsonKind::null)) return texts;
    if (!list.is(JsonKind::array))
        return fail(Error::Kind::malformed, "takes a list of texts", std::string(place));
    for (const auto text : list) {
        if (!text.is(JsonKind::string))
            return fail(Error::Kind::malformed, "takes a list of texts", std::string(place));
        texts.emplace_back(text.string());
    }
    return texts;
}

Result<std::string> read_keys(JsonValue jwks) {
    std::string text(jwks.string());
    if (jwks.is(JsonKind::object)) {
        JsonWriter json(text);
        fhir::write_json(json, jwks);
    }
    if (text.empty()) return text;
    auto read = identity::jose::read_jwks(text);
    if (!read) return fail(Error::Kind::malformed, std::move(read.error().message), "jwks");
    return text;
}

std::string new_client_id(const ApiContext& api) {
    return "app-" + identity::new_secret(api.random).substr(0, 16);
}

}  // namespace vigil::share
