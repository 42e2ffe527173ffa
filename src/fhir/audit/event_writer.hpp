#pragma once
// A line of the audit as a FHIR R4 AuditEvent in the shape of IHE BALP 1.1 (Basic Audit Log
// Patterns, ITI TF-3 5.7). meta.profile names a profile only where the resource meets all of it.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fhir/audit/event_kind.hpp"
#include "fhir/rest/patients.hpp"
#include "store/audit.hpp"

namespace vigil::fhir {

// The id of a line's AuditEvent: "a30500".
std::string audit_event_id(std::uint64_t number);
std::optional<std::uint64_t> read_audit_event_id(std::string_view text);

struct ShownAccount {
    std::string name;       // as shown; empty: the user name
    std::string fhir_user;  // "Practitioner/12"; empty: none stands for them
};
using ShownAccounts = std::map<std::string, ShownAccount, std::less<>>;  // by user name

struct EventContext {
    std::string base;  // of the FHIR endpoint, as clients see it
    std::string site_name;
    const PatientNumbers& patients;
};

// As a patient is told (GET /api/patients/{id}/accesses): who it was and what for, not from which
// machine, not about whom else, nor what was searched for.
struct EventReader {
    std::optional<PatientId> patient{};  // none: whoever may read the audit
    std::shared_ptr<const ShownAccounts> accounts{};
};

// Without an id, which the record has.
std::string audit_event(const store::AuditLine& line, const EventContext& context,
                        const EventReader& reader);

}  // namespace vigil::fhir
