#include "identity/people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace vigil::identity {
namespace {

constexpr std::array ranks{std::pair{AssociationRank::account, std::string_view("account")},
                           std::pair{AssociationRank::bed, std::string_view("bed")},
                           std::pair{AssociationRank::manual, std::string_view("manual")},
                           std::pair{AssociationRank::scan, std::string_view("scan")}};
constexpr std::array roles{std::pair{Role::administrator, std::string_view("administrator")},
                           std::pair{Role::clinician, std::string_view("clinician")},
                           std::pair{Role::engineer, std::string_view("engineer")},
                           std::pair{Role::service, std::string_view("service")},
                           std::pair{Role::physician, std::string_view("physician")},
                           std::pair{Role::nurse, std::string_view("nurse")},
                           std::pair{Role::patient, std::string_view("patient")},
                           std::pair{Role::caregiver, std::string_view("caregiver")},
                           std::pair{Role::researcher, std::string_view("researcher")},
                           std::pair{Role::auditor, std::string_view("auditor")}};
constexpr std::array relationships{
    std::pair{Relationship::self, std::string_view("self")},
    std::pair{Relationship::caregiver, std::string_view("caregiver")},
    std::pair{Relationship::care_team, std::string_view("care-team")},
    std::pair{Relationship::emergency, std::string_view("emergency")}};

constexpr std::array origins{std::pair{CertificateOrigin::issued, std::string_view("issued")},
                             std::pair{CertificateOrigin::enrolled, std::string_view("enrolled")},
                             std::pair{CertificateOrigin::renewed, std::string_view("renewed")}};

constexpr std::array certificate_states{
    std::pair{CertificateState::good, std::string_view("good")},
    std::pair{CertificateState::expiring, std::string_view("expiring")},
    std::pair{CertificateState::ended, std::string_view("ended")},
    std::pair{CertificateState::revoked, std::string_view("revoked")}};

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
    for (const auto& [candidate, name] : table)
        if (candidate == value) return name;
    return "?";
}

template <class Value, std::size_t n>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, n>& table,
                              std::string_view name) {
    for (const auto& [value, candidate] : table)
        if (candidate == name) return value;
    return std::nullopt;
}

bool made_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";
constexpr std::string_view external_id_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
constexpr std::string_view user_name_characters = "abcdefghijklmnopqrstuvwxyz0123456789._@-";

Result<void> check_number(std::uint32_t number, std::string_view place) {
    if (number == 0 || number > registered_max)
        return fail(Error::Kind::malformed, "the number is out of range", std::string(place));
    return {};
}

// FHIR R4 date: YYYY, YYYY-MM or YYYY-MM-DD, and a day that exists.
bool is_date(std::string_view text) {
    const auto part = [&](std::size_t at, std::size_t count) {
        const auto piece = text.substr(at, count);
        if (piece.size() != count || !made_of(piece, digits)) return -1;
        int value = 0;
        for (const char c : piece) value = 10 * value + (c - '0');
        return value;
    };
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    const int year = part(0, 4);
    if (year < 1) return false;
    if (text.size() == 4) return true;
    const int month = part(5, 2);
    if (text[4] != '-' || month < 1 || month > 12) return false;
    if (text.size() == 7) return true;
    const int day = part(8, 2);
    return text[7] == '-' && day > 0 &&
           std::chrono::year_month_day(std::chrono::year(year),
                                       std::chrono::month(static_cast<unsigned>(month)),
                                       std::chrono::day(static_cast<unsigned>(day)))
               .ok();
}

}  // namespace

CertificateState state_of(const DeviceCertificate& certificate, Timestamp now) {
    constexpr Nanoseconds warned_before = std::chrono::hours(24 * 30);
    if (certificate.revoked) return CertificateState::revoked;
    if (certificate.not_after <= now) return CertificateState::ended;
    // Devices renew after two thirds of the time: docs/guides/connect-a-device.md.
    const auto lifetime = certificate.not_after - certificate.not_before;
    const bool near_end = certificate.not_after - now < std::min(lifetime / 4, warned_before);
    return near_end ? CertificateState::expiring : CertificateState::good;
}

Result<void> check_label(std::string_view text, std::string_view place) {
    if (text.size() > label_bytes_max)
        return fail(Error::Kind::too_large,
                    fmt::format("longer than {} bytes: shorten it", label_bytes_max),
                    std::string(place));
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (std::ranges::any_of(text, control))
        return fail(Error::Kind::malformed, "control characters are not allowed",
                    std::string(place));
    return {};
}

std::string_view to_string(AssociationRank rank) {
    return name_of(ranks, rank);
}
std::string_view to_string(Role role) {
    return name_of(roles, role);
}
std::string_view to_string(Relationship kind) {
    return name_of(relationships, kind);
}
std::string_view to_string(CertificateOrigin origin) {
    return name_of(origins, origin);
}
std::string_view to_string(CertificateState state) {
    return name_of(certificate_states, state);
}
std::optional<AssociationRank> association_rank(std::string_view name) {
    return value_of(ranks, name);
}
std::optional<Role> role(std::string_view name) {
    return value_of(roles, name);
}

std::optional<Relationship> relationship(std::string_view name) {
    return value_of(relationships, name);
}
std::optional<CertificateOrigin> certificate_origin(std::string_view name) {
    return value_of(origins, name);
}
std::string role_names() {
    std::string names;
    for (const auto& [role, name] : roles) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

Result<void> check(const Patient& patient) {
    VIGIL_CHECK(check_number(patient.id.value, "patient"));
    VIGIL_CHECK(check_label(patient.display_name, "display_name"));
    VIGIL_CHECK(check_label(patient.identifier, "identifier"));
    VIGIL_CHECK(check_label(patient.unit, "unit"));
    VIGIL_CHECK(check_label(patient.bed, "bed"));
    VIGIL_CHECK(check_label(patient.record_id, "record_id"));
    if (patient.display_name.empty())
        return fail(Error::Kind::malformed, "a patient needs a name to be shown", "display_name");
    if (!patient.birth_date.empty() && !is_date(patient.birth_date))
        return fail(Error::Kind::malformed, "a birth date is written 1957-02-03, 1957-02 or 1957",
                    "birth_date");
    constexpr std::array<std::string_view, 5> genders{"", "male", "female", "other", "unknown"};
    if (std::ranges::find(genders, patient.sex) == genders.end())
        return fail(Error::Kind::malformed, "sex is male, female, other or unknown", "sex");
    return {};
}

Result<void> check(const Device& device) {
    VIGIL_CHECK(check_number(device.id.value, "device"));
    const auto& id = device.external_id;
    if (id.empty() || id.size() > external_id_bytes_max || !made_of(id, external_id_characters))
        return fail(Error::Kind::malformed,
                    "a device id is 1 to 64 letters, digits and the signs . _ : -", "id");
    VIGIL_CHECK(check_label(device.display, "display"));
    VIGIL_CHECK(check_label(device.model, "model"));
    VIGIL_CHECK(check_label(device.kind, "kind"));
    if (device.gateway.value > registered_max || device.gateway == device.id)
        return fail(Error::Kind::malformed, "a device cannot be its own gateway", "gateway");
    // UTC-12:00 to UTC+14:00 are the zones in use.
    if (device.utc_offset_minutes < -12 * 60 || device.utc_offset_minutes > 14 * 60)
        return fail(Error::Kind::malformed, "the offset from UTC is -720 to 840 minutes",
                    "utc_offset_minutes");
    if (device.clock_tolerance && *device.clock_tolerance < Nanoseconds(0))
        return fail(Error::Kind::malformed, "a tolerance is not negative", "clock_tolerance_ms");
    return {};
}

// SMART App Launch 2.2: what `fhirUser` may be, but for Patient: who that is, a relation says. And
// whom a service acts for.
Result<void> check_fhir_user(std::string_view reference) {
    constexpr std::array<std::string_view, 4> types{"Practitioner", "PractitionerRole",
                                                    "RelatedPerson", "Organization"};
    constexpr std::size_t id_bytes_max = 64;
    if (reference.empty()) return {};
    const auto slash = std::min(reference.find('/'), reference.size() - 1);
    const auto id = reference.substr(slash + 1);
    const bool is_id =
        !id.empty() && id.size() <= id_bytes_max && std::ranges::all_of(id, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '.';
        });
    if (is_id && std::ranges::find(types, reference.substr(0, slash)) != types.end()) return {};
    return fail(Error::Kind::malformed,
                "takes a reference such as Practitioner/12 (or PractitionerRole, RelatedPerson, "
                "Organization)",
                "fhir_user");
}

Result<void> check(const Account& account) {
    VIGIL_CHECK(check_number(account.id.value, "account"));
    const auto& name = account.user_name;
    if (name.empty() || name.size() > external_id_bytes_max || !made_of(name, user_name_characters))
        return fail(Error::Kind::malformed,
                    "a user name is 1 to 64 small letters, digits and the signs . _ @ -",
                    "username");
    VIGIL_CHECK(check_label(account.display_name, "display_name"));
    if (account.units.size() > units_max)
        return fail(Error::Kind::too_large, "an account has at most 64 units", "units");
    for (const auto& unit : account.units) {
        VIGIL_CHECK(check_label(unit, "units"));
        if (unit.empty()) return fail(Error::Kind::malformed, "a unit has a name", "units");
    }
    VIGIL_CHECK(check_fhir_user(account.fhir_user));
    return check_label(account.password_hash, "password_hash");
}

Result<void> check(const ApiToken& token) {
    VIGIL_CHECK(check_number(token.id.value, "token"));
    VIGIL_CHECK(check_number(token.account.value, "account"));
    VIGIL_CHECK(check_label(token.name, "name"));
    if (!token.secret) return fail(Error::Kind::malformed, "a token has a secret", "secret");
    if (token.scopes.empty() || token.scopes.size() > scopes_max)
        return fail(Error::Kind::malformed, "a token has 1 to 32 scopes", "scopes");
    for (const auto& scope : token.scopes) VIGIL_CHECK(check_label(scope, "scopes"));
    return {};
}

Result<void> check(const CareRelation& relation) {
    VIGIL_CHECK(check_number(relation.id.value, "relation"));
    VIGIL_CHECK(check_number(relation.account.value, "account"));
    VIGIL_CHECK(check_number(relation.patient.value, "patient"));
    if (relation.from > relation.to)  // one that ended before it began lasts no time
        return fail(Error::Kind::malformed, "the span ends before it begins", "to");
    if (relation.reason.size() > reason_bytes_max || relation.finding.size() > reason_bytes_max)
        return fail(Error::Kind::too_large, "a reason has at most 1,000 bytes", "reason");
    if (relation.kind == Relationship::emergency && relation.reason.empty())
        return fail(Error::Kind::malformed, "say why: somebody will read it", "reason");
    return check_label(relation.reviewed_by, "reviewed_by");
}

Result<void> check(const DeviceCertificate& certificate) {
    VIGIL_CHECK(check_number(certificate.device.value, "device"));
    return check_serial(certificate.serial, "serial");
}

Result<void> check_serial(std::string_view serial, std::string_view place) {
    // RFC 5280 4.1.2.2: serial numbers have at most 20 octets.
    if (serial.empty() || serial.size() > 40 || !made_of(serial, "0123456789abcdef"))
        return fail(Error::Kind::malformed, "a serial number is 1 to 40 hexadecimal digits",
                    std::string(place));
    return {};
}

}  // namespace vigil::identity
