#include "codec/atna/audit_message.hpp"

#include <fmt/format.h>

#include "codec/atna/xml_text.hpp"
#include "codec/binary_text.hpp"

namespace vigil::codec::atna {
namespace {

void attribute(std::string& out, std::string_view name, std::string_view value) {
    out += ' ';
    out += name;
    out += "=\"";
    append_attribute(out, value);
    out += '"';
}

void code_element(std::string& out, std::string_view name, const Code& code) {
    out += '<';
    out += name;
    attribute(out, "csd-code", code.code);
    attribute(out, "codeSystemName", code.system);
    attribute(out, "originalText", code.text);
    out += "/>";
}

void text_element(std::string& out, std::string_view name, std::string_view text) {
    fmt::format_to(std::back_inserter(out), "<{}>", name);
    append_text(out, text);
    fmt::format_to(std::back_inserter(out), "</{}>", name);
}

void append_event(std::string& out, const AuditMessage& message) {
    out += "<EventIdentification";
    attribute(out, "EventActionCode", std::string_view(&message.action, 1));
    attribute(out, "EventDateTime", format_rfc3339(message.time));
    attribute(out, "EventOutcomeIndicator", std::to_string(message.outcome));
    out += '>';
    code_element(out, "EventID", message.event_id);
    for (const auto& type : message.event_types) code_element(out, "EventTypeCode", type);
    if (!message.outcome_description.empty())
        text_element(out, "EventOutcomeDescription", message.outcome_description);
    for (const auto& purpose : message.purposes_of_use) code_element(out, "PurposeOfUse", purpose);
    out += "</EventIdentification>";
}

void append_participant(std::string& out, const ActiveParticipant& participant) {
    out += "<ActiveParticipant";
    attribute(out, "UserID", participant.user_id);
    if (!participant.alternative_user_id.empty())
        attribute(out, "AlternativeUserID", participant.alternative_user_id);
    if (!participant.user_name.empty()) attribute(out, "UserName", participant.user_name);
    attribute(out, "UserIsRequestor", participant.is_requestor ? "true" : "false");
    if (participant.access_point_type != AccessPoint::none) {
        const auto type = static_cast<char>(participant.access_point_type);
        attribute(out, "NetworkAccessPointID", participant.access_point);
        attribute(out, "NetworkAccessPointTypeCode", std::string_view(&type, 1));
    }
    out += '>';
    for (const auto& role : participant.roles) code_element(out, "RoleIDCode", role);
    out += "</ActiveParticipant>";
}

void append_source(std::string& out, const AuditMessage& message) {
    out += "<AuditSourceIdentification";
    if (!message.enterprise_site_id.empty())
        attribute(out, "AuditEnterpriseSiteID", message.enterprise_site_id);
    attribute(out, "AuditSourceID", message.source_id);
    out += '>';
    for (const auto& type : message.source_types) code_element(out, "AuditSourceTypeCode", type);
    out += "</AuditSourceIdentification>";
}

void append_object(std::string& out, const ParticipantObject& object) {
    out += "<ParticipantObjectIdentification";
    attribute(out, "ParticipantObjectID", object.id);
    attribute(out, "ParticipantObjectTypeCode", std::string_view(&object.type, 1));
    if (!object.role.empty()) attribute(out, "ParticipantObjectTypeCodeRole", object.role);
    out += '>';
    code_element(out, "ParticipantObjectIDTypeCode", object.id_type);
    if (object.query.empty())
        text_element(out, "ParticipantObjectName", object.name);
    else
        text_element(out, "ParticipantObjectQuery", write_base64(object.query));
    if (!object.detail_type.empty()) {
        out += "<ParticipantObjectDetail";
        attribute(out, "type", object.detail_type);
        attribute(out, "value", write_base64(object.detail));
        out += "/>";
    }
    out += "</ParticipantObjectIdentification>";
}

}  // namespace

std::string encode(const AuditMessage& message) {
    std::string out = R"(<?xml version="1.0" encoding="UTF-8"?><AuditMessage>)";
    append_event(out, message);
    for (const auto& participant : message.participants) append_participant(out, participant);
    append_source(out, message);
    for (const auto& object : message.objects) append_object(out, object);
    return out + "</AuditMessage>";
}

}  // namespace vigil::codec::atna
