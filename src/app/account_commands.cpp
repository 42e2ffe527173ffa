// `vigil account …`: who may sign in, with what, and what they may do.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"

namespace vigil::app {
namespace {

std::string address_of(const std::string& user_name) {
    return "/api/accounts/" + percent_encoded(user_name);
}

std::string read_password(const std::string& user_name) {
    if (::isatty(STDIN_FILENO) == 1) fmt::print(stderr, "password for {}: ", user_name);
    std::string password;
    std::getline(std::cin, password);
    return password;
}

void write_units(JsonWriter& json, const std::vector<std::string>& units) {
    json.key("units").begin_array();
    for (const auto& unit : units) json.text(unit);
    json.end_array();
}

}  // namespace

int account_list(const OperatorOptions& where, Output output) {
    return ask(where, output, "GET", "/api/accounts", "", [](JsonValue root) {
        fmt::print("{:<24} {:<14} {:<9} {:<8} {}\n", "ACCOUNT", "ROLE", "STATE", "FACTOR", "NAME");
        for (const auto account : root["accounts"])
            fmt::print("{:<24} {:<14} {:<9} {:<8} {}\n", account["username"].string(),
                       account["role"].string(),
                       account["enabled"].is_true() ? "enabled" : "disabled",
                       account["second_factor"].is_true() ? "set up" : "none",
                       account["display_name"].string());
        fmt::print("{} accounts\n", root["accounts"].size());
    });
}

int account_add(const OperatorOptions& where, Output output, const AccountAdd& account) {
    const auto password =
        account.role == "service" ? std::string() : read_password(account.user_name);
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .member("username", account.user_name)
        .member("display_name", account.display_name);
    json.member("role", account.role).member("password", password);
    if (!account.fhir_user.empty()) json.member("fhir_user", account.fhir_user);
    write_units(json, account.units);
    json.end_object();
    return ask(where, output, "POST", "/api/accounts", body,
               [&](JsonValue) { fmt::print("account {} added\n", account.user_name); });
}

int account_token(const OperatorOptions& where, Output output, const AccountToken& token) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("name", token.name).key("scopes").begin_array();
    for (const auto& scope : token.scopes) json.text(scope);
    json.end_array();
    if (!token.expires_in.empty()) {
        const auto lifetime = parse_duration(token.expires_in);
        if (!lifetime) return report(lifetime.error());
        const Timestamp now =
            std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now());
        json.member("expires", now + *lifetime);
    }
    json.end_object();
    return ask(where, output, "POST",
               "/api/accounts/" + percent_encoded(token.user_name) + "/tokens", body,
               [](JsonValue root) { fmt::print("{}\n", root["token"].string()); });
}

int token_issue(const OperatorOptions& where, Output output, AccountToken token) {
    if (!token.user_name.empty()) return account_token(where, output, token);
    token.user_name = "scripts";
    {
        auto desk = Operator::open(where);
        if (!desk) return report(desk.error());
        std::string body;
        JsonWriter json(body);
        json.begin_object()
            .member("username", token.user_name)
            .member("display_name", "Scripts")
            .member("role", "service")
            .member("password", "")
            .end_object();
        const auto added = desk->post("/api/accounts", body);
        // It is there from the last time.
        if (!added && added.error().kind != Error::Kind::conflict) return report(added.error());
    }
    return account_token(where, output, token);
}

int account_change(const OperatorOptions& where, Output output, const AccountChange& change) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (change.display_name) json.member("display_name", *change.display_name);
    if (change.role) json.member("role", *change.role);
    if (change.enabled) json.member("enabled", *change.enabled);
    if (change.fhir_user) json.member("fhir_user", *change.fhir_user);
    if (!change.units.empty() || change.no_unit) write_units(json, change.units);
    if (change.new_password) json.member("password", read_password(change.user_name));
    json.end_object();
    return ask(where, output, "PATCH", address_of(change.user_name), body, [](JsonValue root) {
        fmt::print("account {}: {}, {}\n", root["username"].string(), root["role"].string(),
                   root["enabled"].is_true() ? "enabled" : "disabled");
    });
}

int account_sign_out(const OperatorOptions& where, Output output, const std::string& user_name) {
    return ask(where, output, "DELETE", address_of(user_name) + "/sessions", "",
               [](JsonValue root) { fmt::print("{} sessions ended\n", root["ended"].text()); });
}

int account_reset_factors(const OperatorOptions& where, Output output,
                          const std::string& user_name) {
    return ask(where, output, "DELETE", address_of(user_name) + "/factors", "", [&](JsonValue) {
        fmt::print("{} has no second factor any more, and is signed out\n", user_name);
    });
}

int account_tokens(const OperatorOptions& where, Output output, const std::string& user_name) {
    return ask(where, output, "GET", address_of(user_name) + "/tokens", "", [](JsonValue root) {
        fmt::print("{:<6} {:<24} {:<32} {}\n", "ID", "NAME", "SCOPES", "EXPIRES");
        for (const auto token : root["tokens"]) {
            std::string scopes;
            for (const auto scope : token["scopes"])
                scopes += (scopes.empty() ? "" : " ") + std::string(scope.string());
            const auto expires = token["expires"].string();
            fmt::print("{:<6} {:<24} {:<32} {}\n", token["id"].text(), token["name"].string(),
                       scopes, expires.empty() ? "never" : expires);
        }
        fmt::print("{} tokens\n", root["tokens"].size());
    });
}

int account_revoke(const OperatorOptions& where, Output output, const std::string& user_name,
                   const std::string& token) {
    return ask(where, output, "DELETE", address_of(user_name) + "/tokens/" + percent_encoded(token),
               "", [&](JsonValue) { fmt::print("token {} of {} is revoked\n", token, user_name); });
}

}  // namespace vigil::app
