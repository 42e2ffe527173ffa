#include "fhir/rest/capability.hpp"

#include <fmt/format.h>

#include <array>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/subscription/socket_tokens.hpp"
#include "fhir/subscription/subscription.hpp"

namespace vigil::fhir {
namespace {

std::string_view word(SearchType type) {
    constexpr std::array words = {"number",    "date",     "string", "token",  "reference",
                                  "composite", "quantity", "uri",    "special"};
    return words.at(static_cast<std::size_t>(type));
}

void write_codes(JsonWriter& json, std::string_view name, std::span<const char* const> codes) {
    json.key(name).begin_array();
    for (const auto* code : codes) json.begin_object().member("code", code).end_object();
    json.end_array();
}

// Canonical URL of the OperationDefinition: of R4, of Bulk Data Access 2.0, of the International
// Patient Summary, or our own.
std::string definition_of(const Operation& operation) {
    const auto name = operation.name.substr(1);
    if (name == "fhirpath" || name == "import") return fmt::format("urn:vigil:operation:{}", name);
    if (name == "summary") return "http://hl7.org/fhir/uv/ips/OperationDefinition/summary";
    if (name == "export")
        return fmt::format("http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{}export",
                           operation.type == "Patient" ? "patient-"
                           : operation.type == "Group" ? "group-"
                                                       : "");
    if (operation.type == "Subscription")
        return fmt::format(
            "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
            "backport-subscription-{}",
            name);
    const auto of = operation.type.empty() ? std::string_view("Resource") : operation.type;
    return fmt::format("http://hl7.org/fhir/OperationDefinition/{}-{}", of, name);
}

// The operations at one kind of place that a type (empty: the server) answers.
void write_operations(JsonWriter& json, std::string_view type) {
    json.key("operation").begin_array();
    std::string_view last;
    for (const auto& operation : operations()) {
        const bool is_system = operation.at == Operation::At::system;
        const bool here = type.empty()
                              ? is_system
                              : !is_system && (operation.type.empty() || operation.type == type);
        if (!here || operation.name == last) continue;
        last = operation.name;
        const auto name = operation.name.substr(1);
        json.begin_object()
            .member("name", name)
            .member("definition", definition_of(operation))
            .end_object();
    }
    json.end_array();
}

// The topics that can be subscribed to (Subscriptions R5 Backport 1.1, Topic Discovery).
void write_topics(JsonWriter& json, const RestContext& context) {
    json.key("extension").begin_array();
    for (const auto* type : context.definitions.resource_types())
        json.begin_object()
            .member("url",
                    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
                    "capabilitystatement-subscriptiontopic-canonical")
            .member("valueCanonical", topic_of(type->name))
            .end_object();
    json.end_array();
    json.key("supportedProfile")
        .begin_array()
        .text(
            "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
            "backport-subscription")
        .end_array();
}

// What the lines of the audit are as events (docs/guides/audit.md).
void write_events(JsonWriter& json) {
    json.key("supportedProfile").begin_array();
    for (const auto* pattern :
         {"Create", "Read", "Update", "Delete", "Query", "PatientCreate", "PatientRead",
          "PatientUpdate", "PatientDelete", "PatientQuery", "PrivacyDisclosure.Source"})
        json.text(fmt::format(
            "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{}", pattern));
    json.end_array();
    json.member("documentation",
                "Each line of this server's audit is an AuditEvent, which can be read and searched "
                "(newest first, not counted) and not be written, beside those that were posted.");
}

void write_resource(JsonWriter& json, std::string_view type, const RestContext& context) {
    constexpr std::array interactions = {"read",   "vread",        "update",
                                         "patch",  "delete",       "history-instance",
                                         "create", "history-type", "search-type"};
    json.begin_object().member("type", type);
    if (type == "Subscription") write_topics(json, context);
    if (type == "AuditEvent") write_events(json);
    if (type == "Communication")
        json.member(
            "documentation",
            "Each alarm of a patient is a Communication of the category alert, which can be "
            "read and searched (newest first: _sort=-sent, or none) and not be written, "
            "beside those that were posted.");
    write_codes(json, "interaction", interactions);
    json.member("versioning", "versioned-update")
        .member("readHistory", true)
        .member("updateCreate", true)
        .member("conditionalCreate", true)
        .member("conditionalRead", "full-support")
        .member("conditionalUpdate", true)
        .member("conditionalDelete", "single");
    json.key("referencePolicy")
        .begin_array()
        .text("literal")
        .text("logical")
        .text("local")
        .end_array();
    json.key("searchInclude").begin_array().text("*");
    for (const auto& parameter : context.parameters.of(type))
        if (parameter.type == SearchType::reference && parameter.is_ready)
            json.text(std::string(type) + ":" + parameter.code);
    json.end_array();
    json.key("searchParam").begin_array();
    for (const auto& parameter : context.parameters.of(type)) {
        const bool answered =
            parameter.expression || parameter.code == "_id" || parameter.code == "_lastUpdated";
        const bool is_other_special =
            parameter.type == SearchType::special && parameter.code != "near";
        if (!answered || !parameter.is_ready || is_other_special) continue;
        json.begin_object()
            .member("name", parameter.code)
            .member("definition", parameter.definition->url)
            .member("type", word(parameter.type))
            .end_object();
    }
    json.end_array();
    write_operations(json, type);
    json.end_object();
}

// SMART App Launch 2.2, "CapabilityStatement": where apps are let in.
void write_security(JsonWriter& json, const RestContext& context) {
    json.key("security").begin_object();
    if (!context.authorization.empty()) {
        json.key("extension").begin_array().begin_object();
        json.member("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
        json.key("extension").begin_array();
        for (const auto* what : {"authorize", "token", "register", "introspect", "revoke"})
            json.begin_object()
                .member("url", what)
                .member("valueUri", context.authorization + "/" + what)
                .end_object();
        json.end_array().end_object().end_array();
    }
    json.member("cors", context.is_shared);
    if (!context.authorization.empty()) {
        json.key("service").begin_array().begin_object().key("coding").begin_array();
        json.begin_object()
            .member("system", "http://terminology.hl7.org/CodeSystem/restful-security-service")
            .member("code", "SMART-on-FHIR")
            .end_object();
        json.end_array().end_object().end_array();
    }
    json.member("description", "A bearer token: of an app that a person let in, or an API token")
        .end_object();
}

}  // namespace

std::string capability_statement(const RestContext& context, std::string_view software_version,
                                 Timestamp started) {
    constexpr std::array system = {"transaction", "batch", "search-system", "history-system"};
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("resourceType", "CapabilityStatement")
        .member("status", "active")
        .member("date", instant(started))
        .member("kind", "instance");
    json.key("software")
        .begin_object()
        .member("name", "Vigil")
        .member("version", software_version)
        .end_object();
    json.key("implementation")
        .begin_object()
        .member("description", "Vigil: the record and the readings of medical devices")
        .member("url", context.base)
        .end_object();
    json.member("fhirVersion", "4.0.1");
    json.key("format").begin_array().text("application/fhir+json").text("json").end_array();
    json.key("patchFormat")
        .begin_array()
        .text("application/json-patch+json")
        .text("application/fhir+json")
        .end_array();
    json.key("rest").begin_array().begin_object();
    if (context.socket_tokens != nullptr)
        json.key("extension")
            .begin_array()
            .begin_object()
            .member("url", "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket")
            .member("valueUri", context.socket_tokens->url())
            .end_object()
            .end_array();
    json.member("mode", "server");
    write_security(json, context);
    json.key("resource").begin_array();
    for (const auto* type : context.definitions.resource_types())
        write_resource(json, type->name, context);
    json.end_array();
    write_codes(json, "interaction", system);
    write_operations(json, {});
    json.end_object().end_array().end_object();
    return text;
}

}  // namespace vigil::fhir
