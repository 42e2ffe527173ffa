#include "identity/registry.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace vigil::identity {
namespace {

tl::unexpected<Error> unknown(const char* what) {
    return fail(Error::Kind::not_found, std::string("there is no such ") + what, what);
}

template <class Map, class Key>
auto find_in(const Map& map, const Key& key) -> const typename Map::mapped_type* {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

Applied ended(AccessEnded whose) {
    return {.refiles = {}, .access_ended = whose};
}

// Points `name` from one number to another; an empty name points nowhere.
template <class Names, class Number>
void rename(Names& names, const std::string& before, const std::string& after, Number number) {
    if (before == after) return;
    if (!before.empty()) names.erase(before);
    if (!after.empty()) names.emplace(after, number);
}

}  // namespace

Result<Applied> Registry::apply(const Act& act, Position position) {
    if (position <= applied_) return Applied{};
    applied_ = position;
    auto applied = std::visit([&](const auto& body) { return take(act, body); }, act.body);
    if (applied) ++generation_;
    return applied;
}

Result<Applied> Registry::take(const Act& /*act*/, const PatientAdded& body) {
    const auto& patient = body.patient;
    next_patient_ = std::max(next_patient_, patient.id.value + 1);
    if (patients_.contains(patient.id) || erased_.contains(patient.id))
        return fail(Error::Kind::conflict, "this patient number is taken", "patient");
    VIGIL_CHECK(check_free(patient));
    rename(patient_of_identifier_, {}, patient.identifier, patient.id);
    if (!patient.record_id.empty()) patient_of_record_.try_emplace(patient.record_id, patient.id);
    move_unit(patient.id, {}, patient.unit);
    patients_.emplace(patient.id, patient);
    // Whoever reaches everyone does so by name while somebody's record is restricted.
    const bool by_name = !restrictions_.empty();
    if (by_name) ++reach_generation_;
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = by_name};
}

Result<Applied> Registry::take(const Act& /*act*/, const PatientChanged& body) {
    const auto known = patients_.find(body.patient.id);
    if (known == patients_.end()) return unknown("patient");
    VIGIL_CHECK(check_free(body.patient));
    const bool moves = known->second.unit != body.patient.unit;
    rename(patient_of_identifier_, known->second.identifier, body.patient.identifier,
           body.patient.id);
    move_unit(body.patient.id, known->second.unit, body.patient.unit);
    known->second = body.patient;
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = moves};
}

Result<Applied> Registry::take(const Act& /*act*/, const DeviceAdded& body) {
    const auto& device = body.device;
    next_device_ = std::max(next_device_, device.id.value + 1);
    if (devices_.contains(device.id) || device_of_name_.contains(device.external_id))
        return fail(Error::Kind::conflict, "a device with this id is registered already", "id");
    VIGIL_CHECK(check_known(device));
    device_of_name_.emplace(device.external_id, device.id);
    const auto place = devices_.emplace(device.id, device).first;
    if (device_of_number_.size() <= device.id.value) device_of_number_.resize(device.id.value + 1);
    device_of_number_[device.id.value] = &place->second;
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const DeviceChanged& body) {
    const auto known = devices_.find(body.device.id);
    if (known == devices_.end()) return unknown("device");
    if (known->second.external_id != body.device.external_id)
        return fail(Error::Kind::conflict, "a device keeps its id", "id");
    VIGIL_CHECK(check_known(body.device));
    known->second = body.device;
    return Applied{};
}

Result<Applied> Registry::take(const Act& act, const DeviceAssociated& body) {
    if (!devices_.contains(body.device)) return unknown("device");
    if (body.patient && !patients_.contains(body.patient)) return unknown("patient");
    if (associations_.size() <= body.device.value) associations_.resize(body.device.value + 1);
    return Applied{associations_[body.device.value].apply(body, act.recorded, act.by)};
}

Result<Applied> Registry::take(const Act& /*act*/, const DeviceTokenSet& body) {
    if (!devices_.contains(body.device)) return unknown("device");
    const bool had_one = device_tokens_.erase(body.device) > 0;
    if (body.secret) device_tokens_.emplace(body.device, body.secret);
    return had_one ? ended({.device = body.device}) : Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const CertificateRevoked& body) {
    const auto known = certificates_.find(body.serial);
    if (known == certificates_.end()) return unknown("certificate");
    known->second.revoked = true;
    return ended({.device = known->second.device});
}

Result<Applied> Registry::take(const Act& /*act*/, const AccountAdded& body) {
    const auto& account = body.account;
    next_account_ = std::max(next_account_, account.id.value + 1);
    if (accounts_.contains(account.id) || account_of_name_.contains(account.user_name))
        return fail(Error::Kind::conflict, "this user name is taken", "username");
    account_of_name_.emplace(account.user_name, account.id);
    accounts_.emplace(account.id, account);
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const AccountChanged& body) {
    const auto known = accounts_.find(body.account.id);
    if (known == accounts_.end()) return unknown("account");
    if (known->second.user_name != body.account.user_name)
        return fail(Error::Kind::conflict, "an account keeps its user name", "username");
    VIGIL_CHECK(check_administrator_left(body.account));
    const auto before = std::exchange(known->second, body.account);
    const auto& after = known->second;
    ++reach_generation_;
    const bool same = before.enabled == after.enabled && before.role == after.role &&
                      before.password_hash == after.password_hash;
    Applied applied = same ? Applied{} : ended({.account = after.id});
    applied.reach_changed = before.units != after.units;
    return applied;
}

Result<Applied> Registry::take(const Act& /*act*/, const TokenIssued& body) {
    const auto& token = body.token;
    next_token_ = std::max(next_token_, token.id.value + 1);
    if (!accounts_.contains(token.account)) return unknown("account");
    if (tokens_.contains(token.id) || token_of_secret_.contains(token.secret))
        return fail(Error::Kind::conflict, "this token was issued already", "token");
    token_of_secret_.emplace(token.secret, token.id);
    tokens_.emplace(token.id, token);
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const TokenRevoked& body) {
    const auto known = tokens_.find(body.token);
    if (known == tokens_.end()) return unknown("token");
    const auto account = known->second.account;
    token_of_secret_.erase(known->second.secret);
    tokens_.erase(known);
    return ended({.account = account});
}

Result<void> Registry::check_free(const Patient& patient) const {
    const auto* same = find_patient(patient.identifier);
    if (same && same->id != patient.id)
        return fail(Error::Kind::conflict, "another patient has this identifier", "identifier");
    if (patient.bed.empty()) return {};
    const auto there = std::ranges::find_if(patients_, [&](const auto& entry) {
        const auto& other = entry.second;
        return other.id != patient.id && other.unit == patient.unit && other.bed == patient.bed;
    });
    if (there != patients_.end())
        return fail(Error::Kind::conflict, "another patient is in this bed", "bed");
    return {};
}

Result<void> Registry::check_known(const Device& device) const {
    const auto* gateway = this->device(device.gateway);
    if (device.gateway && !gateway) return unknown("gateway");
    if (gateway && gateway->gateway)
        return fail(Error::Kind::conflict, "a gateway speaks for itself", "gateway");
    return {};
}

Result<void> Registry::check_administrator_left(const Account& changed) const {
    if (changed.role == Role::administrator && changed.enabled) return {};
    const auto* before = account(changed.id);
    const bool was_one = before && before->role == Role::administrator && before->enabled;
    const bool another = std::ranges::any_of(accounts_, [&](const auto& entry) {
        const auto& other = entry.second;
        return other.id != changed.id && other.role == Role::administrator && other.enabled;
    });
    if (was_one && !another)
        return fail(Error::Kind::conflict, "this is the last administrator: make another one first",
                    "role");
    return {};
}

const Patient* Registry::patient(PatientId id) const {
    return find_in(patients_, id);
}
const Account* Registry::account(AccountId id) const {
    return find_in(accounts_, id);
}
const ApiToken* Registry::token(TokenId id) const {
    return find_in(tokens_, id);
}
const DeviceCertificate* Registry::certificate(std::string_view serial) const {
    return find_in(certificates_, serial);
}
const Patient* Registry::find_patient(std::string_view identifier) const {
    const auto* id = find_in(patient_of_identifier_, identifier);
    return id ? patient(*id) : nullptr;
}
const Patient* Registry::find_recorded(std::string_view record_id) const {
    const auto* id = find_in(patient_of_record_, record_id);
    return id ? patient(*id) : nullptr;
}
const Device* Registry::find_device(std::string_view external_id) const {
    const auto* id = find_in(device_of_name_, external_id);
    return id ? device(*id) : nullptr;
}
const Account* Registry::find_account(std::string_view user_name) const {
    const auto* id = find_in(account_of_name_, user_name);
    return id ? account(*id) : nullptr;
}

const std::vector<Association>& Registry::spans(DeviceId device) const {
    static const std::vector<Association> none;
    return device.value < associations_.size() ? associations_[device.value].standing() : none;
}

}  // namespace vigil::identity
