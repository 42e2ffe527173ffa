#include "fhir/view/device_views.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view device_system = "urn:vigil:device";

std::string device_resource(const DeviceFacts& device, const PatientNumbers& patients) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Device");
    json.key("identifier")
        .begin_array()
        .begin_object()
        .member("system", device_system)
        .member("value", device.external_id)
        .end_object()
        .end_array();
    json.member("status", "active");
    if (!device.model.empty()) json.member("modelNumber", device.model);
    if (!device.display.empty())
        json.key("deviceName")
            .begin_array()
            .begin_object()
            .member("name", device.display)
            .member("type", "user-friendly-name")
            .end_object()
            .end_array();
    if (!device.kind.empty())
        json.key("type").begin_object().member("text", device.kind).end_object();
    if (const auto patient = patients.id(device.patient); device.patient && patient)
        json.key("patient").begin_object().member("reference", "Patient/" + *patient).end_object();
    if (device.gateway)
        json.key("parent")
            .begin_object()
            .member("reference", "Device/" + device_resource_id(device.gateway))
            .end_object();
    json.end_object();
    return text;
}

}  // namespace

DeviceTable::DeviceTable(std::vector<DeviceFacts> devices, const PatientNumbers& patients,
                         const ExtractionContext& context) {
    std::ranges::sort(devices, {}, &DeviceFacts::id);
    JsonDocument document;
    for (const auto& device : devices) {
        const auto text = device_resource(device, patients);
        const auto root = document.parse(text, resource_limits);
        if (!root) continue;  // the registry's own words
        DeviceView view;
        view.record = {.type = "Device",
                       .id = device_resource_id(device.id),
                       .version = 1,
                       .updated = device.changed,
                       .method = "POST",
                       .subject = {},
                       .body = stored_body(*root, device_resource_id(device.id))};
        if (auto extracted = extract(*root, context)) view.rows = std::move(extracted->rows);
        views_.push_back(std::move(view));
    }
}

const DeviceView* DeviceTable::find(std::string_view id) const {
    const auto found =
        std::ranges::find_if(views_, [&](const DeviceView& view) { return view.record.id == id; });
    return found == views_.end() ? nullptr : &*found;
}

}  // namespace vigil::fhir
