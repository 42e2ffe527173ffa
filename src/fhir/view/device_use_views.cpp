#include "fhir/view/device_use_views.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

std::string device_use_resource(const DeviceFacts& device, const identity::Association& stay,
                                std::string_view patient) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "DeviceUseStatement");
    json.key("extension")
        .begin_array()
        .begin_object()
        .member("url", association_rank_url)
        .member("valueCode", identity::to_string(stay.rank))
        .end_object()
        .end_array();
    json.member("status", "active");  // until it is read: device_use_record
    json.key("subject")
        .begin_object()
        .member("reference", "Patient/" + std::string(patient))
        .end_object();
    json.key("timingPeriod").begin_object().member("start", format_rfc3339(stay.from));
    if (stay.to != identity::end_of_time) json.member("end", format_rfc3339(stay.to));
    json.end_object();
    json.member("recordedOn", format_rfc3339(stay.recorded));
    json.key("device")
        .begin_object()
        .member("reference", "Device/" + device_resource_id(device.id))
        .end_object();
    json.end_object();
    return text;
}

// When it was recorded, or what ended it: the device's next stay, or the time that it was taken
// off, which is when that was said unless it was said later.
Timestamp last_change(const identity::Association& stay, const identity::Association* next,
                      Timestamp now) {
    auto changed = stay.recorded;
    if (stay.to <= now) changed = std::max(changed, stay.to);
    if (next != nullptr && next->from == stay.to) changed = std::max(changed, next->recorded);
    return changed;
}

std::string_view status_at(JsonValue period, Timestamp now) {
    const auto start = read_date(period["start"].string());
    const auto end = read_date(period["end"].string());
    if (start && now < start->start) return "intended";
    return end && end->start <= now ? "completed" : "active";
}

}  // namespace

void DeviceUseViews::set_devices(std::vector<DeviceFacts> devices) {
    const std::lock_guard lock(mutex_);
    devices_ = std::move(devices);
    table_.reset();
}

std::shared_ptr<const RegistryTable> DeviceUseViews::table(const PatientNumbers& patients,
                                                           const ExtractionContext& context) const {
    const std::lock_guard lock(mutex_);
    if (table_) return table_;
    std::vector<RegistryView> views;
    for (const auto& device : devices_)
        for (std::size_t i = 0; i < device.stays.size(); ++i) {
            const auto& stay = device.stays[i];
            const auto patient = patients.id(stay.patient);
            if (!patient) continue;
            const auto* next = i + 1 < device.stays.size() ? &device.stays[i + 1] : nullptr;
            auto view = registry_view("DeviceUseStatement", device_use_id({device.id, stay.from}),
                                      device_use_resource(device, stay, *patient),
                                      last_change(stay, next, context.now), context);
            if (!view) continue;
            view->record.subject = stay.patient;
            views.push_back(std::move(*view));
        }
    table_ = std::make_shared<const RegistryTable>(std::move(views));
    return table_;
}

store::Record device_use_record(const RegistryView& view, Timestamp now) {
    auto record = view.record;
    JsonDocument document;
    std::string text;
    append_resource(text, record.body, record.version, record.updated);
    const auto root = document.parse(text, resource_limits);
    if (!root) return record;
    const auto status = status_at((*root)["timingPeriod"], now);
    record.body =
        stored_body(*root, record.id, [&](JsonWriter& json, std::string_view key, JsonValue) {
            if (key != "status") return false;
            json.member("status", status);
            return true;
        });
    return record;
}

}  // namespace vigil::fhir
