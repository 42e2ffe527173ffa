#include "fhir/view/device_metric_views.hpp"

#include <algorithm>

#include "codec/fhirjson/observation.hpp"
#include "codec/fhirjson/terminology.hpp"
#include "fhir/resource/resource.hpp"
#include "metric/freshness.hpp"
#include "metric/unit.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view identifier_system = "urn:vigil:device-metric";

void write_unit(JsonWriter& json, const Unit& unit) {
    namespace terminology = codec::fhirjson::terminology;
    json.key("unit").begin_object().key("coding").begin_array();
    if (unit.mdc_code != 0)
        json.begin_object()
            .member("system", terminology::mdc)
            .member("code", std::to_string(unit.mdc_code))
            .member("display", unit.mdc_refid)
            .end_object();
    json.begin_object().member("system", terminology::ucum).member("code", unit.ucum);
    if (!unit.shown.empty()) json.member("display", unit.shown);
    json.end_object().end_array().end_object();
}

// R4 DeviceMetric.category. Which numbers a device calculates of others it does not say.
std::string_view category_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::numeric:
        case MetricKind::waveform:
            return "measurement";
        case MetricKind::setting:
            return "setting";
        case MetricKind::event:
            break;
    }
    return "unspecified";
}

std::string device_metric_resource(const DeviceFacts& device, const Metric& metric) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "DeviceMetric");
    json.key("identifier")
        .begin_array()
        .begin_object()
        .member("system", identifier_system)
        .member("value", device.external_id + "/" + metric.key)
        .end_object()
        .end_array();
    codec::fhirjson::write_metric(json, "type", metric);
    if (metric.unit) write_unit(json, units::at(metric.unit));
    json.key("source")
        .begin_object()
        .member("reference", "Device/" + device_resource_id(device.id))
        .end_object();
    json.member("category", category_of(metric.kind)).end_object();
    return text;
}

}  // namespace

store::Record DeviceMetricTable::record(const RegistryView& view) const {
    auto record = view.record;
    const auto which = read_device_metric_id(record.id);
    if (!which) return record;
    const auto newest = measured_[views_->places.at(*which)].newest;
    const auto age = freshness(newest, catalogue_.at(which->metric).expected_interval, now_);
    JsonDocument document;
    std::string text;
    append_resource(text, record.body, record.version, record.updated);
    const auto root = document.parse(text, resource_limits);
    if (!root) return record;
    const auto with_status = [&](JsonWriter& json, std::string_view key, JsonValue) {
        if (key != "category") return false;
        json.member("operationalStatus", age == Freshness::absent ? "off" : "on");
        json.member("category", (*root)["category"].string());
        return true;
    };
    record.body = stored_body(*root, record.id, with_status);
    return record;
}

void DeviceMetricViews::set_devices(const std::vector<DeviceFacts>& devices) {
    const std::lock_guard lock(mutex_);
    devices_.clear();
    for (const auto& device : devices) devices_.emplace(device.id, device);
    views_.reset();
}

std::unique_ptr<const DeviceMetricTable> DeviceMetricViews::table(
    const ExtractionContext& context) const {
    auto measured = series_.measured();
    const std::lock_guard lock(mutex_);
    if (!views_ || measured_count_ != measured.size()) {
        views_ = make(measured, context);
        measured_count_ = measured.size();
    }
    return std::make_unique<const DeviceMetricTable>(views_, std::move(measured), catalogue_,
                                                     context.now);
}

std::shared_ptr<const DeviceMetricTable::Views> DeviceMetricViews::make(
    const std::vector<store::MeasuredMetric>& measured, const ExtractionContext& context) const {
    std::map<MetricOfDevice, std::size_t> places;
    for (std::size_t i = 0; i < measured.size(); ++i)
        places.emplace(MetricOfDevice{measured[i].device, measured[i].metric}, i);
    std::vector<RegistryView> views;
    for (const auto& [which, place] : places) {
        const auto device = devices_.find(which.device);
        const auto* metric = catalogue_.find(which.metric);
        if (device == devices_.end() || metric == nullptr) continue;
        // It is known since its first reading, which a device may have kept from before it was.
        const auto since = std::max(measured[place].first, device->second.changed);
        if (auto view =
                registry_view("DeviceMetric", device_metric_id(which),
                              device_metric_resource(device->second, *metric), since, context))
            views.push_back(std::move(*view));
    }
    return std::make_shared<const DeviceMetricTable::Views>(
        DeviceMetricTable::Views{RegistryTable(std::move(views)), std::move(places)});
}

}  // namespace vigil::fhir
