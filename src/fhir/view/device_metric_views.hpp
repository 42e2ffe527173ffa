#pragma once
// What each registered device measures, as DeviceMetric resources: views of the series, one for a
// metric of a device, whoever it was measured on.

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "fhir/view/device_views.hpp"
#include "fhir/view/view_id.hpp"
#include "metric/catalogue.hpp"
#include "store/series.hpp"

namespace vigil::fhir {

// All of them, of one moment.
class DeviceMetricTable {
public:
    struct Views {
        RegistryTable table;
        std::map<MetricOfDevice, std::size_t> places;  // in what SeriesStore::measured tells
    };
    DeviceMetricTable(std::shared_ptr<const Views> views,
                      std::vector<store::MeasuredMetric> measured, const Catalogue& catalogue,
                      Timestamp now)
        : views_(std::move(views)),
          measured_(std::move(measured)),
          catalogue_(catalogue),
          now_(now) {}
    const RegistryTable& views() const { return views_->table; }
    // As it is read: with operationalStatus, which is of the moment and no new version. It is "on"
    // while its newest reading may still be shown (metric/freshness.hpp), then "off".
    store::Record record(const RegistryView& view) const;

private:
    std::shared_ptr<const Views> views_;
    std::vector<store::MeasuredMetric> measured_;
    const Catalogue& catalogue_;
    Timestamp now_;
};

// From any thread. Made anew when there are other devices, or a device has measured something else
// than before.
class DeviceMetricViews {
public:
    DeviceMetricViews(const Catalogue& catalogue, const store::SeriesStore& series)
        : catalogue_(catalogue), series_(series) {}
    void set_devices(const std::vector<DeviceFacts>& devices);
    std::unique_ptr<const DeviceMetricTable> table(const ExtractionContext& context) const;

private:
    std::shared_ptr<const DeviceMetricTable::Views> make(
        const std::vector<store::MeasuredMetric>& measured, const ExtractionContext& context) const;

    const Catalogue& catalogue_;
    const store::SeriesStore& series_;
    mutable std::mutex mutex_;
    std::map<DeviceId, DeviceFacts> devices_;
    mutable std::shared_ptr<const DeviceMetricTable::Views> views_;
    mutable std::size_t measured_count_ = 0;  // when it was made
};

}  // namespace vigil::fhir
