// Devices: registering, attaching, detaching.
#include <algorithm>
#include <ranges>

#include "collect/set_clock.hpp"
#include "share/api/api.hpp"
#include "share/api/device_credentials.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;

// On a patient of theirs; what is on nobody is for whoever may put it on somebody.
bool may_see(const ApiContext& api, const ApiCall& call, const store::Access& access, DeviceId id) {
    const auto patient = api.registry.patient_at(id, call.now);
    return access.covers(patient) ||
           (!patient && call.who.rights.allow(Area::devices, store::Act::write));
}

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto access =
        decide(api, call, {.act = store::Act::read, .areas = {Area::devices}, .what = "devices"});
    if (!access) return;
    const auto limit = count_parameter(call->request, "limit", 200, 10'000);
    if (!limit) return answer_error(api, call, limit.error());
    const auto cursor = parse_patient_id(call->request.parameter("cursor").value_or(""));
    const DeviceId after{cursor ? cursor->value : 0};
    const auto now = api.now();
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("devices").begin_array();
    std::size_t count = 0;
    auto at = api.registry.devices().upper_bound(after);
    DeviceId last;
    for (; at != api.registry.devices().end() && count < *limit; ++at) {
        if (!may_see(api, *call, *access, at->first)) continue;
        ++count;
        write_device(json, api.registry, at->second, api.intake.devices().find(at->first), now);
        last = at->first;
    }
    const bool more = at != api.registry.devices().end();
    json.end_array().member("server_time", now);
    json.member_or_null("next", more ? std::to_string(last.value) : std::string()).end_object();
    answer(api, call, json_answer(std::move(body)));
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto device = device_named(api, call->captured[0], "device");
    if (!device) return answer_error(api, call, device.error());
    const auto id = (*device)->id;
    const auto access =
        decide(api, call, {.act = store::Act::read, .areas = {Area::devices}, .what = "device"});
    if (!access) return;
    if (!may_see(api, *call, *access, id))
        return answer_error(api, call, {Error::Kind::not_found, "no such device here", "device"});
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("device").verbatim(device_json(api, id));
    json.key("associations").begin_array();
    for (const auto& span : std::views::reverse(api.registry.spans(id)))
        if (access->covers(span.patient)) write_association(json, api.registry, id, span);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::devices}, .what = "device add"}))
        return;
    identity::Device device;
    device.external_id = (*body)["id"].string();
    device.display = (*body)["display"].string();
    if (device.display.empty()) device.display = device.external_id;
    device.model = (*body)["model"].string();
    if (const auto offset = (*body)["utc_offset_minutes"].integer())
        device.utc_offset_minutes = static_cast<std::int16_t>(*offset);
    const std::string credential((*body)["credential"].string());
    if (const auto gateway = (*body)["gateway"].string(); !gateway.empty()) {
        const auto known = device_named(api, gateway, "gateway");
        if (!known) return answer_error(api, call, known.error());
        device.gateway = (*known)->id;
    }
    const bool speaks_for_itself = !device.gateway;
    if (!credential.empty() && !is_credential(credential))
        return answer_error(api, call, no_credential("credential"));
    auto act = api.registry.plan_add_device(std::move(device), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto id = std::get<identity::DeviceAdded>(act->body).device.id;
    api.acts.give(std::move(*act), [&api, call, id, credential,
                                    speaks_for_itself](const Result<identity::Applied>& done) {
        if (!done) return answer_error(api, call, done.error());
        answer_added(api, call, id, speaks_for_itself ? credential : "none");
    });
}

session::HttpResponse association_answer(ApiContext& api, DeviceId id, Timestamp at,
                                         std::uint64_t refiled) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("device").verbatim(device_json(api, id)).key("association");
    const identity::Association* shown = nullptr;
    for (const auto& span : api.registry.spans(id))
        if (span.from <= at && at <= span.to) shown = &span;
    if (shown != nullptr)
        write_association(json, api.registry, id, *shown);
    else
        json.null();
    json.member("refiled", refiled).end_object();
    return json_answer(std::move(body));
}

// The answer waits until readings of the past stand where they now belong, and says how many moved.
void refile_and_answer(ApiContext& api, const ApiCallPtr& call, DeviceId id, Timestamp at,
                       const Result<identity::Applied>& done) {
    if (!done) return answer_error(api, call, done.error());
    struct Progress {
        std::size_t left;
        std::uint64_t moved = 0;
        std::optional<Error> later;
    };
    auto progress = std::make_shared<Progress>(Progress{done->refiles.size(), 0, {}});
    if (done->refiles.empty()) return answer(api, call, association_answer(api, id, at, 0));
    for (const auto& refile : done->refiles)
        api.refile(refile, [&api, call, id, at, progress](const Result<std::uint64_t>& moved) {
            if (moved)
                progress->moved += *moved;
            else
                progress->later = Error{Error::Kind::busy,
                                        "recorded; readings kept before will move as soon as the "
                                        "disk lets them: " +
                                            moved.error().message,
                                        ""};
            if (--progress->left > 0) return;
            if (progress->later) return answer_error(api, call, *progress->later);
            answer(api, call, association_answer(api, id, at, progress->moved));
        });
}

// The patient whom it is put on, and those from whom a correction takes it.
identity::Subjects whose_readings_move(const ApiContext& api,
                                       const identity::AttachRequest& request) {
    auto subjects = identity::Subjects::of(request.patient);
    if (request.correction)
        for (const auto& span : api.registry.spans(request.device))
            if (span.from < request.to && request.from < span.to && span.patient &&
                std::ranges::find(subjects.patients, span.patient) == subjects.patients.end())
                subjects.patients.push_back(span.patient);
    return subjects;
}

void attach(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    const auto device = device_named(api, call->captured[0], "device");
    if (!body) return answer_error(api, call, body.error());
    if (!device) return answer_error(api, call, device.error());
    const auto patient = patient_named(api, (*body)["patient"].string(), "patient");
    if (!patient) return answer_error(api, call, patient.error());
    identity::AttachRequest request{
        .device = (*device)->id, .patient = (*patient)->id, .from = call->now};
    for (auto [name, time] : {std::pair{"from", &request.from}, std::pair{"to", &request.to}}) {
        const auto value = (*body)[name];
        if (!value || value.is(JsonKind::null)) continue;
        const auto read = read_time(value.text(), name);
        if (!read) return answer_error(api, call, read.error());
        *time = *read;
    }
    request.correction = (*body)["correction"].is_true();
    if (!decide(api, call,
                {.act = store::Act::write,
                 .areas = {Area::devices},
                 .subjects = whose_readings_move(api, request),
                 .what = "device attach"}))
        return;
    auto act = api.registry.plan_attach(request, {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    api.acts.give(std::move(*act), [&api, call, id = request.device,
                                    at = request.from](const Result<identity::Applied>& done) {
        refile_and_answer(api, call, id, at, done);
    });
}

void detach(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    const auto device = device_named(api, call->captured[0], "device");
    if (!body) return answer_error(api, call, body.error());
    if (!device) return answer_error(api, call, device.error());
    const auto text = (*body)["at"].text();
    const auto at =
        text.empty() || text == "null" ? Result<Timestamp>(call->now) : read_time(text, "at");
    if (!at) return answer_error(api, call, at.error());
    const auto id = (*device)->id;
    const auto patient = api.registry.patient_at(id, *at);
    if (!decide(api, call,
                {.act = store::Act::write,
                 .areas = {Area::devices},
                 .subjects = identity::Subjects::of(patient),
                 .what = "device detach"}))
        return;
    auto act = api.registry.plan_detach(id, *at, {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    api.acts.give(std::move(*act),
                  [&api, call, id, at = *at](const Result<identity::Applied>& done) {
                      refile_and_answer(api, call, id, at, done);
                  });
}

// What a person may correct later. What is not named stays as it is.
Result<void> read_changes(JsonValue body, identity::Device& device) {
    if (const auto display = body["display"]) device.display = display.string();
    if (const auto model = body["model"]) device.model = model.string();
    if (const auto offset = body["utc_offset_minutes"]) {
        const auto minutes = offset.integer();
        if (!minutes || *minutes < INT16_MIN || *minutes > INT16_MAX)
            return fail(Error::Kind::malformed, "minutes ahead of UTC", "utc_offset_minutes");
        device.utc_offset_minutes = static_cast<std::int16_t>(*minutes);
    }
    if (const auto tolerance = body["clock_tolerance_s"]) {
        constexpr std::int64_t seconds_max = std::int64_t{365} * 86'400;
        const auto seconds = tolerance.integer();
        if (!tolerance.is(JsonKind::null) && (!seconds || *seconds < 0 || *seconds > seconds_max))
            return fail(Error::Kind::malformed, "seconds, or null for the site's own",
                        "clock_tolerance_s");
        device.clock_tolerance.reset();
        if (seconds) device.clock_tolerance = std::chrono::seconds(*seconds);
    }
    return {};
}

void change(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    const auto known = device_named(api, call->captured[0], "device");
    if (!body) return answer_error(api, call, body.error());
    if (!known) return answer_error(api, call, known.error());
    if (!decide(api, call,
                {.act = store::Act::administer, .areas = {Area::devices}, .what = "device change"}))
        return;
    auto device = **known;
    const auto id = device.id;
    if (auto read = read_changes(*body, device); !read)
        return answer_error(api, call, read.error());
    give(api, call, api.registry.plan_change_device(std::move(device), {call->now, call->who.name}),
         [&api, id](const identity::Applied&) { return json_answer(device_json(api, id)); });
}

void set_clock(ApiContext& api, const ApiCallPtr& call) {
    const auto device = device_named(api, call->captured[0], "device");
    if (!device) return answer_error(api, call, device.error());
    if (!decide(
            api, call,
            {.act = store::Act::administer, .areas = {Area::devices}, .what = "device set-clock"}))
        return;
    const auto topic = collect::clock_topic(api.registry, **device);
    if (!api.set_clock(**device))
        return answer_error(
            api, call,
            {Error::Kind::unsupported, "nobody who is connected subscribes to " + topic, "device"});
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("topic", topic).member("time", api.now()).end_object();
    answer(api, call, json_answer(std::move(body)));
}

}  // namespace

void add_devices(Api& api) {
    api.add("GET", "/api/devices", list);
    api.add("POST", "/api/devices", add);
    api.add("GET", "/api/devices/{id}", show);
    api.add("PATCH", "/api/devices/{id}", change);
    api.add("POST", "/api/devices/{id}/credentials", renew_credential);
    api.add("DELETE", "/api/devices/{id}/credentials", revoke_credentials);
    api.add("POST", "/api/devices/{id}/attach", attach);
    api.add("POST", "/api/devices/{id}/detach", detach);
    api.add("POST", "/api/devices/{id}/set-clock", set_clock);
}

}  // namespace vigil::share
