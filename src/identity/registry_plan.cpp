// The commands: what may be asked of the registry, and the act that it comes to.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "identity/registry.hpp"

namespace vigil::identity {
namespace {

// More than this is not the history of a device but a fault somewhere.
constexpr std::size_t associations_a_device_max = 20'000;

Act make(const Given& given, Act::Body body) {
    return Act{.recorded = given.at, .by = given.by, .body = std::move(body)};
}

tl::unexpected<Error> unknown(const char* what) {
    return fail(Error::Kind::not_found, fmt::format("there is no such {}", what), what);
}

}  // namespace

Result<Act> Registry::plan_add_patient(Patient patient, const Given& given) {
    patient.id = PatientId{next_patient_};
    patient.registered = given.at;
    VIGIL_CHECK(check(patient));
    VIGIL_CHECK(check_free(patient));
    ++next_patient_;
    return make(given, PatientAdded{std::move(patient)});
}

Result<Act> Registry::plan_change_patient(Patient patient, const Given& given) const {
    const auto* known = this->patient(patient.id);
    if (!known) return unknown("patient");
    patient.registered = known->registered;
    patient.record_id = known->record_id;
    VIGIL_CHECK(check(patient));
    VIGIL_CHECK(check_free(patient));
    return make(given, PatientChanged{std::move(patient)});
}

Result<Act> Registry::plan_add_device(Device device, const Given& given) {
    device.id = DeviceId{next_device_};
    device.registered = given.at;
    VIGIL_CHECK(check(device));
    if (find_device(device.external_id))
        return fail(Error::Kind::conflict,
                    "a device " + device.external_id + " is registered already", "id");
    VIGIL_CHECK(check_known(device));
    ++next_device_;
    return make(given, DeviceAdded{std::move(device)});
}

Result<Act> Registry::plan_change_device(Device device, const Given& given) const {
    const auto* known = this->device(device.id);
    if (!known) return unknown("device");
    device.external_id = known->external_id;
    device.registered = known->registered;
    VIGIL_CHECK(check(device));
    VIGIL_CHECK(check_known(device));
    return make(given, DeviceChanged{std::move(device)});
}

Result<Act> Registry::plan_attach(const AttachRequest& request, const Given& given) const {
    if (!device(request.device)) return unknown("device");
    if (!patient(request.patient)) return unknown("patient");
    if (request.from >= request.to)
        return fail(Error::Kind::malformed, "the span ends before it begins", "to");
    const auto& standing = spans(request.device);
    if (standing.size() >= associations_a_device_max)
        return fail(Error::Kind::too_large, "this device has too many associations", "device");
    const bool elsewhere = std::ranges::any_of(standing, [&](const Association& other) {
        return other.from < request.to && request.from < other.to &&
               other.patient != request.patient;
    });
    // A scan is evidence and takes the device over; a bed or an account fills what nobody has said.
    // A person may be mistaken, and is asked.
    const bool asks = request.rank == AssociationRank::manual;
    if (elsewhere && asks && !request.correction)
        return fail(Error::Kind::conflict,
                    "the device is on another patient in that span: detach it first", "device");
    return make(given, DeviceAssociated{request.device, request.patient, request.from, request.to,
                                        request.rank, request.correction});
}

Result<Act> Registry::plan_detach(DeviceId device, Timestamp from, const Given& given) const {
    if (!this->device(device)) return unknown("device");
    const auto& standing = spans(device);
    const auto on = std::ranges::find_if(standing, [&](const Association& association) {
        return association.from <= from && from < association.to;
    });
    if (on == standing.end())
        return fail(Error::Kind::conflict, "the device is on nobody at that time", "device");
    // To the end of its stay there, however many acts that rests on; what was said about later
    // patients stands.
    auto to = on->to;
    for (auto next = std::next(on); next != standing.end(); ++next)
        if (next->from == to && next->patient == on->patient) to = next->to;
    return make(given, DeviceAssociated{.device = device,
                                        .patient = {},
                                        .from = from,
                                        .to = to,
                                        .rank = AssociationRank::manual,
                                        .correction = true});
}

Result<NewSecret> Registry::plan_device_token(DeviceId device, const RandomSource& random,
                                              const Given& given) const {
    const auto* known = this->device(device);
    if (!known) return unknown("device");
    if (known->gateway)
        return fail(Error::Kind::conflict, "its gateway speaks for this device: it needs no token",
                    "device");
    auto secret = new_secret(random);
    auto act = make(given, DeviceTokenSet{device, sha256(secret)});
    return NewSecret{std::move(secret), std::move(act)};
}

Result<Act> Registry::plan_remove_device_token(DeviceId device, const Given& given) const {
    if (!has_token(device)) return unknown("token");
    return make(given, DeviceTokenSet{device, {}});
}

Result<Act> Registry::plan_certificate(DeviceCertificate certificate, const Given& given) const {
    if (!device(certificate.device)) return unknown("device");
    certificate.revoked = false;
    VIGIL_CHECK(check(certificate));
    if (this->certificate(certificate.serial))
        return fail(Error::Kind::conflict, "this serial number was issued already", "serial");
    return make(given, CertificateIssued{std::move(certificate)});
}

Result<Act> Registry::plan_revoke_certificate(std::string_view serial, const Given& given) const {
    const auto* known = certificate(serial);
    if (!known) return unknown("certificate");
    return make(given, CertificateRevoked{known->serial});
}

Result<Act> Registry::plan_add_account(Account account, const Given& given) {
    account.id = AccountId{next_account_};
    account.registered = given.at;
    VIGIL_CHECK(check(account));
    if (find_account(account.user_name))
        return fail(Error::Kind::conflict, "this user name is taken", "username");
    ++next_account_;
    return make(given, AccountAdded{std::move(account)});
}

Result<Act> Registry::plan_change_account(Account account, const Given& given) const {
    const auto* known = this->account(account.id);
    if (!known) return unknown("account");
    account.user_name = known->user_name;
    account.registered = known->registered;
    VIGIL_CHECK(check(account));
    VIGIL_CHECK(check_administrator_left(account));
    return make(given, AccountChanged{std::move(account)});
}

Result<NewSecret> Registry::plan_api_token(AccountId account, std::string name,
                                           std::vector<std::string> scopes, Timestamp expires,
                                           const RandomSource& random, const Given& given) {
    if (!this->account(account)) return unknown("account");
    if (expires <= given.at)
        return fail(Error::Kind::malformed, "the token would have expired already", "expires");
    for (const auto& scope : scopes) VIGIL_CHECK(check_scope(scope));
    auto secret = std::string(api_token_prefix) + new_secret(random);
    ApiToken token{.id = TokenId{next_token_},
                   .account = account,
                   .name = std::move(name),
                   .secret = sha256(secret),
                   .scopes = std::move(scopes),
                   .issued = given.at,
                   .expires = expires};
    VIGIL_CHECK(check(token));
    ++next_token_;
    auto act = make(given, TokenIssued{std::move(token)});
    return NewSecret{std::move(secret), std::move(act)};
}

Result<Act> Registry::plan_revoke_token(TokenId token, const Given& given) const {
    if (!this->token(token)) return unknown("token");
    return make(given, TokenRevoked{token});
}

}  // namespace vigil::identity
