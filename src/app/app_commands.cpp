// `vigil app …`: the apps that people may let in, and services with a key of their own.
#include <fmt/format.h>

#include <fstream>

#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "identity/apps.hpp"

namespace vigil::app {
namespace {

Result<std::string> read_keys_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(identity::jwks_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof()) return fail(Error::Kind::not_found, "this file of keys cannot be read", path);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

void write_list(JsonWriter& json, const char* name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json.key(name).begin_array();
    for (const auto& text : texts) json.text(text);
    json.end_array();
}

Result<std::string> body_of(const AppSet& app) {
    std::string body;
    JsonWriter json(body);
    const auto text = [&](const char* name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    };
    json.begin_object();
    text("name", app.name);
    if (!app.kind.empty()) json.member("kind", app.kind).member("client_id", app.client_id);
    text("launch_uri", app.launch_uri);
    text("jwks_uri", app.jwks_uri);
    text("account", app.account);
    if (!app.jwks_file.empty()) {
        VIGIL_TRY(keys, read_keys_file(app.jwks_file));
        json.member("jwks", keys);
    }
    write_list(json, "redirect_uris", app.redirect_uris);
    write_list(json, "scopes", app.scopes);
    if (app.enabled) json.member("enabled", *app.enabled);
    return body;
}

}  // namespace

int app_list(const OperatorOptions& where, Output output) {
    return ask(where, output, "GET", "/api/apps", "", [](JsonValue root) {
        fmt::print("{:<24} {:<13} {:<9} {:<7} {}\n", "CLIENT ID", "KIND", "STATE", "GRANTS",
                   "NAME");
        for (const auto app : root["apps"])
            fmt::print("{:<24} {:<13} {:<9} {:<7} {}\n", app["client_id"].string(),
                       app["kind"].string(), app["enabled"].is_true() ? "enabled" : "disabled",
                       app["grants"].text(), app["name"].string());
        fmt::print("{} apps\n", root["apps"].size());
    });
}

int app_add(const OperatorOptions& where, Output output, const AppSet& app) {
    const auto body = body_of(app);
    if (!body) return report(body.error());
    return ask(where, output, "POST", "/api/apps", *body, [](JsonValue added) {
        fmt::print("app {} added: its client id is {}\n", added["name"].string(),
                   added["client_id"].string());
    });
}

int app_change(const OperatorOptions& where, Output output, const AppSet& app) {
    const auto body = body_of(app);
    if (!body) return report(body.error());
    return ask(where, output, "PATCH", "/api/apps/" + percent_encoded(app.client_id), *body,
               [](JsonValue changed) {
                   fmt::print("app {} changed; what it was granted before has ended\n",
                              changed["client_id"].string());
               });
}

}  // namespace vigil::app
