// Codes by which devices enrol, and the certificates that they get by them and renew.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "identity/registry.hpp"

namespace vigil::identity {
namespace {

Act make(const Given& given, Act::Body body) {
    return Act{.recorded = given.at, .by = given.by, .body = std::move(body)};
}

tl::unexpected<Error> unknown(const char* what) {
    return fail(Error::Kind::not_found, std::string("there is no such ") + what, what);
}

// One answer for whatever is wrong: which part it was would help only a guesser.
tl::unexpected<Error> wrong() {
    return fail(Error::Kind::forbidden, "the device or its code is not valid");
}

}  // namespace

Result<NewSecret> Registry::plan_enrolment(DeviceId device, Nanoseconds good_for,
                                           const RandomSource& random, const Given& given) const {
    const auto* known = this->device(device);
    if (!known) return unknown("device");
    if (known->gateway)
        return fail(Error::Kind::conflict,
                    "its gateway speaks for this device: it needs no certificate", "device");
    if (good_for <= Nanoseconds(0) || good_for > enrolment_lifetime_max)
        return fail(Error::Kind::malformed, "a code is good for at most 30 days", "good_for_s");
    auto code = new_enrolment_code(random);
    auto act = make(given, EnrolmentOffered{.device = device,
                                            .locator = code.substr(0, enrolment_locator_characters),
                                            .code = sha256(code),
                                            .expires = given.at + good_for});
    return NewSecret{std::move(code), std::move(act)};
}

Result<Act> Registry::plan_revoke_enrolment(DeviceId device, std::string reason,
                                            const Given& given) const {
    if (enrolment(device) == nullptr) return unknown("code");
    EnrolmentRevoked revoked{device, std::move(reason)};
    VIGIL_CHECK(check(revoked));
    return make(given, std::move(revoked));
}

Result<Act> Registry::plan_enrolled_certificate(DeviceCertificate certificate, const Digest& code,
                                                const Given& given) const {
    certificate.origin = CertificateOrigin::enrolled;
    VIGIL_TRY(act, plan_certificate(std::move(certificate), given));
    std::get<CertificateIssued>(act.body).code = code;
    VIGIL_CHECK(check_ground(act, std::get<CertificateIssued>(act.body)));
    return std::move(act);
}

Result<Act> Registry::plan_renewed_certificate(DeviceCertificate certificate, std::string renews,
                                               const Given& given) const {
    certificate.origin = CertificateOrigin::renewed;
    VIGIL_TRY(act, plan_certificate(std::move(certificate), given));
    std::get<CertificateIssued>(act.body).renews = std::move(renews);
    VIGIL_CHECK(check_ground(act, std::get<CertificateIssued>(act.body)));
    return std::move(act);
}

// What the certificate rests on still holds: two requests with one code get one certificate.
Result<void> Registry::check_ground(const Act& act, const CertificateIssued& body) const {
    const auto device = body.certificate.device;
    if (body.code) {
        const auto* offered = enrolment(device);
        if (offered == nullptr || !same_secret(offered->code, body.code) ||
            offered->expires <= act.recorded)
            return fail(Error::Kind::conflict, "the code was used or taken back", "code");
    }
    if (!body.renews.empty()) {
        const auto* shown = certificate(body.renews);
        if (shown == nullptr || shown->revoked || shown->device != device)
            return fail(Error::Kind::conflict, "the certificate shown was revoked", "renews");
    }
    return {};
}

Result<Applied> Registry::take(const Act& act, const CertificateIssued& body) {
    const auto& issued = body.certificate;
    if (!devices_.contains(issued.device)) return unknown("device");
    if (certificates_.contains(issued.serial))
        return fail(Error::Kind::conflict, "this serial number was issued already", "serial");
    VIGIL_CHECK(check_ground(act, body));
    if (body.code) enrolments_.erase(issued.device);
    if (!body.renews.empty()) supersede(issued.device, body.renews);
    // A snapshot's acts have no time, and name nobody whom it is to forget.
    if (act.recorded != Timestamp{}) forget_ended(issued.device, act.recorded);
    const auto place = certificates_.emplace(issued.serial, issued).first;
    certificates_of_device_[issued.device].push_back(&place->second);
    return Applied{};
}

// Certificates that a person asked for are not the device's to end.
void Registry::supersede(DeviceId device, std::string_view keeps) {
    for (auto* each : certificates_of_device_[device])
        if (each->serial != keeps && each->origin != CertificateOrigin::issued)
            each->revoked = true;
}

void Registry::forget_ended(DeviceId device, Timestamp now) {
    auto& of_device = certificates_of_device_[device];
    std::erase_if(of_device, [&](const DeviceCertificate* each) {
        if (now < each->not_after) return false;
        certificates_.erase(certificates_.find(each->serial));
        return true;
    });
}

Result<Applied> Registry::take(const Act& /*act*/, const EnrolmentOffered& body) {
    if (!devices_.contains(body.device)) return unknown("device");
    enrolments_.insert_or_assign(body.device, body);
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const EnrolmentRevoked& body) {
    if (enrolments_.erase(body.device) == 0) return unknown("code");
    return Applied{};
}

std::vector<const DeviceCertificate*> Registry::certificates_of(DeviceId device) const {
    const auto found = certificates_of_device_.find(device);
    if (found == certificates_of_device_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

const DeviceCertificate* Registry::newest_certificate(DeviceId device, Timestamp now) const {
    const auto found = certificates_of_device_.find(device);
    if (found == certificates_of_device_.end()) return nullptr;
    const auto good = [&](const DeviceCertificate* each) {
        return !each->revoked && now < each->not_after;
    };
    // Of those that end in the same second the one that was issued last.
    const DeviceCertificate* newest = nullptr;
    for (const auto* each : found->second)
        if (newest == nullptr ||
            std::pair(good(each), each->not_after) >= std::pair(good(newest), newest->not_after))
            newest = each;
    return newest;
}

const EnrolmentOffered* Registry::enrolment(DeviceId device) const {
    const auto found = enrolments_.find(device);
    return found == enrolments_.end() ? nullptr : &found->second;
}

Result<DeviceId> Registry::check_enrolment(std::string_view external_id, const Digest& code,
                                           Timestamp now) const {
    static const Digest none{};
    const auto* device = find_device(external_id);
    const auto* offered = device ? enrolment(device->id) : nullptr;
    // Compared whoever asks, so that the answer takes as long for a device nobody knows.
    const bool same = same_secret(offered ? offered->code : none, code);
    if (!offered || !same || offered->expires <= now) return wrong();
    return device->id;
}

}  // namespace vigil::identity
