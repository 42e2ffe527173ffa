// The ward and its patients.
#include <algorithm>

#include "share/api/api.hpp"
#include "share/api/series_shape.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::Area;

struct Bed {
    identity::Patient patient;
    std::vector<SeriesShape> series;
};

std::string cursor_of(const ApiContext& api) {
    auto end = api.log.end();
    if (end.offset > 0) --end.offset;
    return position_text(end);
}

void write_devices_of(JsonWriter& json, ApiContext& api, PatientId patient, Timestamp now) {
    json.begin_array();
    for (const auto& [id, device] : api.registry.devices())
        if (api.registry.patient_at(id, now) == patient)
            write_device(json, api.registry, device, api.intake.devices().find(id), now);
    json.end_array();
}

std::vector<identity::Patient> in_bed_order(const ApiContext& api, const store::Access& access) {
    std::vector<identity::Patient> patients;
    for (const auto& [id, patient] : api.registry.patients())
        if (!patient.bed.empty() && access.covers(id)) patients.push_back(patient);
    std::ranges::sort(patients, [](const identity::Patient& a, const identity::Patient& b) {
        if (a.unit != b.unit) return natural_less(a.unit, b.unit);
        return natural_less(a.bed, b.bed);
    });
    return patients;
}

std::string ward_json(ApiContext& api, const std::vector<Bed>& beds) {
    const auto now = api.now();
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("server_time", now).member("cursor", cursor_of(api));
    json.key("beds").begin_array();
    for (const auto& bed : beds) {
        json.begin_object().member("unit", bed.patient.unit).member("bed", bed.patient.bed);
        json.key("patient");
        write_patient(json, bed.patient, api.fhir_id(bed.patient.id));
        json.key("devices");
        write_devices_of(json, api, bed.patient.id, now);
        json.key("series").begin_array();
        for (const auto& series : bed.series) write_series(json, api, series, now);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return body;
}

void ward(ApiContext& api, const ApiCallPtr& call) {
    const auto access =
        decide(api, call,
               {.act = store::Act::read, .areas = {Area::patients, Area::vitals}, .what = "ward"});
    if (!access) return;
    api.on_worker([&api, call, access = *access, patients = in_bed_order(api, *access)] {
        std::vector<Bed> beds;
        for (const auto& patient : patients) {
            auto series = series_of(api, access, patient.id);
            if (!series)
                return api.on_loop(
                    [&api, call, error = series.error()] { answer_error(api, call, error); });
            beds.push_back({patient, std::move(*series)});
        }
        api.on_loop([&api, call, beds = std::move(beds)] {
            answer(api, call, json_answer(ward_json(api, beds)));
        });
    });
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
}

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto access =
        decide(api, call, {.act = store::Act::read, .areas = {Area::patients}, .what = "patients"});
    if (!access) return;
    const auto limit = count_parameter(call->request, "limit", 200, 10'000);
    if (!limit) return answer_error(api, call, limit.error());
    const auto query = call->request.parameter("q").value_or("");
    const auto after = parse_patient_id(call->request.parameter("cursor").value_or(""));
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("patients").begin_array();
    std::size_t count = 0;
    PatientId last;
    bool more = false;
    for (auto at = api.registry.patients().upper_bound(after.value_or(PatientId{}));
         at != api.registry.patients().end(); ++at) {
        const auto& patient = at->second;
        if (!access->covers(patient.id)) continue;
        if (!contains_ignoring_case(patient.display_name, query) &&
            !contains_ignoring_case(patient.identifier, query) &&
            !contains_ignoring_case(patient.bed, query))
            continue;
        more = count == *limit;
        if (more) break;
        write_patient(json, patient, api.fhir_id(patient.id));
        last = patient.id;
        ++count;
    }
    json.end_array().member_or_null("next", more ? patient_id_text(last) : std::string());
    json.end_object();
    answer(api, call, json_answer(std::move(body)));
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!decide(api, call,
                {.act = store::Act::write, .areas = {Area::patients}, .what = "patient add"}))
        return;
    identity::Patient patient;
    patient.display_name = (*body)["display_name"].string();
    patient.identifier = (*body)["identifier"].string();
    patient.birth_date = (*body)["birth_date"].string();
    patient.sex = (*body)["sex"].string();
    patient.unit = (*body)["unit"].string();
    patient.bed = (*body)["bed"].string();
    auto act = api.registry.plan_add_patient(std::move(patient), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto id = std::get<identity::PatientAdded>(act->body).patient.id;
    give(api, call, std::move(act), [&api, id](const identity::Applied&) {
        std::string json;
        JsonWriter writer(json);
        write_patient(writer, *api.registry.patient(id), api.fhir_id(id));
        return json_answer(std::move(json), 201);
    });
}

// What a person may change: who they are said to be and where they lie. What is not named stays.
void change(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto known = patient_named(api, call->captured[0], "patient");
    if (!known) return answer_error(api, call, known.error());
    const auto id = (*known)->id;
    if (!decide(api, call,
                {.act = store::Act::write,
                 .areas = {Area::patients},
                 .subjects = identity::Subjects::of(id),
                 .what = "patient change"}))
        return;
    auto patient = **known;
    for (const auto& [name, member] :
         {std::pair{"display_name", &patient.display_name}, std::pair{"unit", &patient.unit},
          std::pair{"bed", &patient.bed}}) {
        const auto value = (*body)[name];
        if (!value) continue;
        if (!value.is(JsonKind::string) && !value.is(JsonKind::null))
            return answer_error(api, call, {Error::Kind::malformed, "takes a text", name});
        *member = value.is(JsonKind::string) ? value.string() : "";
    }
    give(api, call,
         api.registry.plan_change_patient(std::move(patient), {call->now, call->who.name}),
         [&api, id](const identity::Applied&) {
             std::string json;
             JsonWriter writer(json);
             write_patient(writer, *api.registry.patient(id), api.fhir_id(id));
             return json_answer(std::move(json));
         });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto patient = patient_named(api, call->captured[0], "patient");
    if (!patient) return answer_error(api, call, patient.error());
    const auto id = (*patient)->id;
    const auto access = decide(api, call,
                               {.act = store::Act::read,
                                .areas = {Area::patients, Area::vitals},
                                .subjects = identity::Subjects::of(id),
                                .what = "patient"});
    if (!access) return;
    api.on_worker([&api, call, id, access = *access] {
        auto series = series_of(api, access, id);
        api.on_loop([&api, call, id, series = std::move(series)] {
            if (!series) return answer_error(api, call, series.error());
            const auto now = api.now();
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("patient");
            write_patient(json, *api.registry.patient(id), api.fhir_id(id));
            json.key("devices");
            write_devices_of(json, api, id, now);
            json.key("series").begin_array();
            for (const auto& shape : *series) write_series(json, api, shape, now);
            json.end_array().member("server_time", now).member("cursor", cursor_of(api));
            json.end_object();
            answer(api, call, json_answer(std::move(body)));
        });
    });
}

}  // namespace

void add_patients(Api& api) {
    api.add("GET", "/api/ward", ward);
    api.add("GET", "/api/patients", list);
    api.add("POST", "/api/patients", add);
    api.add("GET", "/api/patients/{id}", show);
    api.add("PATCH", "/api/patients/{id}", change);
}

}  // namespace vigil::share
