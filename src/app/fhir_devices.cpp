#include "app/fhir_devices.hpp"

#include <algorithm>

#include "fhir/rest/server.hpp"

namespace vigil::app {

void FhirDevices::keep_up(Timestamp now) {
    if (is_stale(now)) tell(now);
}

bool FhirDevices::is_stale(Timestamp now) const {
    return !is_told_ || now >= told_until_ ||
           std::ranges::any_of(without_record_, [&](PatientId patient) {
               return server_.patients().id(patient).has_value();
           });
}

void FhirDevices::tell(Timestamp now) {
    is_told_ = true;
    told_until_ = identity::end_of_time;
    without_record_.clear();
    std::vector<fhir::DeviceFacts> devices;
    for (const auto& [id, device] : registry_.devices()) {
        const auto& stays = registry_.spans(id);
        auto changed = device.registered;
        for (const auto& stay : stays) {
            changed = std::max(changed, stay.recorded);
            for (const auto bound : {stay.from, stay.to})
                if (bound > now) told_until_ = std::min(told_until_, bound);
            if (!server_.patients().id(stay.patient)) without_record_.push_back(stay.patient);
        }
        devices.push_back({.id = id,
                           .external_id = device.external_id,
                           .display = device.display,
                           .model = device.model,
                           .kind = device.kind,
                           .gateway = device.gateway,
                           .patient = registry_.patient_at(id, now),
                           .changed = changed,
                           .stays = stays});
    }
    server_.set_devices(std::move(devices));
}

}  // namespace vigil::app
