// Readings that came as resources: the record has acknowledged them, here they join the others.
#include <algorithm>

#include "collect/intake.hpp"
#include "collect/plausible.hpp"

namespace vigil::collect {

store::Ticket Intake::file_recorded(RecordedReadings recorded) {
    ++counts_.messages;
    counts_.bytes += recorded.raw.size();
    const Message message{.topic = recorded.source,
                          .content_type = "application/fhir+json",
                          .raw = recorded.raw,
                          .sender = recorded.device,
                          .sender_name = {},
                          .device = registry_.device(recorded.device),
                          .received = recorded.received,
                          .identity = recorded.identity};
    auto& state = devices_.of(recorded.device);
    if (state.last_seen < recorded.received) state.last_seen = recorded.received;
    decoded_ = {};
    decoded_.offset_minutes = recorded.offset_minutes;
    filed_times_.clear();
    for (auto& [reading, filed_time] : recorded.readings) {
        if (recorded.received - filed_time > rules_.late_after) reading.status |= status::late;
        reading.status &= ~status::implausible;
        mark_implausible(catalogue_, reading);
        decoded_.readings.push_back(std::move(reading));
        filed_times_.push_back(filed_time);
    }
    const auto patient = registry_.patient_at(recorded.device, filed_times_.front());
    return append_group(message, patient, 0, decoded_.readings.size(), recorded.first_sequence);
}

}  // namespace vigil::collect
