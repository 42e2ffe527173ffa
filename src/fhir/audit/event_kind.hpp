#pragma once
// What a line of the audit is as an event of the standards: FHIR R4 AuditEvent after IHE BALP 1.1,
// DICOM PS3.15 A.5 and PS3.16 CID 400 and 401. The AuditEvents on the FHIR endpoint and the
// messages to a syslog collector are made of it, so that both say the same.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit.hpp"

namespace vigil::fhir {

struct EventCode {
    std::string_view system, code, display;
    bool operator==(const EventCode&) const = default;
};

namespace event_systems {
inline constexpr std::string_view type = "http://terminology.hl7.org/CodeSystem/audit-event-type";
inline constexpr std::string_view interaction = "http://hl7.org/fhir/restful-interaction";
inline constexpr std::string_view dcm = "http://dicom.nema.org/resources/ontology/DCM";
inline constexpr std::string_view lifecycle =
    "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
inline constexpr std::string_view transaction = "urn:ihe:event-type-code";
inline constexpr std::string_view purpose = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
}  // namespace event_systems

// Which of BALP's patterns the event follows; `none` where it has none for it.
enum class EventPattern : std::uint8_t { none, create, read, update, remove, query, disclosure };

struct EventKind {
    EventCode type;
    std::vector<EventCode> subtypes{};
    char action = 'E';  // C, R, U, D, E
    EventPattern pattern = EventPattern::none;
    // Of a line of the FHIR endpoint, what its `what` says: "Condition/12/_history/1"; of a search
    // the type and the query, of an operation its address. Empty: it does not say.
    std::string_view target{};
    std::string_view status{};  // "404": permitted, but it came to nothing

    bool gives_data() const { return action == 'R'; }
    // Nothing of what was searched for is left out.
    bool is_whole_query() const {
        return pattern == EventPattern::query && target.find("***") == std::string_view::npos;
    }
    // "Condition/12", "Condition/12/_history/1".
    bool names_resource() const;
    bool names_version() const;
};

// Points into the line.
EventKind kind_of(const store::AuditLine& line);

// 0 success, 4 it came to nothing, 8 it was denied (R4 AuditEventOutcome, DICOM
// EventOutcomeIndicator).
int outcome_of(const store::AuditLine& line, const EventKind& kind);

// The IP address of "192.0.2.7:50312"; empty: it is none.
std::string network_address(std::string_view from);

// v3-ActReason: "treatment" is TREAT, "emergency" BTG; no code for what is no purpose of use
// (identity/purposes.hpp).
EventCode purpose_of_use(std::string_view word);

}  // namespace vigil::fhir
