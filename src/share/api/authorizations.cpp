// What an app asks, shown to the person whom it asks, and their answer; and apps that are opened
// from a patient's page (SMART "EHR launch").
#include <algorithm>
#include <utility>

#include "identity/app_scopes.hpp"
#include "share/api/api.hpp"
#include "share/api/app_shapes.hpp"
#include "share/api/web_session.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/redirect.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Asked;

constexpr std::string_view too_many = "too many apps were let in lately: try again in a minute";

void gone(ApiContext& api, const ApiCallPtr& call) {
    answer_error(api, call,
                 {Error::Kind::not_found,
                  "this was answered already, or too long ago: open the app again", "id"});
}

// For whose data the app was opened; 0: that is to be chosen, or no patient is asked for.
PatientId patient_known(const ApiContext& api, const Asked& asked, const identity::Account& account,
                        Timestamp now) {
    if (asked.launch) return asked.launch->patient;
    if (account.role != identity::Role::patient) return {};
    for (const auto* relation : api.registry.relations_of(account.id))
        if (relation->kind == identity::Relationship::self && relation->from <= now &&
            now < relation->to)
            return relation->patient;
    return {};
}

bool wants_patient(const std::vector<std::string>& scopes) {
    return identity::of_a_patient(scopes) ||
           identity::has_scope(scopes, identity::scope_launch_patient);
}

std::string_view host_of(std::string_view uri) {
    const auto scheme = uri.find("://");
    if (scheme == std::string_view::npos) return uri.substr(0, uri.find(':'));
    const auto host = uri.substr(scheme + 3);
    return host.substr(0, host.find('/'));
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    const auto asked = api.apps.authorizations.asked(call->captured[0], call->now);
    const auto* app = asked ? api.registry.apps().app(asked->app) : nullptr;
    if (app == nullptr || !app->enabled) return gone(api, call);
    const auto available = identity::available_scopes(asked->scopes, *app, who->account);
    const auto patient = patient_known(api, *asked, who->account, call->now);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("id", call->captured[0]).key("app").begin_object();
    json.member("client_id", app->client_id).member("name", app->name);
    json.member("kind", identity::to_string(app->kind));
    json.member("redirect_host", host_of(asked->redirect_uri)).end_object();
    write_texts(json, "scopes", available.scopes);
    write_texts(json, "refused", available.refused);
    json.member_or_null("patient", patient ? patient_id_text(patient) : std::string());
    json.member("needs_patient", !patient && wants_patient(available.scopes));
    json.member("expires", asked->expires).end_object();
    answer(api, call, json_answer(std::move(body)));
}

void lead_back(ApiContext& api, const ApiCallPtr& call, const Asked& asked, fhir::Parameters with) {
    with.emplace_back("state", asked.state);
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .member("redirect", redirect_back(asked.redirect_uri, std::move(with), api.apps.issuer))
        .end_object();
    answer(api, call, json_answer(std::move(body)));
}

// What the person left of what was to be had.
std::vector<std::string> left_of(const std::vector<std::string>& available, JsonValue chosen) {
    if (!chosen) return available;
    std::vector<std::string> left;
    for (const auto each : chosen)
        if (identity::has_scope(available, each.string())) left.emplace_back(each.string());
    return left;
}

Result<PatientId> chosen_patient(ApiContext& api, const ApiCall& call, const Asked& asked,
                                 const identity::Account& account, JsonValue body,
                                 const std::vector<std::string>& scopes) {
    auto patient = patient_known(api, asked, account, call.now);
    if (!patient && wants_patient(scopes))
        patient = parse_patient_id(body["patient"].text()).value_or(PatientId{});
    if (!patient) {
        if (!wants_patient(scopes)) return patient;
        return fail(Error::Kind::malformed, "choose for which patient", "patient");
    }
    if (!api.desk.reached(call.who, call.now)->reaches(patient))
        return fail(Error::Kind::forbidden, "this patient is not in your care", "patient");
    if (api.fhir_id(patient).empty())
        return fail(Error::Kind::conflict, "this patient has no record at /fhir yet", "patient");
    return patient;
}

void allow(ApiContext& api, const ApiCallPtr& call, const Person& who, const Asked& asked,
           const identity::App& app, JsonValue body) {
    if (asked.launch && asked.launch->account != who.account.id)
        return answer_error(api, call,
                            {Error::Kind::forbidden, "somebody else opened this app", "id"});
    const auto available = identity::available_scopes(asked.scopes, app, who.account);
    auto scopes = left_of(available.scopes, body["scopes"]);
    if (scopes.empty())
        return answer_error(
            api, call, {Error::Kind::malformed, "leave the app something, or deny it", "scopes"});
    const auto patient = chosen_patient(api, *call, asked, who.account, body, scopes);
    if (!patient) return answer_error(api, call, patient.error());
    if (!api.apps.authorizations.answered(call->captured[0], call->now))
        return answer(api, call, try_later(503, too_many, 60));
    auto code = api.apps.authorizations.give({.asked = asked,
                                              .account = who.account.id,
                                              .patient = *patient,
                                              .scopes = std::move(scopes),
                                              .authenticated = who.session.authenticated},
                                             call->now);
    if (code.empty()) return answer(api, call, try_later(503, too_many, 60));
    note(api, call, "app allow " + app.client_id);
    lead_back(api, call, asked, {{"code", std::move(code)}});
}

void decide_asked(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto asked = api.apps.authorizations.asked(call->captured[0], call->now);
    const auto* app = asked ? api.registry.apps().app(asked->app) : nullptr;
    if (app == nullptr || !app->enabled) return gone(api, call);
    const auto decision = (*body)["decision"].string();
    if (decision == "allow") return allow(api, call, *who, *asked, *app, *body);
    if (decision != "deny")
        return answer_error(api, call, {Error::Kind::malformed, "takes allow or deny", "decision"});
    if (!api.apps.authorizations.answered(call->captured[0], call->now))
        return answer(api, call, try_later(503, too_many, 60));
    note(api, call, "app deny " + app->client_id);
    lead_back(api, call, *asked, {{"error", "access_denied"}});
}

// --- Launches

bool opens_from_a_page(const identity::App& app) {
    return app.enabled && !app.launch_uri.empty();
}

void launchable(ApiContext& api, const ApiCallPtr& call) {
    if (!person(api, call)) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("apps").begin_array();
    for (const auto& [id, app] : api.registry.apps().all())
        if (opens_from_a_page(app))
            json.begin_object()
                .member("client_id", app.client_id)
                .member("name", app.name)
                .end_object();
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void launch(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto* app = api.registry.apps().find((*body)["client_id"].string());
    if (app == nullptr || !opens_from_a_page(*app))
        return answer_error(api, call,
                            {Error::Kind::not_found, "no such app can be opened", "client_id"});
    const auto patient = patient_named(api, (*body)["patient"].text(), "patient");
    if (!patient) return answer_error(api, call, patient.error());
    if (!api.desk.reached(call->who, call->now)->reaches((*patient)->id))
        return answer_error(
            api, call, {Error::Kind::forbidden, "this patient is not in your care", "patient"});
    const auto word = api.apps.authorizations.open_launch(
        {.app = app->id, .account = who->account.id, .patient = (*patient)->id}, call->now);
    if (word.empty()) return answer(api, call, try_later(503, too_many, 60));
    note(api, call, "app launch " + app->client_id);
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .member("url", with_query(app->launch_uri, {{"iss", api.apps.fhir_base}, {"launch", word}}))
        .end_object();
    answer(api, call, json_answer(std::move(out)));
}

}  // namespace

void add_authorizations(Api& api) {
    api.add("GET", "/api/authorizations/{id}", show);
    api.add("POST", "/api/authorizations/{id}", decide_asked);
    api.add("GET", "/api/launches", launchable);
    api.add("POST", "/api/launches", launch);
}

}  // namespace vigil::share
