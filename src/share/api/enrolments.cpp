// Devices' one-time codes and certificates: offered, listed, revoked. How a device uses a code:
// share/est/door.hpp.
#include "share/api/enrolments.hpp"

#include <algorithm>

#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;
using identity::DeviceCertificate;

std::optional<store::Access> decide_on(ApiContext& api, const ApiCallPtr& call, store::Act act,
                                       const char* what) {
    return decide(api, call, {.act = act, .areas = {Area::devices}, .what = what});
}

// The device of the address; none: the call has been answered.
const identity::Device* device_of(ApiContext& api, const ApiCallPtr& call) {
    const auto device = device_named(api, call->captured[0], "device");
    if (device) return *device;
    answer_error(api, call, device.error());
    return nullptr;
}

Result<Nanoseconds> good_for(const ApiContext& api, JsonValue body) {
    const auto given = body["good_for_s"];
    if (!given) return api.code_lifetime;
    constexpr auto seconds_max =
        std::chrono::duration_cast<std::chrono::seconds>(identity::enrolment_lifetime_max).count();
    const auto seconds = given.integer();
    if (!seconds || *seconds < 1 || *seconds > seconds_max)
        return fail(Error::Kind::malformed, "seconds, of 30 days at most", "good_for_s");
    return Nanoseconds(std::chrono::seconds(*seconds));
}

void offer(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto* device = device_of(api, call);
    if (device == nullptr) return;
    const auto lifetime = good_for(api, *body);
    if (!lifetime) return answer_error(api, call, lifetime.error());
    if (!decide_on(api, call, store::Act::administer, "device enrolment")) return;
    auto code =
        api.registry.plan_enrolment(device->id, *lifetime, api.random, {call->now, call->who.name});
    if (!code) return answer_error(api, call, code.error());
    const auto shown = enrolment_json(api, *device, *code);
    give(api, call, std::move(code->act),
         [shown](const identity::Applied&) { return json_answer(shown, 201); });
}

void take_back(ApiContext& api, const ApiCallPtr& call) {
    const auto* device = device_of(api, call);
    if (device == nullptr) return;
    if (!decide_on(api, call, store::Act::administer, "device enrolment revoke")) return;
    give(api, call,
         api.registry.plan_revoke_enrolment(device->id, "taken back", {call->now, call->who.name}),
         [](const identity::Applied&) { return no_content(); });
}

// The newest first; what has been replaced or revoked stays until it would have ended.
void list(ApiContext& api, const ApiCallPtr& call) {
    const auto* device = device_of(api, call);
    if (device == nullptr) return;
    if (!decide_on(api, call, store::Act::administer, "device certificates")) return;
    auto all = api.registry.certificates_of(device->id);
    std::ranges::sort(all, [](const auto* a, const auto* b) {
        return std::tie(b->not_after, b->serial) < std::tie(a->not_after, a->serial);
    });
    const auto now = api.now();
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("certificates").begin_array();
    for (const auto* certificate : all) write_certificate(json, *certificate, now);
    json.end_array().key("enrolment");
    if (const auto* offered = api.registry.enrolment(device->id))
        json.begin_object()
            .member("expires", offered->expires)
            .member("wrong_tries", api.enrolments.wrong_tries(device->id))
            .end_object();
    else
        json.null();
    json.end_object();
    answer(api, call, json_answer(std::move(body)));
}

void revoke_one(ApiContext& api, const ApiCallPtr& call) {
    const auto* device = device_of(api, call);
    if (device == nullptr) return;
    if (!decide_on(api, call, store::Act::administer, "device certificate revoke")) return;
    const auto* certificate = api.registry.certificate(call->captured[1]);
    if (certificate == nullptr || certificate->device != device->id)
        return answer_error(api, call,
                            {Error::Kind::not_found, "no such certificate here", "serial"});
    if (certificate->revoked)
        return answer_error(api, call, {Error::Kind::conflict, "it is revoked already", "serial"});
    give(api, call,
         api.registry.plan_revoke_certificate(certificate->serial, {call->now, call->who.name}),
         [](const identity::Applied&) { return no_content(); });
}

}  // namespace

std::string enrolment_json(const ApiContext& api, const identity::Device& device,
                           const identity::NewSecret& code) {
    const auto& authority = api.authority.pair().certificate_pem;
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("type", "enrolment").member("username", device.external_id);
    json.member("code", identity::grouped_code(code.secret));
    json.member("expires", std::get<identity::EnrolmentOffered>(code.act.body).expires);
    json.member("authority_pem", authority);
    json.member("authority_sha256", identity::certificate_fingerprint(authority).value_or(""));
    json.end_object();
    return body;
}

void add_enrolments(Api& api) {
    api.add("POST", "/api/devices/{id}/enrolment", offer);
    api.add("DELETE", "/api/devices/{id}/enrolment", take_back);
    api.add("GET", "/api/devices/{id}/certificates", list);
    api.add("DELETE", "/api/devices/{id}/certificates/{serial}", revoke_one);
}

}  // namespace vigil::share
