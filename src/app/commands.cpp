#include "app/commands.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "share/answer.hpp"

namespace vigil::app {
Result<std::string> patient_id(Operator& desk, const std::string& text) {
    VIGIL_TRY(answer, desk.get("/api/patients?limit=10000&q=" + percent_encoded(text)));
    JsonDocument document;
    VIGIL_TRY(root, document.parse(answer));
    for (const auto patient : root["patients"])
        if (patient["identifier"].string() == text) return std::string(patient["id"].string());
    const bool number = text.find_first_not_of("0123456789") == std::string::npos;
    if (number && !text.empty()) return text;
    return fail(Error::Kind::not_found, "no patient with this id or identifier", text);
}

int ask(const OperatorOptions& where, Output output, const std::string& method,
        const std::string& path, const std::string& body,
        const std::function<void(JsonValue)>& show) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    const auto answer = desk->ask(method, path, body);
    if (!answer) return report(answer.error());
    if (output.json) {
        if (!answer->empty()) fmt::print("{}\n", *answer);
        return 0;
    }
    JsonDocument document;
    const auto root = document.parse(answer->empty() ? std::string_view("{}") : *answer);
    if (!root) return report(root.error());
    show(*root);
    return 0;
}

int exit_status(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::malformed:
            return 3;
        case Error::Kind::not_found:
        case Error::Kind::unknown_device:
            return 4;
        case Error::Kind::conflict:
            return 5;
        case Error::Kind::forbidden:
            return 6;
        case Error::Kind::busy:
            return 7;
        case Error::Kind::unsupported:
            return 8;
        case Error::Kind::too_large:
            return 9;
        case Error::Kind::internal:
            return 10;
    }
    return 10;
}

int report(const Error& error) {
    fmt::print(stderr, "vigil: {}{}\n", error.place.empty() ? "" : error.place + ": ",
               error.message);
    return exit_status(error.kind);
}

int patient_add(const OperatorOptions& where, Output output, const PatientAdd& patient) {
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .member("display_name", patient.name)
        .member("identifier", patient.identifier);
    json.member("birth_date", patient.birth_date).member("sex", patient.sex);
    json.member("unit", patient.unit).member("bed", patient.bed).end_object();
    return ask(where, output, "POST", "/api/patients", body, [](JsonValue root) {
        fmt::print("patient {} added: {}\n", root["id"].string(), root["display_name"].string());
    });
}

int patient_list(const OperatorOptions& where, Output output, const std::string& query) {
    return ask(where, output, "GET", "/api/patients?limit=10000&q=" + percent_encoded(query), "",
               [](JsonValue root) {
                   fmt::print("{:<8} {:<16} {:<28} {}\n", "ID", "IDENTIFIER", "NAME", "BED");
                   for (const auto patient : root["patients"])
                       fmt::print("{:<8} {:<16} {:<28} {} {}\n", patient["id"].string(),
                                  patient["identifier"].string(), patient["display_name"].string(),
                                  patient["unit"].string(), patient["bed"].string());
                   fmt::print("{} patients\n", root["patients"].size());
               });
}

int device_change(const OperatorOptions& where, Output output, const DeviceChange& change) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (change.display) json.member("display", *change.display);
    if (change.model) json.member("model", *change.model);
    if (change.utc_offset_minutes) json.member("utc_offset_minutes", *change.utc_offset_minutes);
    if (change.clock_tolerance == "site") {
        json.key("clock_tolerance_s").null();
    } else if (change.clock_tolerance) {
        const auto tolerance = parse_duration(*change.clock_tolerance);
        if (!tolerance) return report(tolerance.error());
        json.member("clock_tolerance_s",
                    std::chrono::ceil<std::chrono::seconds>(*tolerance).count());
    }
    json.end_object();
    return ask(where, output, "PATCH", "/api/devices/" + percent_encoded(change.id), body,
               [](JsonValue root) {
                   fmt::print("device {}: {}, model {}\n", root["id"].string(),
                              root["display"].string(),
                              root["model"].string().empty() ? "–" : root["model"].string());
               });
}

int device_list(const OperatorOptions& where, Output output) {
    return ask(where, output, "GET", "/api/devices?limit=10000", "", [](JsonValue root) {
        fmt::print("{:<24} {:<14} {:<12} {:<8} {}\n", "DEVICE", "CONNECTION", "CREDENTIAL",
                   "PATIENT", "MODEL");
        for (const auto device : root["devices"])
            fmt::print("{:<24} {:<14} {:<12} {:<8} {}\n", device["id"].string(),
                       device["connection"].string(), device["credential"].string(),
                       device["patient"].string(), device["model"].string());
        fmt::print("{} devices\n", root["devices"].size());
    });
}

int device_attach(const OperatorOptions& where, Output output, const DeviceAttach& attach) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    const auto patient = patient_id(*desk, attach.patient);
    if (!patient) return report(patient.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("patient", *patient).member("correction", attach.correction);
    if (!attach.from.empty()) json.member("from", attach.from);
    if (!attach.to.empty()) json.member("to", attach.to);
    json.end_object();
    const auto answer =
        desk->post("/api/devices/" + percent_encoded(attach.device) + "/attach", body);
    if (!answer) return report(answer.error());
    JsonDocument document;
    const auto root = document.parse(*answer);
    if (output.json)
        fmt::print("{}\n", *answer);
    else if (root)
        fmt::print("{} is on patient {}; {} readings kept before were filed to them\n",
                   attach.device, *patient, (*root)["refiled"].text());
    return 0;
}

int device_detach(const OperatorOptions& where, Output output, const std::string& device,
                  const std::string& at) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!at.empty()) json.member("at", at);
    json.end_object();
    return ask(where, output, "POST", "/api/devices/" + percent_encoded(device) + "/detach", body,
               [&](JsonValue) { fmt::print("{} is on nobody now\n", device); });
}

int device_set_clock(const OperatorOptions& where, Output output, const std::string& device) {
    return ask(where, output, "POST", "/api/devices/" + percent_encoded(device) + "/set-clock",
               "{}", [&](JsonValue root) {
                   fmt::print("{} was told the time: {}\n", device, root["time"].string());
               });
}

int series_read(const OperatorOptions& where, const SeriesRead& read) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    const auto patient = patient_id(*desk, read.patient);
    if (!patient) return report(patient.error());
    auto path = fmt::format("/api/series/raw?patient={}", percent_encoded(*patient));
    for (const auto& metric : read.metrics) path += "&metric=" + percent_encoded(metric);
    if (!read.device.empty()) path += "&device=" + percent_encoded(read.device);
    if (!read.from.empty()) path += "&from=" + percent_encoded(read.from);
    if (!read.to.empty()) path += "&to=" + percent_encoded(read.to);
    const auto answer = desk->get(path + (read.csv ? "&format=csv" : "&format=ndjson"));
    if (!answer) return report(answer.error());
    fmt::print("{}", *answer);
    return 0;
}

int quarantine_list(const OperatorOptions& where, Output output, const std::string& state) {
    return ask(
        where, output, "GET", "/api/quarantine?limit=10000&state=" + percent_encoded(state), "",
        [](JsonValue root) {
            fmt::print("{:<12} {:<20} {:<16} {}\n", "ID", "SENDER", "KIND", "REASON");
            for (const auto item : root["items"])
                fmt::print("{:<12} {:<20} {:<16} {} {}\n", item["id"].string(),
                           item["sender"].string(), item["reason"]["kind"].string(),
                           item["reason"]["place"].string(), item["reason"]["message"].string());
            fmt::print("{} shown, {} open\n", root["items"].size(), root["counts"]["open"].text());
        });
}

int quarantine_replay(const OperatorOptions& where, Output output,
                      const std::vector<std::string>& ids) {
    auto desk = Operator::open(where);
    if (!desk) return report(desk.error());
    int status = 0;
    for (const auto& id : ids) {
        const auto answer = desk->post("/api/quarantine/" + percent_encoded(id) + "/replay", "{}");
        if (!answer) {
            status = report(answer.error());
            continue;
        }
        JsonDocument document;
        const auto root = document.parse(*answer);
        if (!root) continue;
        if (const auto item = (*root)["item"]; item["state"].string() == "open")
            status = report({error_kind(item["reason"]["kind"].string()),
                             std::string(item["reason"]["message"].string()), id});
        else if (output.json)
            fmt::print("{}\n", *answer);
        else
            fmt::print("{}: {} readings\n", id, (*root)["readings"].text());
    }
    return status;
}

int backup(const OperatorOptions& where, Output output, const std::string& folder) {
    std::string body;
    JsonWriter(body).begin_object().member("folder", folder).end_object();
    return ask(where, output, "POST", "/api/backup", body, [&](JsonValue) {
        fmt::print(
            "backup written to {}; the keys in the data folder are not in it: keep them "
            "elsewhere\n",
            folder);
    });
}

int verify(const OperatorOptions& where, Output output) {
    bool sound = false, audit_sound = true;
    const auto status =
        ask(where, {.json = false}, "POST", "/api/verify", "{}", [&](JsonValue root) {
            sound = root["sound"].is_true();
            audit_sound = root["audit"]["sound"].is_true();
            if (output.json) {
                fmt::print("{{\"sound\":{}}}\n", sound);
                return;
            }
            fmt::print("{}\n", sound ? "sound: every entry and chunk reads back as it was written"
                                     : "damaged:");
            for (const auto problem : root["problems"]) fmt::print("  {}\n", problem.string());
        });
    if (status != 0 || sound) return status;
    return audit_sound ? exit_status(Error::Kind::internal) : status_tampered;
}

}  // namespace vigil::app
