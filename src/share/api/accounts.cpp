// Accounts and tokens: for administrators and the command line.
#include "identity/password.hpp"
#include "share/api/api.hpp"
#include "share/api/web_session.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;

void write_account(const ApiContext& api, JsonWriter& json, const identity::Account& account) {
    json.begin_object().member("username", account.user_name);
    json.member("display_name", account.display_name)
        .member("role", identity::to_string(account.role));
    json.key("units").begin_array();
    for (const auto& unit : account.units) json.text(unit);
    json.end_array();
    json.member("fhir_user", account.fhir_user);
    json.member("enabled", account.enabled).member("registered", account.registered);
    json.member("second_factor", api.registry.factors().of(account.id).any()).end_object();
}

void write_token(JsonWriter& json, const identity::ApiToken& token) {
    json.begin_object().member("id", token.id.value).member("name", token.name).key("scopes");
    json.begin_array();
    for (const auto& scope : token.scopes) json.text(scope);
    json.end_array().member("issued", token.issued);
    json.member_or_null("expires", token.expires == identity::end_of_time
                                       ? std::nullopt
                                       : std::optional(token.expires));
    json.end_object();
}

session::HttpResponse account_answer(const ApiContext& api, AccountId id, int status) {
    std::string body;
    JsonWriter json(body);
    write_account(api, json, *api.registry.account(id));
    return json_answer(std::move(body), status);
}

// The account that the address names, for somebody who may administer; nothing: it was answered.
const identity::Account* administered(ApiContext& api, const ApiCallPtr& call, std::string what) {
    if (!decide(
            api, call,
            {.act = store::Act::administer, .areas = {Area::accounts}, .what = std::move(what)}))
        return nullptr;
    const auto* account = api.registry.find_account(call->captured[0]);
    if (account == nullptr)
        answer_error(api, call, {Error::Kind::not_found, "no such account here", "account"});
    return account;
}

// Hashes on a worker; `then` runs on the loop.
void hash_password(ApiContext& api, const ApiCallPtr& call, std::string password,
                   std::function<void(std::string hash)> then) {
    api.on_worker([&api, call, password = std::move(password), then = std::move(then)] {
        auto hash = identity::hash_password(password);
        api.on_loop([&api, call, hash = std::move(hash), then] {
            if (!hash) return answer_error(api, call, hash.error());
            then(*hash);
        });
    });
}

void list(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call,
                {.act = store::Act::read, .areas = {Area::accounts}, .what = "accounts"}))
        return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("accounts").begin_array();
    for (const auto& [id, account] : api.registry.accounts()) write_account(api, json, account);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void give_account(ApiContext& api, const ApiCallPtr& call, identity::Account account) {
    auto act = api.registry.plan_add_account(std::move(account), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto id = std::get<identity::AccountAdded>(act->body).account.id;
    give(api, call, std::move(act),
         [&api, id](const identity::Applied&) { return account_answer(api, id, 201); });
}

Result<identity::Role> read_role(JsonValue word) {
    if (const auto role = identity::role(word.string())) return *role;
    return fail(Error::Kind::malformed, "takes one of " + identity::role_names(), "role");
}

Result<std::vector<std::string>> read_units(JsonValue list) {
    std::vector<std::string> units;
    if (!list || list.is(JsonKind::null)) return units;
    if (!list.is(JsonKind::array))
        return fail(Error::Kind::malformed, "takes a list of units' names", "units");
    for (const auto unit : list) {
        if (!unit.is(JsonKind::string))
            return fail(Error::Kind::malformed, "takes a list of units' names", "units");
        units.emplace_back(unit.string());
    }
    return units;
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::accounts}, .what = "account add"}))
        return;
    identity::Account account;
    account.user_name = (*body)["username"].string();
    account.display_name = (*body)["display_name"].string();
    const auto role = read_role((*body)["role"]);
    if (!role) return answer_error(api, call, role.error());
    account.role = *role;
    auto units = read_units((*body)["units"]);
    if (!units) return answer_error(api, call, units.error());
    account.units = std::move(*units);
    account.fhir_user = (*body)["fhir_user"].string();
    std::string password((*body)["password"].string());
    if (password.empty() && account.role == identity::Role::service)
        return give_account(api, call, std::move(account));
    if (const auto fine = identity::check_password_rules(password, account.user_name); !fine)
        return answer_error(api, call, fine.error());
    hash_password(api, call, std::move(password),
                  [&api, call, account = std::move(account)](std::string hash) mutable {
                      account.password_hash = std::move(hash);
                      give_account(api, call, std::move(account));
                  });
}

// What the body asks to be otherwise, over the account as it is now.
struct AccountChange {
    std::optional<std::string> display_name, password, fhir_user;
    std::optional<identity::Role> role;
    std::optional<bool> enabled;
    std::optional<std::vector<std::string>> units;
};

Result<AccountChange> read_change(JsonValue body) {
    AccountChange change;
    if (const auto name = body["display_name"]; name.is(JsonKind::string))
        change.display_name = name.string();
    if (const auto reference = body["fhir_user"]; reference.is(JsonKind::string))
        change.fhir_user = reference.string();
    if (const auto password = body["password"]; password.is(JsonKind::string))
        change.password = password.string();
    if (const auto word = body["role"]) {
        VIGIL_TRY(role, read_role(word));
        change.role = role;
    }
    if (const auto list = body["units"]) {
        VIGIL_TRY(units, read_units(list));
        change.units = std::move(units);
    }
    if (const auto enabled = body["enabled"]) {
        if (!enabled.is(JsonKind::boolean))
            return fail(Error::Kind::malformed, "takes true or false", "enabled");
        change.enabled = enabled.is_true();
    }
    return change;
}

void give_change(ApiContext& api, const ApiCallPtr& call, AccountId id, const AccountChange& change,
                 std::string hash) {
    // As it is now: hashing took its time.
    auto account = *api.registry.account(id);
    if (change.display_name) account.display_name = *change.display_name;
    if (change.role) account.role = *change.role;
    if (change.enabled) account.enabled = *change.enabled;
    if (change.units) account.units = *change.units;
    if (change.fhir_user) account.fhir_user = *change.fhir_user;
    if (!hash.empty()) account.password_hash = std::move(hash);
    give(api, call,
         api.registry.plan_change_account(std::move(account), {call->now, call->who.name}),
         [&api, id](const identity::Applied&) { return account_answer(api, id, 200); });
}

void change(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto* account = administered(api, call, "account change");
    if (account == nullptr) return;
    auto asked = read_change(*body);
    if (!asked) return answer_error(api, call, asked.error());
    auto password = std::move(asked->password);
    if (password && !fresh_enough(api, call)) return;
    if (!password) return give_change(api, call, account->id, *asked, {});
    if (const auto fine = identity::check_password_rules(*password, account->user_name); !fine)
        return answer_error(api, call, fine.error());
    hash_password(api, call, std::move(*password),
                  [&api, call, id = account->id, asked = *asked](std::string hash) {
                      give_change(api, call, id, asked, std::move(hash));
                  });
}

// Signs an account out everywhere; its tokens stay.
void end_sessions(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = administered(api, call, "account sign out");
    if (account == nullptr) return;
    const auto ended = api.sessions.close_all(account->id);
    api.live.access_changed();
    std::string body;
    JsonWriter(body).begin_object().member("ended", ended).end_object();
    answer(api, call, json_answer(std::move(body)));
}

// For somebody who lost theirs: they sign in with the password alone, and set up another.
void reset_factors(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = administered(api, call, "account second factor reset");
    if (account == nullptr || !fresh_enough(api, call)) return;
    give(api, call, api.second_factor.plan_reset(account->id, {call->now, call->who.name}),
         [&api, call, name = account->user_name](const identity::Applied&) {
             note(api, call, "second factor reset " + name);
             return no_content();
         });
}

void list_tokens(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = administered(api, call, "account tokens");
    if (account == nullptr) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("tokens").begin_array();
    for (const auto& [id, token] : api.registry.tokens())
        if (token.account == account->id) write_token(json, token);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void revoke_token(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = administered(api, call, "account token revoke");
    if (account == nullptr) return;
    const auto number = parse_patient_id(call->captured[1]);
    const auto* token = number ? api.registry.token(identity::TokenId{number->value}) : nullptr;
    if (token == nullptr || token->account != account->id)
        return answer_error(api, call, {Error::Kind::not_found, "no such token here", "token"});
    give(api, call, api.registry.plan_revoke_token(token->id, {call->now, call->who.name}),
         [](const identity::Applied&) { return no_content(); });
}

void add_token(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto* account = administered(api, call, "account token");
    if (account == nullptr) return;
    std::vector<std::string> scopes;
    for (const auto scope : (*body)["scopes"]) scopes.emplace_back(scope.string());
    auto expires = identity::end_of_time;
    if (const auto text = (*body)["expires"].string(); !text.empty()) {
        const auto read = read_time(text, "expires");
        if (!read) return answer_error(api, call, read.error());
        expires = *read;
    }
    auto token = api.registry.plan_api_token(account->id, std::string((*body)["name"].string()),
                                             std::move(scopes), expires, api.random,
                                             {call->now, call->who.name});
    if (!token) return answer_error(api, call, token.error());
    give(api, call, std::move(token->act), [secret = token->secret](const identity::Applied&) {
        std::string json;
        JsonWriter(json).begin_object().member("token", secret).end_object();
        return json_answer(std::move(json), 201);
    });
}

}  // namespace

void add_accounts(Api& api) {
    api.add("GET", "/api/accounts", list);
    api.add("POST", "/api/accounts", add);
    api.add("PATCH", "/api/accounts/{name}", change);
    api.add("DELETE", "/api/accounts/{name}/sessions", end_sessions);
    api.add("DELETE", "/api/accounts/{name}/factors", reset_factors);
    api.add("GET", "/api/accounts/{name}/tokens", list_tokens);
    api.add("POST", "/api/accounts/{name}/tokens", add_token);
    api.add("DELETE", "/api/accounts/{name}/tokens/{id}", revoke_token);
}

}  // namespace vigil::share
