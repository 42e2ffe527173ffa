// `vigil relation …`, `vigil emergency …` and `vigil patient change`: who may see whom.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"

namespace vigil::app {
namespace {

void show_relation(JsonValue relation) {
    const auto to = relation["to"].string();
    fmt::print("{:<6} {:<20} {:<8} {:<10} {:<25} {:<25} {}\n", relation["id"].text(),
               relation["account"].string(), relation["patient"].string(),
               relation["kind"].string(), relation["from"].string(), to.empty() ? "open" : to,
               relation["reason"].string());
}

int list(const OperatorOptions& where, Output output, const std::string& path, const char* member) {
    return ask(where, output, "GET", path, "", [member](JsonValue root) {
        fmt::print("{:<6} {:<20} {:<8} {:<10} {:<25} {:<25} {}\n", "ID", "ACCOUNT", "PATIENT",
                   "KIND", "FROM", "TO", "REASON");
        for (const auto relation : root[member]) show_relation(relation);
        fmt::print("{} {}\n", root[member].size(), member);
    });
}

// Asks of the patient whom `text` names, by identifier or number.
int ask_of_patient(const OperatorOptions& where, Output output, const std::string& text,
                   const std::string& method, const std::string& more, const std::string& body,
                   const std::function<void(JsonValue)>& show) {
    std::string patient;
    {
        auto desk = Operator::open(where);
        if (!desk) return report(desk.error());
        auto found = patient_id(*desk, text);
        if (!found) return report(found.error());
        patient = std::move(*found);
    }
    return ask(where, output, method, "/api/patients/" + percent_encoded(patient) + more, body,
               show);
}

}  // namespace

int patient_change(const OperatorOptions& where, Output output, const PatientChange& change) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (change.name) json.member("display_name", *change.name);
    if (change.unit) json.member("unit", *change.unit);
    if (change.bed) json.member("bed", *change.bed);
    json.end_object();
    return ask_of_patient(where, output, change.patient, "PATCH", "", body, [](JsonValue root) {
        const auto unit = root["unit"].string();
        fmt::print(
            "patient {}: {}, {}\n", root["id"].string(), root["display_name"].string(),
            unit.empty() ? "in no unit" : fmt::format("in {} {}", unit, root["bed"].string()));
    });
}

int relation_add(const OperatorOptions& where, Output output, const RelationAdd& relation) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("account", relation.account).member("kind", relation.kind);
    json.member("reason", relation.reason);
    if (!relation.to.empty()) json.member("to", relation.to);
    json.end_object();
    return ask_of_patient(
        where, output, relation.patient, "POST", "/relations", body, [](JsonValue root) {
            fmt::print("relation {}: {} sees patient {} ({})\n", root["id"].text(),
                       root["account"].string(), root["patient"].string(), root["kind"].string());
        });
}

int relation_list(const OperatorOptions& where, Output output, const std::string& patient) {
    return ask_of_patient(where, output, patient, "GET", "/relations", "", [](JsonValue root) {
        for (const auto relation : root["relations"]) show_relation(relation);
        fmt::print("{} relations\n", root["relations"].size());
    });
}

int relation_end(const OperatorOptions& where, Output output, const std::string& id) {
    return ask(where, output, "DELETE", "/api/relations/" + percent_encoded(id), "",
               [](JsonValue root) {
                   fmt::print("{} no longer sees patient {} by it\n", root["account"].string(),
                              root["patient"].string());
               });
}

int emergency_list(const OperatorOptions& where, Output output, bool all) {
    return list(where, output, fmt::format("/api/emergencies?state={}", all ? "all" : "open"),
                "emergencies");
}

int emergency_review(const OperatorOptions& where, Output output, const std::string& id,
                     const std::string& finding) {
    std::string body;
    JsonWriter(body).begin_object().member("finding", finding).end_object();
    return ask(where, output, "POST", "/api/emergencies/" + percent_encoded(id) + "/review", body,
               [](JsonValue root) {
                   fmt::print("emergency access {} of {} is reviewed\n", root["id"].text(),
                              root["account"].string());
               });
}

}  // namespace vigil::app
