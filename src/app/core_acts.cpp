// What follows from an act beside the registry: screens are told, and whoever may do less than
// before is cut off at once.
#include "app/core.hpp"

namespace vigil::app {

void Server::Core::took(const identity::Act& act, const identity::Applied& applied, Position) {
    // On replay nobody is connected yet. Live, the API's handler moves the readings and answers
    // with their count.
    if (const auto* associated = std::get_if<identity::DeviceAssociated>(&act.body))
        live_->device_changed(associated->device, {}, loop_.now());
    if (const auto* erased = std::get_if<identity::PatientErased>(&act.body))
        for (const auto& text : erased->spans)
            if (const auto span = identity::parse_device_span(text))
                live_->device_changed(span->device, erased->patient, loop_.now());
    if (const auto* added = std::get_if<identity::PatientAdded>(&act.body);
        added != nullptr && fhir_)
        fhir_->patient_added(added->patient);
    const bool of_devices = std::holds_alternative<identity::DeviceAdded>(act.body) ||
                            std::holds_alternative<identity::DeviceChanged>(act.body) ||
                            std::holds_alternative<identity::DeviceAssociated>(act.body) ||
                            std::holds_alternative<identity::PatientErased>(act.body);
    if (of_devices && fhir_) fhir_->devices_changed();
    if (applied.reach_changed) access_changed();
    if (!applied.access_ended) return;
    if (std::holds_alternative<identity::AccountChanged>(act.body) ||
        std::holds_alternative<identity::FactorsReset>(act.body))
        sessions_->close_all(applied.access_ended->account);
    end_access(*applied.access_ended);
}

void Server::Core::access_changed() {
    live_->access_changed();
    alarms_->access_changed();
}

// MQTT 5.0 3.14.2.1: whoever has another way in is told of an administrative action and may come
// back with it; whoever has none is not authorized.
void Server::Core::end_access(const identity::AccessEnded& whose) {
    using mqtt::ReasonCode;
    const auto reason = [](bool may_return) {
        return may_return ? ReasonCode::administrative_action : ReasonCode::not_authorized;
    };
    if (const auto* device = registry_.device(whose.device)) {
        const bool may_return =
            registry_.has_token(device->id) || registry_.has_certificate(device->id, loop_.now());
        broker_->disconnect(broker::Principal::Kind::device, device->external_id,
                            reason(may_return));
    }
    if (const auto* account = registry_.account(whose.account)) {
        broker_->disconnect(broker::Principal::Kind::account, account->user_name,
                            reason(account->enabled));
    }
    access_changed();
}

// A certificate or a token has its time, and a connection made with it no longer; a care relation
// has its own.
void Server::Core::end_expired(Timestamp now) {
    const auto since = expired_up_to_;
    if (registry_.next_reach_turn(since) <= now || desk_->consents().next_turn(since) <= now)
        access_changed();
    for (const auto& whose : registry_.expired(std::exchange(expired_up_to_, now), now))
        end_access(whose);
}

}  // namespace vigil::app
