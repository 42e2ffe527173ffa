#pragma once
// The ids of Observations that are views of series: made of what the reading is, so that they are
// the same at every look and after every rebuild, and tell nothing of the patient.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace vigil::fhir {

struct ViewId {
    DeviceId device;
    MetricId metric;  // the panel's, where readings are parts of one: non-invasive blood pressure
    std::uint16_t channel = 0;
    Timestamp time;             // filed; of a waveform the start of its UTC minute
    std::uint32_t ordinal = 0;  // among readings of one series at one time
    auto operator<=>(const ViewId&) const = default;
};

// "r.17.4.0.2s8fx3kq1b0g" (device, metric, channel, time in base 36), and ".1" for an ordinal.
std::string to_string(const ViewId& id);
// How the ids of all views of a metric or panel of a device begin.
std::string view_id_prefix(DeviceId device, MetricId metric);
std::optional<ViewId> read_view_id(std::string_view text);

// The id of a registered device's Device resource: "d17".
std::string device_resource_id(DeviceId device);
std::optional<DeviceId> read_device_resource_id(std::string_view text);

// The id of the DeviceMetric of what a device measures: "m17.4".
struct MetricOfDevice {
    DeviceId device;
    MetricId metric;
    auto operator<=>(const MetricOfDevice&) const = default;
};
std::string device_metric_id(const MetricOfDevice& which);
std::optional<MetricOfDevice> read_device_metric_id(std::string_view text);

// The id of the DeviceUseStatement of a device's stay on a patient: "u17.2s8fx3kq1b0g".
struct DeviceUse {
    DeviceId device;
    Timestamp from;
};
std::string device_use_id(const DeviceUse& use);
std::optional<DeviceUse> read_device_use_id(std::string_view text);

// The id of the Communication of an alarm: "a2s8fx3kq1b0g.0.3jk" (when it began, and where that
// stands in the log).
struct AlarmPlace {
    Timestamp time;
    Position position;
    auto operator<=>(const AlarmPlace&) const = default;
};
std::string alarm_id(const AlarmPlace& onset);
std::optional<AlarmPlace> read_alarm_id(std::string_view text);

// Whether there are views of a type, and whether an id is what one of them could have.
bool has_views(std::string_view type);
bool is_view_id(std::string_view type, std::string_view id);

}  // namespace vigil::fhir
