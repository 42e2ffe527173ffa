#include "share/oauth/exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/json_writer.hpp"
#include "identity/jose/jwt.hpp"
#include "identity/sign_in_guard.hpp"
#include "share/oauth/app_state.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t form_bytes_max = 64 * 1024, form_fields_max = 32;
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

void refuse_client(ApiContext& api, const ApiCallPtr& call, const std::string& client_id,
                   const std::string& reason) {
    auto who = identity::nobody();
    if (!client_id.empty()) who.token = "app:" + client_id;
    note_app(api, call, who, "app authenticate", false, reason);
    answer_oauth(api, call, 401, "invalid_client", reason);
}

void check_assertion(ApiContext& api, const ApiCallPtr& call, const std::string& client_id,
                     const std::string& assertion,
                     const std::function<void(const identity::App&)>& then) {
    const auto* app = api.registry.apps().find(client_id);
    if (app == nullptr || !app->enabled)
        return refuse_client(api, call, client_id, "no such app is registered here");
    const auto shown = api.apps.client_keys.check(
        *app, assertion,
        {api.apps.address("/oauth/token"), api.apps.issuer, api.apps.address(call->request.path)},
        call->now);
    if (shown) return then(*app);
    if (shown.error().kind == Error::Kind::busy)
        return answer_oauth(api, call, 503, "temporarily_unavailable", shown.error().message);
    refuse_client(api, call, client_id, shown.error().message);
}

void by_assertion(ApiContext& api, const ApiCallPtr& call, const fhir::Parameters& form,
                  std::function<void(const identity::App&)> then) {
    std::string assertion(field(form, "client_assertion"));
    if (field(form, "client_assertion_type") != assertion_type)
        return refuse_client(api, call, {},
                             "client_assertion_type is " + std::string(assertion_type));
    const auto client_id = identity::jose::claimed_issuer(assertion);
    const auto named = field(form, "client_id");
    if (!client_id || client_id->empty() || (!named.empty() && named != *client_id))
        return refuse_client(api, call, {}, "the assertion's issuer is the client id");
    const auto* app = api.registry.apps().find(*client_id);
    if (app == nullptr || !app->enabled || app->kind == identity::AppKind::open)
        return refuse_client(api, call, *client_id, "no such app is registered here");
    if (!api.apps.client_keys.need_fetch(*app, assertion, call->now))
        return check_assertion(api, call, *client_id, assertion, then);
    api.on_worker([&api, call, client = *client_id, assertion = std::move(assertion),
                   then = std::move(then), uri = app->jwks_uri] {
        auto jwks = api.apps.fetch(uri);
        api.on_loop([&api, call, client, assertion, then, jwks = std::move(jwks)] {
            const auto* still = api.registry.apps().find(client);
            if (still != nullptr) api.apps.client_keys.fetched(*still, jwks, api.now());
            check_assertion(api, call, client, assertion, then);
        });
    });
}

}  // namespace

session::HttpResponse oauth_error(int status, std::string_view code, std::string_view message) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("error", code).member("error_description", message).end_object();
    auto answer = json_answer(std::move(body), status);
    if (status == 401) answer.headers.emplace_back("www-authenticate", "Bearer");
    return answer;
}

void answer_oauth(ApiContext& api, const ApiCallPtr& call, int status, std::string_view code,
                  std::string_view message) {
    answer(api, call, oauth_error(status, code, message));
}

Result<fhir::Parameters> read_oauth_form(const session::HttpRequest& request) {
    const auto type = request.header("content-type").value_or("");
    if (!type.starts_with("application/x-www-form-urlencoded"))
        return fail(Error::Kind::malformed, "send a form: application/x-www-form-urlencoded");
    if (request.body.size() > form_bytes_max)
        return fail(Error::Kind::malformed, "the form has more than 64 KiB");
    return check_fields(fhir::read_form(request.body));
}

Result<fhir::Parameters> check_fields(fhir::Parameters fields) {
    if (fields.size() > form_fields_max)
        return fail(Error::Kind::malformed, "more than 32 fields were sent");
    for (auto each = fields.begin(); each != fields.end(); ++each)
        for (auto other = std::next(each); other != fields.end(); ++other)
            if (each->first == other->first)
                return fail(Error::Kind::malformed, "a field stands twice");
    return fields;
}

std::string_view field(const fhir::Parameters& form, std::string_view name) {
    for (const auto& [key, value] : form)
        if (key == name) return value;
    return {};
}

void authenticate(ApiContext& api, const ApiCallPtr& call, const fhir::Parameters& form,
                  std::function<void(const identity::App&)> then) {
    if (!field(form, "client_assertion").empty())
        return by_assertion(api, call, form, std::move(then));
    const std::string client_id(field(form, "client_id"));
    const auto* app = api.registry.apps().find(client_id);
    if (app == nullptr || !app->enabled)
        return refuse_client(api, call, client_id, "no such app is registered here");
    if (app->kind != identity::AppKind::open)
        return refuse_client(api, call, client_id,
                             "this app shows who it is by a client_assertion (private_key_jwt)");
    then(*app);
}

void note_app(ApiContext& api, const ApiCallPtr& call, const identity::Principal& who,
              std::string what, bool permitted, std::string reason) {
    // Anybody may fail as often as they like: not all of it is for the audit to keep.
    const auto network = identity::network_of(call->request.peer.address);
    if (!permitted &&
        api.apps.failures.take(network, call->now.time_since_epoch()) > Nanoseconds(0))
        return;
    api.desk.note(
        who,
        {.act = store::Act::write,
         .subjects = who.patient ? identity::Subjects::of(who.patient) : identity::Subjects{},
         .what = std::move(what),
         .purpose = "app",
         .from = call->request.peer.address,
         .at = call->now},
        permitted, std::move(reason));
}

}  // namespace vigil::share
