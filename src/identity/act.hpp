#pragma once
// What was decided about people, devices, credentials and associations: the body of an `act` entry.
// docs/reference/log-entry.md describes the JSON; both sides of it are one description in act.cpp.

#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/apps.hpp"
#include "identity/enrolment.hpp"
#include "identity/factors.hpp"
#include "identity/people.hpp"
#include "identity/privacy.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

struct PatientAdded {
    Patient patient;
    bool operator==(const PatientAdded&) const = default;
};
struct PatientChanged {
    Patient patient;  // as it is from now on, whole
    bool operator==(const PatientChanged&) const = default;
};
struct DeviceAdded {
    Device device;
    bool operator==(const DeviceAdded&) const = default;
};
struct DeviceChanged {
    Device device;
    bool operator==(const DeviceChanged&) const = default;
};

// The device was on the patient in the span. Where spans overlap the higher rank wins, at equal
// rank the later recorded. A correction takes back all that was recorded before about its span, of
// whatever rank; only a correction may name nobody (patient 0): the device was taken off.
struct DeviceAssociated {
    DeviceId device{};
    PatientId patient{};
    Timestamp from{}, to = end_of_time;
    AssociationRank rank = AssociationRank::manual;
    bool correction = false;
    bool operator==(const DeviceAssociated&) const = default;
};

struct DeviceTokenSet {
    DeviceId device{};
    Digest secret{};  // zero: it has no token any more
    bool operator==(const DeviceTokenSet&) const = default;
};
// In one act with what it rests on, so that either both hold or neither does.
struct CertificateIssued {
    DeviceCertificate certificate;
    Digest code{};         // the enrolment code that is used up by it; zero: none
    std::string renews{};  // the serial that the device showed. Whatever else it enrolled or
                           // renewed before ends: it has shown which one it keeps
    bool operator==(const CertificateIssued&) const = default;
};
struct CertificateRevoked {
    std::string serial{};
    bool operator==(const CertificateRevoked&) const = default;
};
struct AccountAdded {
    Account account;
    bool operator==(const AccountAdded&) const = default;
};
struct AccountChanged {
    Account account;
    bool operator==(const AccountChanged&) const = default;
};
struct TokenIssued {
    ApiToken token;
    bool operator==(const TokenIssued&) const = default;
};
struct TokenRevoked {
    TokenId token{};
    bool operator==(const TokenRevoked&) const = default;
};

struct RelationGiven {
    CareRelation relation;
    bool operator==(const RelationGiven&) const = default;
};
// Before its time.
struct RelationEnded {
    RelationId relation{};
    Timestamp at{};
    bool operator==(const RelationEnded&) const = default;
};
// Somebody has looked at an emergency; who and when are the act's.
struct EmergencyReviewed {
    RelationId relation{};
    std::string finding{};
    bool operator==(const EmergencyReviewed&) const = default;
};

struct Act {
    using Body =
        std::variant<PatientAdded, PatientChanged, DeviceAdded, DeviceChanged, DeviceAssociated,
                     DeviceTokenSet, CertificateIssued, CertificateRevoked, AccountAdded,
                     AccountChanged, TokenIssued, TokenRevoked, EnrolmentOffered, EnrolmentRevoked,
                     TotpSet, TotpUsed, TotpRemoved, RecoveryCodesSet, RecoveryCodeUsed,
                     FactorsReset, PasskeyAdded, PasskeyUsed, PasskeyRemoved, RelationGiven,
                     RelationEnded, EmergencyReviewed, AppAdded, AppChanged, GrantGiven,
                     GrantRenewed, GrantEnded, PatientErased, HoldSet, RestrictionSet>;
    Timestamp recorded{};
    std::string by{};  // the principal's name; "system" for what the server does by itself
    Body body;
    bool operator==(const Act&) const = default;
};

constexpr std::size_t act_bytes_max = 64 * 1024;

std::string encode(const Act& act);
// `unsupported`: an act of another room or a later version, to be passed over. Whatever else fails
// is `malformed`; what decodes has passed the checks of people.hpp.
Result<Act> decode_act(std::string_view json);

// Whose data the act is, for sealing and access; 0: the site's.
PatientId subject(const Act& act);

}  // namespace vigil::identity
