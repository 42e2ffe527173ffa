// What is asked over HTTP: by clients, and by the operator at the machine.
#include "app/core.hpp"
#include "net/gzip.hpp"
#include "share/shapes.hpp"

namespace vigil::app {
namespace {

constexpr Nanoseconds poll_interval = std::chrono::milliseconds(1);
constexpr int gzip_level = 4;
constexpr std::string_view metrics_path = "/metrics";

}  // namespace

session::HttpResponse Server::Core::ask(session::HttpRequest request) {
    std::optional<session::HttpResponse> response;
    request.received = loop_.now();
    api_->handle_as(identity::operator_at_the_machine(), std::move(request),
                    [this, &response](session::HttpResponse given) {
                        loop_.post([&response, given = std::move(given)]() mutable {
                            response = std::move(given);
                        });
                    });
    if (!loop_.run_until([&] { return response.has_value(); }, std::chrono::minutes(10)))
        return share::error_answer(
            {Error::Kind::busy, "the data folder's disk does not answer", ""});
    // A stream's parts may wait for a worker, which answers on the loop.
    auto part = response->next_part ? session::NextPart::more : session::NextPart::end;
    while (part == session::NextPart::more) {
        const auto before = response->body.size();
        part = response->next_part(response->body);
        if (response->body.size() == before) loop_.run_until([] { return false; }, poll_interval);
    }
    if (part == session::NextPart::broken)
        return share::error_answer({Error::Kind::internal, "what is stored could not be read", ""});
    return std::move(*response);
}

Nanoseconds Server::Core::over_limits(const session::HttpRequest& request) {
    return request_limits_->wait(api_->credential(request), request.peer.address,
                                 Nanoseconds(loop_.steady_now_ns()));
}

void Server::Core::handle(session::HttpRequest request, session::HttpRespond respond) {
    if (request.path == metrics_path) return answer_metrics(request, std::move(respond));
    if (share::EstDoor::owns(request.path))
        return answer_enrolment(std::move(request), std::move(respond));
    const bool is_for_apps = share::OAuthDoor::owns(request.path);
    const bool asks_for_work =
        is_for_apps || share::Api::owns(request.path) || FhirDoor::owns(request.path);
    if (asks_for_work)
        if (const auto wait = over_limits(request); wait > Nanoseconds(0))
            return respond(RequestLimits::refusal(request, wait));
    if (is_for_apps) return oauth_->handle(std::move(request), std::move(respond));
    if (share::Api::owns(request.path)) {
        respond = compressing(request, std::move(respond));
        return api_->handle(std::move(request), std::move(respond));
    }
    if (fhir_ && FhirDoor::owns(request.path)) {
        respond = compressing(request, std::move(respond));
        return fhir_->handle(std::move(request), std::move(respond));
    }
    if (web_) return respond(web_->serve(request));
    respond(share::error_answer(
        {Error::Kind::not_found, "the web app is not installed", request.path}));
}

void Server::Core::answer_enrolment(session::HttpRequest request, session::HttpRespond respond) {
    if (!share::EstDoor::owns(request.path))
        return respond(share::error_answer(
            {Error::Kind::not_found, "this port speaks MQTT, and EST to devices", request.path}));
    if (const auto wait = over_limits(request); wait > Nanoseconds(0))
        return respond(RequestLimits::refusal(request, wait));
    est_->handle(std::move(request), std::move(respond));
}

// Compressed where the client can read it. Never where an answer holds a secret beside what a page
// may have put into its question: its length would tell of the secret (BREACH, CVE-2013-3587).
// Those are the sign-in answers, with the CSRF token, and all answers to changes, with new
// credentials.
session::HttpRespond Server::Core::compressing(session::HttpRequest& request,
                                               session::HttpRespond respond) {
    const bool may_hold_secret = request.method != "GET" || request.path == "/api/session";
    if (may_hold_secret ||
        !net::accepts_encoding(request.header("accept-encoding").value_or(""), "gzip"))
        return respond;
    // The handlers know the ETag of what they make.
    constexpr std::string_view mark = "-gzip\"";
    for (auto& [name, value] : request.headers)
        if (name == "if-none-match" && value.ends_with(mark))
            value.replace(value.size() - mark.size(), mark.size(), "\"");
    return [this, respond = std::move(respond)](session::HttpResponse response) {
        response.headers.emplace_back("vary", "accept-encoding");
        if (!net::worth_gzip(response)) return respond(std::move(response));
        if (response.next_part) return respond(net::gzipped(std::move(response), gzip_level));
        workers_->post([respond, response = std::move(response)]() mutable {
            respond(net::gzipped(std::move(response), gzip_level));
        });
    };
}

session::Upgrade Server::Core::upgrade(const session::HttpRequest& request) {
    if (const auto wait = over_limits(request); wait > Nanoseconds(0)) {
        session::Upgrade refused;
        refused.refusal = RequestLimits::refusal(request, wait);
        return refused;
    }
    if (fhir_ && FhirDoor::owns(request.path)) return fhir_->upgrade(request);
    if (request.path != "/mqtt") return api_->upgrade(request);
    session::Upgrade upgrade;
    const auto offered = request.header("sec-websocket-protocol").value_or("");
    if (offered.find("mqtt") == std::string_view::npos) {
        upgrade.refusal = share::error_answer(
            {Error::Kind::malformed, "offer the subprotocol \"mqtt\"", "Sec-WebSocket-Protocol"});
        return upgrade;
    }
    upgrade.bytes = broker_->connect(request.peer);
    upgrade.subprotocol = "mqtt";
    return upgrade;
}

}  // namespace vigil::app
