// The catalogue, the status, backup, verification and the rotation of keys.
#include <fmt/format.h>

#include "base/hash.hpp"
#include "metric/unit.hpp"
#include "share/api/api.hpp"

namespace vigil::share {
namespace {

using identity::Area;

std::string_view kind_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::numeric:
            return "numeric";
        case MetricKind::waveform:
            return "waveform";
        case MetricKind::event:
            return "event";
        case MetricKind::setting:
            return "setting";
    }
    return "numeric";
}

void write_metric(JsonWriter& json, const Metric& metric) {
    const auto& unit = units::at(metric.unit);
    const auto limit = [](const std::optional<Decimal>& value) {
        return value ? to_string(*value) : "";
    };
    json.begin_object().member("key", metric.key).member("display", metric.display);
    json.member("kind", kind_of(metric.kind))
        .member("unit", unit.ucum)
        .member("unit_shown", unit.shown);
    json.member("expected_interval_s", static_cast<double>(metric.expected_interval.count()) / 1e9);
    json.member_or_null("plausible_min", limit(metric.plausible_min));
    json.member_or_null("plausible_max", limit(metric.plausible_max));
    json.member_or_null("molar_mass", limit(metric.molar_mass));
    json.member_or_null("mdc_refid", metric.mdc_refid).key("mdc_code");
    if (metric.mdc_code != 0)
        json.number(metric.mdc_code);
    else
        json.null();
    json.member_or_null("loinc", metric.loinc).end_object();
}

void catalogue(ApiContext& api, const ApiCallPtr& call) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("metrics").begin_array();
    for (const auto& metric : api.catalogue.all()) write_metric(json, metric);
    json.end_array().end_object();
    const auto tag = fmt::format("\"{:016x}\"", fingerprint(body).low);
    auto response = json_answer(std::move(body));
    if (call->request.header("if-none-match") == tag) response = {.status = 304};
    response.headers = {
        {"content-type", "application/json"}, {"cache-control", "no-cache"}, {"etag", tag}};
    answer(api, call, std::move(response));
}

// Nothing of any patient is in it: it waits for no audit line, and says why none can be written.
void status(ApiContext& api, const ApiCallPtr& call) {
    if (!call->who.rights.allow(Area::server, store::Act::read))
        return call->respond(error_answer(
            {Error::Kind::forbidden, "the server's state is for the hospital's staff", ""}));
    api.on_worker([&api, call] {
        std::string body;
        JsonWriter json(body);
        json.begin_object();
        api.status(json);
        json.end_object();
        call->respond(json_answer(std::move(body)));
    });
}

void backup(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string folder((*body)["folder"].string());
    if (folder.empty())
        return answer_error(api, call,
                            {Error::Kind::malformed, "say where to: an empty folder", "folder"});
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::server}, .what = "backup"}))
        return;
    answer_from_worker(api, call, [&api, folder]() -> Result<session::HttpResponse> {
        VIGIL_CHECK(api.backup(folder));
        std::string json;
        JsonWriter(json).begin_object().member("folder", folder).end_object();
        return json_answer(std::move(json));
    });
}

void verify(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::server}, .what = "verify"}))
        return;
    answer_from_worker(api, call, [&api]() -> Result<session::HttpResponse> {
        VIGIL_TRY(report, api.verify());
        return json_answer(report);
    });
}

session::HttpResponse rotated_answer(const identity::KeyRotation& rotated) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("version", rotated.version).member("keys", rotated.keys);
    json.key("wrapped_by").begin_array();
    for (const auto& each : rotated.wrapped_by) json.text(each);
    json.end_array().key("left_to_do").begin_array();
    for (const auto& each : rotated.left) json.text(each);
    json.end_array().end_object();
    return json_answer(std::move(body));
}

constexpr const char* rotation = "rotate keys";

void put_on_record(ApiContext& api, const ApiCall& call,
                   const Result<identity::KeyRotation>& rotated) {
    const auto end = rotated ? fmt::format("version {}, {} keys", rotated->version, rotated->keys)
                             : fmt::format("failed: {}", rotated.error().message);
    api.desk.note(call.who,
                  {.act = store::Act::administer,
                   .subjects = {},
                   .what = fmt::format("{}.end: {}", rotation, end),
                   .from = call.request.peer.address,
                   .at = api.now()},
                  true);
}

// Two lines: that it was asked for, before anything is touched, and what came of it.
void rotate_keys(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::server}, .what = rotation}))
        return;
    api.audit.when_on_record(identity::OnRecord::durable,
                             [&api, call](const Result<void>& durable) {
                                 if (!durable) return answer_error(api, call, durable.error());
                                 api.on_worker([&api, call] {
                                     auto rotated = api.rotate_keys();
                                     api.on_loop([&api, call, rotated = std::move(rotated)] {
                                         put_on_record(api, *call, rotated);
                                         if (!rotated)
                                             return answer_error(api, call, rotated.error());
                                         answer(api, call, rotated_answer(*rotated));
                                     });
                                 });
                             });
}

}  // namespace

void add_server(Api& api) {
    api.add("GET", "/api/catalogue", catalogue);
    api.add("GET", "/api/status", status);
    api.add("POST", "/api/backup", backup);
    api.add("POST", "/api/verify", verify);
    api.add("POST", "/api/keys/rotate", rotate_keys);
}

}  // namespace vigil::share
