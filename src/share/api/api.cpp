#include "share/api/api.hpp"

#include <utility>

#include "share/alarms/hub.hpp"
#include "share/api/session_cookie.hpp"
#include "share/oauth/app_state.hpp"

namespace vigil::share {
namespace {

constexpr const char* set_up_first = "this site asks for a second factor: set it up first";

std::optional<std::string_view> bearer(const session::HttpRequest& request) {
    const auto header = request.header("authorization");
    constexpr std::string_view scheme = "Bearer ";
    if (!header || !header->starts_with(scheme)) return std::nullopt;
    return header->substr(scheme.size());
}

// The page that sent the request was this server's own.
bool same_origin(const session::HttpRequest& request) {
    const auto origin = request.header("origin");
    const auto host = request.header("host");
    if (!origin) return true;
    const auto at = origin->find("://");
    return host && at != std::string_view::npos && origin->substr(at + 3) == *host;
}

}  // namespace

Api::Api(ApiContext& context) : context_(context) {
    add_sign_in(*this);
    add_openid(*this);
    add_own_account(*this);
    add_own_factors(*this);
    add_passkeys(*this);
    add_patients(*this);
    add_devices(*this);
    add_enrolments(*this);
    add_series(*this);
    add_raw_series(*this);
    add_messages(*this);
    add_quarantine(*this);
    add_server(*this);
    add_accounts(*this);
    add_audit(*this);
    add_relations(*this);
    add_privacy(*this);
    add_everything(*this);
    add_apps(*this);
    add_authorizations(*this);
    add_alarms(*this);
    add_alarm_limits(*this);
    add_alarm_rules(*this);
    add_alarm_profiles(*this);
    add_alarm_what_if(*this);
    add_alarm_contacts(*this);
    add_alarm_displays(*this);
    add_score_settings(*this);
    add_scores(*this);
}

void Api::add(std::string_view method, std::string_view pattern, Handler handler, For whom) {
    router_.add(method, pattern);
    entries_.push_back({handler, whom});
}

Result<identity::Principal> Api::who(const session::HttpRequest& request) {
    VIGIL_TRY(sender, identify(request));
    if (sender.setting_up) return fail(Error::Kind::forbidden, set_up_first, "second-factor");
    return std::move(sender.who);
}

Result<Api::Sender> Api::identify(const session::HttpRequest& request) {
    const auto now = context_.now();
    if (const auto token = bearer(request)) {
        if (const auto* of_app = context_.apps.tokens.find(*token, now)) {
            if (context_.registry.stands(of_app->who, now)) return Sender{.who = of_app->who};
            return fail(Error::Kind::forbidden, "what was granted to this app has ended");
        }
        VIGIL_TRY(who, context_.registry.check_api_token(*token, now));
        return Sender{.who = std::move(who)};
    }
    const auto cookie = session_cookie(context_, request);
    if (!cookie) return Sender{.who = identity::nobody()};
    const auto* session = context_.sessions.find(*cookie, now);
    const auto* account =
        session != nullptr ? context_.registry.account(session->account) : nullptr;
    if (account == nullptr || !account->enabled)
        return fail(Error::Kind::forbidden, "the session has ended: sign in again");
    return Sender{.who = identity::principal_of(*account), .setting_up = session->setting_up};
}

std::string_view Api::credential(const session::HttpRequest& request) const {
    if (const auto token = bearer(request)) return *token;
    return session_cookie(context_, request).value_or("");
}

bool Api::csrf_holds(const session::HttpRequest& request) const {
    if (request.method == "GET" || request.method == "HEAD" || bearer(request)) return true;
    const auto cookie = session_cookie(context_, request);
    const auto shown = request.header("x-vigil-csrf");
    return cookie && shown && identity::Sessions::csrf_matches(*cookie, *shown);
}

Result<identity::Principal> Api::sender(const session::HttpRequest& request) {
    VIGIL_TRY(principal, who(request));
    if (principal.kind == identity::Principal::Kind::nobody)
        return fail(Error::Kind::forbidden, "sign in first, or send a bearer token");
    if (!csrf_holds(request))
        return fail(Error::Kind::malformed, "the X-Vigil-CSRF header is missing or wrong",
                    "X-Vigil-CSRF");
    return std::move(principal);
}

void Api::handle(session::HttpRequest request, session::HttpRespond respond) {
    auto sender = identify(request);
    const auto match = router_.match(request.method, request.path);
    const auto whom = match ? entries_[match->handler].whom : For::signed_in;
    if (whom != For::everyone) {
        if (!sender)
            return respond(unauthenticated("the session or token has ended: sign in again"));
        if (sender->who.kind == identity::Principal::Kind::nobody)
            return respond(unauthenticated("sign in first"));
        if (sender->setting_up && whom != For::setting_up)
            return respond(refused(403, "set-up-first", set_up_first, "second-factor"));
        if (!csrf_holds(request))
            return respond(
                error_answer({Error::Kind::forbidden, "the X-Vigil-CSRF header is missing or wrong",
                              "X-Vigil-CSRF"}));
    } else if (!same_origin(request)) {
        return respond(
            error_answer({Error::Kind::forbidden, "asked from another site's page", "Origin"}));
    }
    handle_as(sender ? std::move(sender->who) : identity::nobody(), std::move(request),
              std::move(respond));
}

void Api::handle_as(identity::Principal who, session::HttpRequest request,
                    session::HttpRespond respond) {
    const auto match = router_.match(request.method, request.path);
    if (!match) {
        auto response = error_answer(match.error());
        if (match.error().kind == Error::Kind::unsupported) response.status = 405;
        return respond(std::move(response));
    }
    auto call = std::make_shared<ApiCall>();
    for (const auto part : match->captured) call->captured.emplace_back(part);
    call->request = std::move(request);
    call->respond = std::move(respond);
    call->who = std::move(who);
    call->now = context_.now();
    entries_[match->handler].handler(context_, call);
}

session::Upgrade Api::upgrade(const session::HttpRequest& request) {
    session::Upgrade upgrade;
    const auto refuse = [&](session::HttpResponse response) {
        upgrade.refusal = std::move(response);
        return std::move(upgrade);
    };
    const bool is_alarms = request.path == "/api/alarms/live";
    if (request.path != "/api/live" && !is_alarms)
        return refuse(
            error_answer({Error::Kind::not_found, "there is no stream at this address", ""}));
    auto principal = who(request);
    if (!principal || principal->kind == identity::Principal::Kind::nobody)
        return refuse(unauthenticated("sign in first"));
    if (!bearer(request) && (!request.header("origin") || !same_origin(request)))
        return refuse(
            error_answer({Error::Kind::forbidden, "asked from another site's page", "Origin"}));
    if (request.header("purpose-of-use"))
        return refuse(
            error_answer({Error::Kind::malformed,
                          "the stream is for what a role is for: leave it out", "Purpose-Of-Use"}));
    if (is_alarms ? context_.alarms->full() : context_.live.full())
        return refuse(try_later(503, "too many streams are open", 5));
    std::string session(session_cookie(context_, request).value_or(std::string_view()));
    upgrade.messages = is_alarms ? context_.alarms->open(std::move(*principal), std::move(session))
                                 : context_.live.open(std::move(*principal), std::move(session));
    return upgrade;
}

}  // namespace vigil::share
