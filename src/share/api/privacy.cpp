// The privacy desk: hold, restriction, erasure and its certificate.
#include "share/api/privacy.hpp"

#include <fmt/format.h>

#include "share/api/api.hpp"
#include "share/api/web_session.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;

void write_standing(JsonWriter& json, const char* name, const identity::Standing* standing) {
    json.key(name);
    if (standing == nullptr) {
        json.null();
        return;
    }
    json.begin_object().member("since", standing->since).member("by", standing->by);
    json.member("reason", standing->reason).end_object();
}

session::HttpResponse privacy_answer(const ApiContext& api, PatientId patient) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("patient", patient_id_text(patient));
    write_standing(json, "hold", api.registry.hold(patient));
    write_standing(json, "restriction", api.registry.restriction(patient));
    json.end_object();
    return json_answer(std::move(body));
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const auto id = (*patient)->id;
    if (!decide(api, call,
                {.act = store::Act::read,
                 .areas = {Area::patients},
                 .subjects = identity::Subjects::of(id),
                 .what = "patient privacy"}))
        return;
    answer(api, call, privacy_answer(api, id));
}

// The patient whom the address names, for somebody who may administer and has shown lately who they
// are; 0: it was answered.
PatientId administered(ApiContext& api, const ApiCallPtr& call, std::string what) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) {
        answer_error(api, call, patient.error());
        return {};
    }
    const auto id = (*patient)->id;
    if (!decide(api, call,
                {.act = store::Act::administer,
                 .areas = {Area::patients},
                 .subjects = identity::Subjects::of(id),
                 .what = std::move(what)}) ||
        !fresh_enough(api, call))
        return {};
    return id;
}

using Plan = Result<identity::Act> (identity::Registry::*)(PatientId, bool, std::string,
                                                           const identity::Given&) const;

void set(ApiContext& api, const ApiCallPtr& call, std::string what, Plan plan, bool stands) {
    JsonDocument document;
    std::string reason;
    if (stands) {
        const auto body = read_body(*call, document);
        if (!body) return answer_error(api, call, body.error());
        reason = (*body)["reason"].string();
    }
    const auto patient = administered(api, call, std::move(what));
    if (!patient) return;
    give(api, call,
         (api.registry.*plan)(patient, stands, std::move(reason), {call->now, call->who.name}),
         [&api, patient](const identity::Applied&) { return privacy_answer(api, patient); });
}

void hold(ApiContext& api, const ApiCallPtr& call) {
    set(api, call, "patient hold", &identity::Registry::plan_hold, true);
}
void release(ApiContext& api, const ApiCallPtr& call) {
    set(api, call, "patient hold release", &identity::Registry::plan_hold, false);
}
void set_restriction(ApiContext& api, const ApiCallPtr& call) {
    set(api, call, "patient restrict", &identity::Registry::plan_restriction, true);
}
void lift(ApiContext& api, const ApiCallPtr& call) {
    set(api, call, "patient restriction lift", &identity::Registry::plan_restriction, false);
}

// With their identifier, or their number where they have none: what cannot be undone is not done by
// a click on the wrong row.
void erase(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto patient = administered(api, call, "patient erase");
    if (!patient) return;
    const auto& identifier = api.registry.patient(patient)->identifier;
    if ((*body)["identifier"].string() !=
        (identifier.empty() ? patient_id_text(patient) : identifier))
        return answer_error(
            api, call,
            {Error::Kind::malformed, "this is not the identifier of that patient", "identifier"});
    if (api.privacy == nullptr)
        return answer_error(api, call, {Error::Kind::unsupported, "nothing is erased here", ""});
    api.privacy->erase(patient, std::string((*body)["reason"].string()),
                       {call->now, call->who.name}, [&api, call](Result<std::string> done) {
                           if (!done) return answer_error(api, call, done.error());
                           answer(api, call, json_answer(std::move(*done)));
                       });
}

void certificate(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call,
                {.act = store::Act::read, .areas = {Area::audit}, .what = "erasure certificate"}))
        return;
    const auto patient = parse_patient_id(call->captured[0]);
    const bool as_text = call->request.parameter("format").value_or("json") == "text";
    if (!patient || api.privacy == nullptr || !api.registry.erased().contains(*patient))
        return answer_error(
            api, call, {Error::Kind::not_found, "nobody was erased under this number", "patient"});
    answer_from_worker(
        api, call, [&api, patient = *patient, as_text]() -> Result<session::HttpResponse> {
            VIGIL_TRY(found, api.privacy->certificate(patient));
            if (!found) return fail(Error::Kind::busy, "the erasure is still under way", "patient");
            if (!as_text) return json_answer(std::move(*found));
            VIGIL_TRY(text, certificate_text(*found));
            session::HttpResponse response;
            response.status = 200;
            response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
            response.body = std::move(text);
            return response;
        });
}

void add_lines(std::string& out, JsonValue lines) {
    for (const auto line : lines) {
        out += fmt::format("  - {} ({})", line["what"].string(), line["where"].string());
        if (line["count"]) out += fmt::format(": {}", line["count"].text());
        out += '\n';
    }
}

}  // namespace

Result<std::string> certificate_text(std::string_view json) {
    JsonDocument document;
    VIGIL_TRY(root, document.parse(json));
    if (!root.is(JsonKind::object) || !root["patient"])
        return fail(Error::Kind::malformed, "not a certificate");
    auto out = fmt::format(
        "Certificate of erasure (GDPR 17)\n\n"
        "Site:       {}\nSoftware:   {}\nPatient:    number {}\nErased:     {} by {}\n"
        "Completed:  {}\nReason:     {}\n\nDestroyed:\n",
        root["site"].string(), root["software"].string(), root["patient"].string(),
        root["erased_at"].string(), root["by"].string(), root["completed_at"].string(),
        root["reason"].string());
    add_lines(out, root["destroyed"]);
    out += "\nRemains:\n";
    add_lines(out, root["remains"]);
    out += fmt::format(
        "\nThe last copy of the key that is kept by the rules (docs/guides/privacy.md) is gone by "
        "{}.\n"
        "SHA-256 of the certificate as JSON, before this member: {}\n",
        root["last_key_copy_expires"].string(), root["sha256_of_the_above"].string());
    return out;
}

void add_privacy(Api& api) {
    api.add("GET", "/api/patients/{id}/privacy", show);
    api.add("POST", "/api/patients/{id}/hold", hold);
    api.add("DELETE", "/api/patients/{id}/hold", release);
    api.add("POST", "/api/patients/{id}/restriction", set_restriction);
    api.add("DELETE", "/api/patients/{id}/restriction", lift);
    api.add("POST", "/api/patients/{id}/erasure", erase);
    api.add("GET", "/api/patients/{id}/erasure", certificate);
}

}  // namespace vigil::share
