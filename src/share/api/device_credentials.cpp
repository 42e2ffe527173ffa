// How devices are given what they sign in with, and how it is taken from them.
#include "share/api/device_credentials.hpp"

#include "share/api/enrolments.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;

constexpr int revoking_rounds_max = 4;

std::string token_json(const identity::Device& device, std::string_view secret) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("type", "token")
        .member("username", device.external_id)
        .member("password", secret)
        .end_object();
    return body;
}

std::string certificate_json(const ApiContext& api, const identity::IssuedCertificate& issued) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("type", "certificate")
        .member("certificate_pem", issued.pair.certificate_pem)
        .member("private_key_pem", issued.pair.private_key_pem)
        .member("authority_pem", api.authority.pair().certificate_pem)
        .end_object();
    return body;
}

void answer_made(ApiContext& api, const ApiCallPtr& call, DeviceId id, const std::string& secret) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("device").verbatim(device_json(api, id)).key("secret");
    json.verbatim(secret.empty() ? "null" : secret).end_object();
    answer(api, call, json_answer(std::move(body), 201));
}

void add_token(ApiContext& api, const ApiCallPtr& call, DeviceId id) {
    auto token = api.registry.plan_device_token(id, api.random, {call->now, call->who.name});
    if (!token) return answer_error(api, call, token.error());
    const auto secret = token_json(*api.registry.device(id), token->secret);
    api.acts.give(std::move(token->act),
                  [&api, call, id, secret](const Result<identity::Applied>& done) {
                      if (!done) return answer_error(api, call, done.error());
                      answer_made(api, call, id, secret);
                  });
}

void add_certificate(ApiContext& api, const ApiCallPtr& call, DeviceId id) {
    const auto issued = api.authority.issue_device(api.registry.device(id)->external_id, call->now);
    if (!issued) return answer_error(api, call, issued.error());
    auto act = api.registry.plan_certificate({.device = id,
                                              .serial = issued->serial,
                                              .not_before = issued->not_before,
                                              .not_after = issued->not_after},
                                             {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto secret = certificate_json(api, *issued);
    api.acts.give(std::move(*act), [&api, call, id, secret](const Result<identity::Applied>& done) {
        if (!done) return answer_error(api, call, done.error());
        answer_made(api, call, id, secret);
    });
}

void add_code(ApiContext& api, const ApiCallPtr& call, DeviceId id) {
    auto code =
        api.registry.plan_enrolment(id, api.code_lifetime, api.random, {call->now, call->who.name});
    if (!code) return answer_error(api, call, code.error());
    const auto secret = enrolment_json(api, *api.registry.device(id), *code);
    api.acts.give(std::move(code->act),
                  [&api, call, id, secret](const Result<identity::Applied>& done) {
                      if (!done) return answer_error(api, call, done.error());
                      answer_made(api, call, id, secret);
                  });
}

std::vector<identity::Act> revocations(const ApiContext& api, DeviceId id,
                                       const identity::Given& given) {
    std::vector<identity::Act> acts;
    if (auto act = api.registry.plan_remove_device_token(id, given))
        acts.push_back(std::move(*act));
    if (auto act = api.registry.plan_revoke_enrolment(id, "with all its credentials", given))
        acts.push_back(std::move(*act));
    for (const auto* certificate : api.registry.certificates_of(id))
        if (!certificate->revoked)
            if (auto act = api.registry.plan_revoke_certificate(certificate->serial, given))
                acts.push_back(std::move(*act));
    return acts;
}

// Until nothing is left: a certificate that the device was renewing meanwhile goes too. What became
// void on the way has been used or taken back by then.
void take_all(ApiContext& api, const ApiCallPtr& call, DeviceId id, int rounds_left) {
    auto acts = revocations(api, id, {call->now, call->who.name});
    if (acts.empty()) return answer(api, call, json_answer(device_json(api, id)));
    if (rounds_left == 0)
        return answer_error(api, call,
                            {Error::Kind::busy, "the device goes on renewing: try again", ""});
    struct Progress {
        std::size_t left;
        std::optional<Error> failed;
    };
    auto progress = std::make_shared<Progress>(Progress{acts.size(), {}});
    for (auto& act : acts)
        api.acts.give(std::move(act), [&api, call, id, progress,
                                       rounds_left](const Result<identity::Applied>& done) {
            if (!done && done.error().kind == Error::Kind::busy) progress->failed = done.error();
            if (--progress->left > 0) return;
            if (progress->failed) return answer_error(api, call, *progress->failed);
            take_all(api, call, id, rounds_left - 1);
        });
}

}  // namespace

std::string device_json(ApiContext& api, DeviceId id) {
    std::string body;
    JsonWriter json(body);
    write_device(json, api.registry, *api.registry.device(id), api.intake.devices().find(id),
                 api.now());
    return body;
}

bool is_credential(std::string_view word) {
    return word == "token" || word == "certificate" || word == "enrolment";
}

Error no_credential(std::string_view place) {
    return {Error::Kind::malformed, R"(takes "token", "certificate" or "enrolment")",
            std::string(place)};
}

void answer_added(ApiContext& api, const ApiCallPtr& call, DeviceId id,
                  std::string_view credential) {
    if (credential == "none") return answer_made(api, call, id, "");
    if (credential == "certificate") return add_certificate(api, call, id);
    if (credential == "enrolment") return add_code(api, call, id);
    add_token(api, call, id);
}

// A new credential for a device that has one, or lost it. A new token takes the old one's place.
void renew_credential(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    const auto device = device_named(api, call->captured[0], "device");
    if (!body) return answer_error(api, call, body.error());
    if (!device) return answer_error(api, call, device.error());
    const auto id = (*device)->id;
    if (!decide(
            api, call,
            {.act = store::Act::administer, .areas = {Area::devices}, .what = "device credential"}))
        return;
    const std::string type((*body)["type"].string());
    if (!is_credential(type)) return answer_error(api, call, no_credential("type"));
    if ((*device)->gateway)
        return answer_error(
            api, call,
            {Error::Kind::conflict, "its gateway speaks for this device: it needs no credential",
             "device"});
    answer_added(api, call, id, type);
}

// Takes every credential of a device: it is cut off at once, and its readings stay.
void revoke_credentials(ApiContext& api, const ApiCallPtr& call) {
    const auto device = device_named(api, call->captured[0], "device");
    if (!device) return answer_error(api, call, device.error());
    const auto id = (*device)->id;
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::devices}, .what = "device revoke"}))
        return;
    if (revocations(api, id, {call->now, call->who.name}).empty())
        return answer_error(api, call,
                            {Error::Kind::conflict, "this device has no credential", "device"});
    take_all(api, call, id, revoking_rounds_max);
}

}  // namespace vigil::share
