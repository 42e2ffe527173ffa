#include "share/est/door.hpp"

#include <fmt/format.h>

#include <utility>

#include "identity/est_messages.hpp"
#include "share/est/exchange.hpp"

namespace vigil::share {
namespace {

constexpr std::string_view root = "/.well-known/est";
constexpr std::string_view pkcs7 = "application/pkcs7-mime; smime-type=certs-only";
// A device that loses its answers, or runs wild, may have ten certificates, and one more each hour.
constexpr identity::QuotaRules renewal_rules{
    .requests_per_second = 1.0 / 3600, .burst = 10, .buckets = 16'384};

std::string after(Nanoseconds wait) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

session::HttpResponse come_back(Nanoseconds wait, std::string_view words) {
    auto response = est_refusal(429, words);
    response.headers.emplace_back("retry-after", after(wait));
    return response;
}

session::HttpResponse ask_for_code(std::string_view words) {
    auto response = est_refusal(401, words);
    response.headers.emplace_back("www-authenticate",
                                  R"(Basic realm="device enrolment", charset="UTF-8")");
    return response;
}

}  // namespace

EstDoor::EstDoor(ApiContext& context)
    : api_(context),
      renewals_(renewal_rules, context.random),
      failures_({.requests_per_second = 1, .burst = 60, .buckets = 4'096}, context.random) {}

bool EstDoor::owns(std::string_view path) {
    return path == root || (path.starts_with(root) && path.substr(root.size()).starts_with('/'));
}

void EstDoor::handle(session::HttpRequest request, session::HttpRespond respond) {
    // RFC 7030 3.3: over TLS, here or at a proxy before this machine.
    if (!request.peer.tls && !api_.https_in_front)
        return respond(est_refusal(403, "EST is spoken over TLS only"));
    const auto operation = std::string_view(request.path).substr(root.size());
    const bool asks = request.method == "GET" || request.method == "HEAD";
    const auto wrong_method = [&](const char* allowed) {
        auto response = est_refusal(405, fmt::format("this address is asked by {}", allowed));
        response.headers.emplace_back("allow", allowed);
        return response;
    };
    if (operation == "/cacerts") {
        if (!asks) return respond(wrong_method("GET"));
        const auto message = identity::certs_only(api_.authority.pair().certificate_pem);
        return respond(message ? est_answer(std::string(pkcs7), *message)
                               : est_refusal(message.error()));
    }
    if (operation == "/csrattrs") {
        if (!asks) return respond(wrong_method("GET"));
        return respond(est_answer("application/csrattrs", identity::csr_attributes()));
    }
    const bool renews = operation == "/simplereenroll";
    if (!renews && operation != "/simpleenroll")
        return respond(est_refusal(404,
                                   "this server has cacerts, csrattrs, simpleenroll and "
                                   "simplereenroll (RFC 7030)"));
    if (request.method != "POST") return respond(wrong_method("POST"));
    auto call = std::make_shared<ApiCall>();
    call->request = std::move(request);
    call->respond = std::move(respond);
    call->now = api_.now();
    renews ? renew(call) : enrol(call);
}

void EstDoor::enrol(const ApiCallPtr& call) {
    const auto shown = basic_credential(call->request);
    if (!shown) return call->respond(ask_for_code("show the device's id and its one-time code"));
    const auto& address = call->request.peer.address;
    auto& desk = api_.enrolments;
    if (const auto wait = desk.wait(shown->user, address, call->now); wait > Nanoseconds(0))
        return call->respond(come_back(wait, "too many wrong codes: come back after Retry-After"));
    const auto known = desk.check(shown->user, shown->password, address, call->now);
    if (!known) return refuse_code(call, shown->user);
    call->who = identity::principal_of(*api_.registry.device(known->device));
    const auto request = read_est_request(call->request);
    if (!request) {
        note(call, call->who, "device enrol", false, request.error().message);
        return answer(api_, call, est_refusal(request.error()));
    }
    const auto issued =
        api_.authority.sign_device(call->who.name, *request, api_.enrolled_lifetime, call->now);
    if (!issued) return answer(api_, call, est_refusal(issued.error()));
    give(call,
         api_.registry.plan_enrolled_certificate({.device = known->device,
                                                  .serial = issued->serial,
                                                  .not_before = issued->not_before,
                                                  .not_after = issued->not_after},
                                                 known->code, {call->now, call->who.name}),
         "device enrol", issued->pair.certificate_pem);
}

void EstDoor::refuse_code(const ApiCallPtr& call, std::string_view device) {
    auto who = identity::nobody();
    // A name that is nobody's may be anything, and is not for the audit.
    if (const auto* named = api_.registry.find_device(device))
        who.token = "enrol:" + named->external_id;
    note(call, who, "device enrol", false, "the device or its code is not valid");
    if (const auto worn = api_.enrolments.worn_out(device))
        if (auto act = api_.registry.plan_revoke_enrolment(worn, "tried wrongly too often",
                                                           {call->now, "system"}))
            api_.acts.give(std::move(*act), [](const Result<identity::Applied>&) {});
    answer(api_, call, ask_for_code("the device or its code is not valid"));
}

void EstDoor::renew(const ApiCallPtr& call) {
    const auto& pem = call->request.peer.certificate_pem;
    if (pem.empty())
        return refuse_renewal(call, identity::nobody(),
                              "show the device's certificate: on the port of MQTT over TLS, with "
                              "the ALPN protocol http/1.1");
    const auto shown = api_.authority.verify_device(pem, call->now);
    if (!shown) return refuse_renewal(call, identity::nobody(), shown.error().message);
    const auto who = api_.registry.check_certificate(shown->serial, call->now);
    if (!who || who->name != shown->device)
        return refuse_renewal(call, identity::nobody(),
                              "the certificate was revoked or is not known");
    call->who = *who;
    const auto request = read_est_request(call->request);
    if (!request) {
        note(call, call->who, "device renew", false, request.error().message);
        return answer(api_, call, est_refusal(request.error()));
    }
    if (const auto wait = renewals_.take(who->name, call->now.time_since_epoch());
        wait > Nanoseconds(0))
        return call->respond(come_back(wait, "this device has had many certificates lately"));
    const auto issued =
        api_.authority.sign_device(who->name, *request, api_.enrolled_lifetime, call->now);
    if (!issued) return answer(api_, call, est_refusal(issued.error()));
    give(call,
         api_.registry.plan_renewed_certificate({.device = who->device,
                                                 .serial = issued->serial,
                                                 .not_before = issued->not_before,
                                                 .not_after = issued->not_after},
                                                shown->serial, {call->now, who->name}),
         "device renew", issued->pair.certificate_pem);
}

void EstDoor::refuse_renewal(const ApiCallPtr& call, const identity::Principal& who,
                             const std::string& why) {
    note(call, who, "device renew", false, why);
    answer(api_, call, est_refusal(403, why));
}

void EstDoor::give(const ApiCallPtr& call, Result<identity::Act> act, const char* what,
                   std::string certificate_pem) {
    const auto ended = [this, call, what](const Error& error) {
        note(call, call->who, what, false, error.message);
        answer(api_, call, est_refusal(error));
    };
    if (!act) return ended(act.error());
    api_.acts.give(std::move(*act), [this, call, what, ended, pem = std::move(certificate_pem)](
                                        const Result<identity::Applied>& done) {
        if (!done) return ended(done.error());
        const auto message = identity::certs_only(pem);
        if (!message) return ended(message.error());
        note(call, call->who, what, true);
        answer(api_, call, est_answer(std::string(pkcs7), *message));
    });
}

void EstDoor::note(const ApiCallPtr& call, const identity::Principal& who, const char* what,
                   bool permitted, std::string reason) {
    // Anybody may fail as often as they like: not all of it is for the audit to keep.
    const auto network = identity::network_of(call->request.peer.address);
    if (!permitted && failures_.take(network, call->now.time_since_epoch()) > Nanoseconds(0))
        return;
    api_.desk.note(who,
                   {.act = store::Act::write,
                    .subjects = identity::Subjects{},
                    .what = what,
                    .purpose = "device",
                    .from = call->request.peer.address,
                    .at = call->now},
                   permitted, std::move(reason));
}

}  // namespace vigil::share
