#pragma once
// Who and what this server knows: patients, devices, accounts, and the credentials they hold.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

// The least that a ward needs to tell its patients apart; the full demographics are the FHIR
// Patient resource's.
struct Patient {
    PatientId id{};
    std::string display_name{};
    std::string identifier{};  // the hospital's (MRN); empty: none
    std::string birth_date{};  // a FHIR date: 1957, 1957-02 or 1957-02-03; empty: not known
    std::string sex{};         // FHIR administrative gender: male, female, other, unknown; or empty
    std::string unit{}, bed{};  // "ICU 1", "01"; empty: in no bed
    Timestamp registered{};
    // The id that their FHIR Patient is to have, where whoever wrote it chose one; empty: none did.
    std::string record_id{};
    bool operator==(const Patient&) const = default;
};

struct Device {
    DeviceId id{};
    std::string external_id{};  // its name in topics and on the API: [A-Za-z0-9._:-]{1,64}
    std::string display{}, model{}, kind{};
    DeviceId gateway{};  // the device that speaks for it; 0: it speaks for itself
    // The zone of its clock, for times it sends without one.
    std::int16_t utc_offset_minutes = 0;
    // How far its clock may be off before readings are filed at receive time; none: the site's.
    std::optional<Nanoseconds> clock_tolerance{};
    Timestamp registered{};
    bool operator==(const Device&) const = default;
};

// By what a device was put on a patient, weakest first (docs/architecture.md, Words).
enum class AssociationRank : std::uint8_t { account = 1, bed = 2, manual = 3, scan = 4 };

constexpr Timestamp end_of_time = Timestamp::max();

// What each may do: data/roles.tsv. A clinician is staff of a site that tells physicians, nurses
// and units not apart.
enum class Role : std::uint8_t {
    administrator = 1,
    clinician = 2,
    engineer = 3,
    service = 4,
    physician = 5,
    nurse = 6,
    patient = 7,
    caregiver = 8,
    researcher = 9,
    auditor = 10
};

struct Account {
    AccountId id{};
    std::string user_name{};  // [a-z0-9._@-]{1,64}
    std::string display_name{};
    Role role = Role::clinician;
    // The units whose patients it is for. What none means is said by its role's reach.
    std::vector<std::string> units{};
    // The FHIR resource that stands for them in the record ("Practitioner/123"), as consents and
    // apps name them; empty: none does.
    std::string fhir_user{};
    bool enabled = true;
    std::string password_hash{};  // identity/password.hpp; empty: no password, tokens only
    Timestamp registered{};
    bool operator==(const Account&) const = default;
};

using TokenId = Id<struct TokenTag>;

// A bearer token for scripts and services. It can do what both its scopes and its account may.
struct ApiToken {
    TokenId id{};
    AccountId account{};
    std::string name{};  // what it is for, as a person wrote it
    Digest secret{};
    std::vector<std::string> scopes{};  // identity/rights.hpp
    Timestamp issued{};
    Timestamp expires = end_of_time;
    bool operator==(const ApiToken&) const = default;
};

using RelationId = Id<struct RelationTag>;

// Why a person may see a patient beside the units they work in.
enum class Relationship : std::uint8_t {
    self = 1,       // they are the patient
    caregiver = 2,  // the patient, or staff in their name, let them in
    care_team = 3,  // they take part in the patient's care
    emergency = 4   // they broke the glass: for hours, and somebody looks at it afterwards
};

struct CareRelation {
    RelationId id{};
    AccountId account{};
    PatientId patient{};
    Relationship kind = Relationship::care_team;
    Timestamp from{}, to = end_of_time;
    std::string reason{};  // of an emergency: required
    // Of an emergency: who has looked at it since, when, and what they found.
    std::string reviewed_by{};
    Timestamp reviewed = end_of_time;
    std::string finding{};
    bool operator==(const CareRelation&) const = default;
};

// How a device came by a certificate.
enum class CertificateOrigin : std::uint8_t {
    issued = 1,    // a person asked for it, and was given its key
    enrolled = 2,  // by a one-time code, for a key of the device's own
    renewed = 3    // the device showed the one before
};

struct DeviceCertificate {
    DeviceId device{};
    std::string serial{};  // lower-case hexadecimal, as X.509 prints it
    Timestamp not_before{}, not_after{};
    bool revoked = false;
    CertificateOrigin origin = CertificateOrigin::issued;
    bool operator==(const DeviceCertificate&) const = default;
};

enum class CertificateState : std::uint8_t { good, expiring, ended, revoked };
// Expiring: so near its end that a device that renews it by itself would have done so.
CertificateState state_of(const DeviceCertificate& certificate, Timestamp now);

std::string_view to_string(AssociationRank rank);
std::string_view to_string(Role role);
std::string_view to_string(Relationship kind);
std::string_view to_string(CertificateOrigin origin);
std::string_view to_string(CertificateState state);
std::optional<AssociationRank> association_rank(std::string_view name);
std::optional<Role> role(std::string_view name);
std::optional<Relationship> relationship(std::string_view name);
std::optional<CertificateOrigin> certificate_origin(std::string_view name);
// "administrator, clinician, …": for messages about a role that there is not.
std::string role_names();

// What may be registered: characters, lengths, dates. The error says what a person should change.
Result<void> check(const Patient& patient);
Result<void> check(const Device& device);
Result<void> check(const Account& account);
Result<void> check(const ApiToken& token);
Result<void> check(const DeviceCertificate& certificate);
Result<void> check_serial(std::string_view serial, std::string_view place);
Result<void> check(const CareRelation& relation);
// One line of text that a page can show.
Result<void> check_label(std::string_view text, std::string_view place);

constexpr std::size_t external_id_bytes_max = 64;
constexpr std::size_t label_bytes_max = 256;  // names, models, beds
constexpr std::size_t scopes_max = 32;
constexpr std::size_t units_max = 64;            // of an account
constexpr std::size_t reason_bytes_max = 1'000;  // as a person writes it
// Tells an API token from a password at a glance, and to scanners for leaked secrets.
constexpr std::string_view api_token_prefix = "vigil_";
// Numbers are dense: they index tables, so they are bounded.
constexpr std::uint32_t registered_max = 4'000'000;

}  // namespace vigil::identity
