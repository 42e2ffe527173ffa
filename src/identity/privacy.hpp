#pragma once
// The rights of the person whose data it is (GDPR 17, 18), as acts of the log: erased for ever,
// kept under a legal hold, restricted. What a hold or a restriction says is sealed under the
// patient's key, like all that is theirs; the act of an erasure is the site's, outlives them, and
// names no person: docs/decisions/0033-erasure.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/people.hpp"

namespace vigil::identity {

// The patient's key and all that stood under it are destroyed. Their own acts cannot be read any
// more, so this one says what a registry that is made from the log alone must know: which numbers
// were given, and when a device was on somebody who is not there any more.
struct PatientErased {
    static constexpr std::string_view act_name = "patient-erased";
    PatientId patient{};
    std::string reason{};              // as a person wrote it, without naming the patient
    RelationId relations_below{};      // their numbers were given before
    std::vector<std::string> spans{};  // device_span_text
    bool operator==(const PatientErased&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("patient", act.patient);
        visit("reason", act.reason);
        visit("relations_below", act.relations_below);
        visit("spans", act.spans);
    }
};

// While it stands nothing of the patient is erased (GDPR 17(3)(e)).
struct HoldSet {
    static constexpr std::string_view act_name = "patient-hold-set";
    PatientId patient{};
    bool stands = true;  // false: released
    std::string reason{};
    bool operator==(const HoldSet&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("patient", act.patient);
        visit("stands", act.stands);
        visit("reason", act.reason);
    }
};

// Stored on, and read by few (GDPR 18).
struct RestrictionSet {
    static constexpr std::string_view act_name = "patient-restriction-set";
    PatientId patient{};
    bool stands = true;
    std::string reason{};
    bool operator==(const RestrictionSet&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("patient", act.patient);
        visit("stands", act.stands);
        visit("reason", act.reason);
    }
};

Result<void> check(const PatientErased& act);
Result<void> check(const HoldSet& act);
Result<void> check(const RestrictionSet& act);

// A hold or a restriction that stands.
struct Standing {
    Timestamp since{};
    std::string by{}, reason{};
    bool operator==(const Standing&) const = default;
};

// Of one who was erased.
struct Erased {
    Timestamp at{};
    std::string by{};
    PatientErased act{};
    bool operator==(const Erased&) const = default;
};

// A device was on a patient: "17 2026-11-26T09:00:00Z/2026-11-26T17:00:00Z" (ISO 8601 interval; an
// open end is left out).
struct DeviceSpan {
    DeviceId device{};
    Timestamp from{}, to = end_of_time;
    bool operator==(const DeviceSpan&) const = default;
};
std::string device_span_text(const DeviceSpan& span);
Result<DeviceSpan> parse_device_span(std::string_view text);

// An act holds at most so many (act_bytes_max).
constexpr std::size_t erased_spans_max = 900;

}  // namespace vigil::identity
