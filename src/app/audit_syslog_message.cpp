#include "app/audit_syslog_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "codec/atna/audit_message.hpp"
#include "codec/atna/syslog_message.hpp"
#include "fhir/audit/event_writer.hpp"
#include "store/audit_passage.hpp"

namespace vigil::app {
namespace {

using codec::atna::AccessPoint;
using codec::atna::ActiveParticipant;
using codec::atna::AuditMessage;
using codec::atna::Code;
using codec::atna::ParticipantObject;
using fhir::EventPattern;

constexpr std::string_view application_name = "vigil";
constexpr std::string_view message_id = "IHE+RFC-3881";  // ITI-20 3.20.4.1.2.1
// Texts of a line come from outside: what is longer is cut.
constexpr std::size_t text_bytes_max = 1'024;

Code dicom(std::string code, std::string text) {
    return {std::move(code), "DCM", std::move(text)};
}

Code code_of(const fhir::EventCode& code) {
    const bool is_dicom = code.system == fhir::event_systems::dcm;
    return {std::string(code.code), std::string(is_dicom ? "DCM" : code.system),
            std::string(code.display)};
}

const Code uri{"12", "RFC-3881", "URI"};
const Code patient_number{"2", "RFC-3881", "Patient Number"};

std::string bounded(std::string_view text) {
    return std::string(text.substr(0, text_bytes_max));
}

// PS3.16 CID 400: what FHIR and ISO 21089 have codes of their own for is one of these.
Code event_id(const fhir::EventKind& kind, const store::AuditLine& line) {
    if (kind.type.system == fhir::event_systems::dcm) return code_of(kind.type);
    if (kind.pattern == EventPattern::query) return dicom("110112", "Query");
    const bool is_record = kind.type.code == "rest" || !line.patients.empty();
    return is_record ? dicom("110110", "Patient Record") : dicom("110100", "Application Activity");
}

std::vector<Code> event_types(const fhir::EventKind& kind) {
    std::vector<Code> types;
    if (kind.type.system != fhir::event_systems::dcm) types.push_back(code_of(kind.type));
    for (const auto& subtype : kind.subtypes) types.push_back(code_of(subtype));
    return types;
}

std::vector<ActiveParticipant> participants(const fhir::EventKind& kind,
                                            const store::AuditLine& line,
                                            const SyslogSource& source) {
    const auto sends = dicom("110153", "Source Role ID");
    const auto receives = dicom("110152", "Destination Role ID");
    const auto address = fhir::network_address(line.from);
    std::vector<ActiveParticipant> out;
    out.push_back(
        {.user_id = bounded(!line.token.empty()  ? line.token
                            : !line.from.empty() ? line.from
                                                 : std::string("unknown")),
         .is_requestor = line.principal.empty(),
         .roles = {kind.gives_data() ? receives : sends},
         .access_point = address,
         .access_point_type = address.empty() ? AccessPoint::none : AccessPoint::ip_address});
    out.push_back({.user_id = source.fhir_base,
                   .alternative_user_id = source.process,
                   .roles = {kind.gives_data() ? sends : receives},
                   .access_point = source.fhir_base,
                   .access_point_type = AccessPoint::uri});
    if (!line.principal.empty())
        out.push_back({.user_id = bounded(line.principal),
                       .is_requestor = true,
                       .roles = {{line.role, "urn:vigil:role", line.role}}});
    return out;
}

ParticipantObject patient(PatientId number) {
    return {.id = std::to_string(number.value),
            .type = '1',
            .role = "1",
            .id_type = patient_number,
            .name = fmt::format("patient {}", number.value)};
}

// What was done to what.
ParticipantObject object(const fhir::EventKind& kind, const store::AuditLine& line) {
    const auto what = bounded(line.what);
    if (kind.names_resource())
        return {.id = bounded(kind.target), .role = "4", .id_type = uri, .name = what};
    if (kind.pattern == EventPattern::query && !kind.target.empty())
        return {.id = bounded(store::without_query(kind.target)),
                .role = "24",
                .id_type = uri,
                .query = bounded(kind.target)};
    return {.id = what, .id_type = uri, .name = what};
}

// Which line it is: what a collector tells messages apart by, and finds gaps.
ParticipantObject line_itself(std::uint64_t number, std::size_t part, std::size_t parts,
                              const SyslogSource& source) {
    return {.id = fmt::format("{}/AuditEvent/{}", source.fhir_base, fhir::audit_event_id(number)),
            .role = "13",
            .id_type = uri,
            .name = fmt::format("line {} of the audit", number),
            .detail_type = parts > 1 ? "part" : "",
            .detail = fmt::format("{}/{}", part, parts)};
}

}  // namespace

SyslogFrames syslog_frames(std::uint64_t number, const store::AuditLine& line,
                           const SyslogSource& source) {
    const auto kind = fhir::kind_of(line);
    AuditMessage message{.event_id = event_id(kind, line),
                         .event_types = event_types(kind),
                         .action = kind.action,
                         .time = line.time,
                         .outcome = outcome_of(line, kind),
                         .outcome_description = bounded(line.permitted ? kind.status : line.reason),
                         .participants = participants(kind, line, source),
                         .enterprise_site_id = source.site_name,
                         .source_id = source.host,
                         .source_types = {{"4", "DCM", "Application Server"}}};
    if (const auto purpose = fhir::purpose_of_use(line.purpose); !purpose.code.empty())
        message.purposes_of_use.push_back(code_of(purpose));

    std::vector<PatientId> named;
    std::ranges::copy_if(line.patients, std::back_inserter(named),
                         [](PatientId each) { return static_cast<bool>(each); });
    const auto parts =
        std::max<std::size_t>(1, (named.size() + patients_per_message - 1) / patients_per_message);
    SyslogFrames out;
    for (std::size_t part = 0; part < parts; ++part) {
        const auto first = part * patients_per_message;
        message.objects.clear();
        for (auto i = first; i < std::min(first + patients_per_message, named.size()); ++i)
            message.objects.push_back(patient(named[i]));
        message.objects.push_back(object(kind, line));
        message.objects.push_back(line_itself(number, part + 1, parts, source));
        const auto text = encode(message);
        out.bytes += codec::atna::framed(
            encode(codec::atna::SyslogMessage{.severity = message.outcome == 0 ? 5U : 4U,
                                              .time = line.time,
                                              .host = source.host,
                                              .application = std::string(application_name),
                                              .process = source.process,
                                              .id = std::string(message_id),
                                              .text = text}));
        ++out.messages;
    }
    return out;
}

}  // namespace vigil::app
