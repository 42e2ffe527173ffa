#include "fhir/view/device_views.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

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

RegistryTable device_table(std::vector<DeviceFacts> devices, const PatientNumbers& patients,
                           const ExtractionContext& context) {
    std::ranges::sort(devices, {}, &DeviceFacts::id);
    std::vector<RegistryView> views;
    for (const auto& device : devices)
        if (auto view = registry_view("Device", device_resource_id(device.id),
                                      device_resource(device, patients), device.changed, context))
            views.push_back(std::move(*view));
    return RegistryTable(std::move(views));
}

}  // namespace vigil::fhir
