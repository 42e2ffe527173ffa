// Accounts and tokens: for administrators and the command line.
#include "identity/password.hpp"
#include "share/api/api.hpp"

namespace vigil::share {
namespace {

void write_account(JsonWriter& json, const identity::Account& account) {
    json.begin_object().member("username", account.user_name);
    json.member("display_name", account.display_name)
        .member("role", identity::to_string(account.role));
    json.member("enabled", account.enabled).member("registered", account.registered).end_object();
}

void list(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call, store::Act::administer, identity::Subjects::all(), "accounts")) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("accounts").begin_array();
    for (const auto& [id, account] : api.registry.accounts()) write_account(json, account);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void give_account(ApiContext& api, const ApiCallPtr& call, identity::Account account) {
    auto act = api.registry.plan_add_account(std::move(account), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto id = std::get<identity::AccountAdded>(act->body).account.id;
    give(api, call, std::move(act), [&api, id](const identity::Applied&) {
        std::string body;
        JsonWriter json(body);
        write_account(json, *api.registry.account(id));
        return json_answer(std::move(body), 201);
    });
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(api, call, store::Act::administer, identity::Subjects::all(), "account add"))
        return;
    identity::Account account;
    account.user_name = (*body)["username"].string();
    account.display_name = (*body)["display_name"].string();
    const auto role = identity::role((*body)["role"].string());
    if (!role)
        return answer_error(api, call,
                            {Error::Kind::malformed,
                             "takes administrator, clinician, engineer or service", "role"});
    account.role = *role;
    std::string password((*body)["password"].string());
    if (password.empty() && account.role == identity::Role::service)
        return give_account(api, call, std::move(account));
    if (const auto fine = identity::check_password_rules(password, account.user_name); !fine)
        return answer_error(api, call, fine.error());
    api.on_worker([&api, call, account = std::move(account),
                   password = std::move(password)]() mutable {
        auto hash = identity::hash_password(password);
        api.on_loop([&api, call, account = std::move(account), hash = std::move(hash)]() mutable {
            if (!hash) return answer_error(api, call, hash.error());
            account.password_hash = std::move(*hash);
            give_account(api, call, std::move(account));
        });
    });
}

void add_token(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(api, call, store::Act::administer, identity::Subjects::all(), "account token"))
        return;
    const auto* account = api.registry.find_account(call->captured[0]);
    if (account == nullptr)
        return answer_error(api, call, {Error::Kind::not_found, "no such account here", "account"});
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
    api.add("POST", "/api/accounts/{name}/tokens", add_token);
}

}  // namespace vigil::share
