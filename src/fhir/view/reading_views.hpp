#pragma once
// Stored readings as Observations: a panel or a single metric of one device at one time, waveforms
// a UTC minute. Nothing of them is kept: each is made of the series when it is asked for. Readings
// that an Observation of the record said (status::of_record) are in the series, and have no view.

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "fhir/rest/patients.hpp"
#include "fhir/view/view_id.hpp"
#include "metric/catalogue.hpp"
#include "store/records.hpp"
#include "store/series.hpp"

namespace vigil::fhir {

// What stands in one view.
struct ViewGroup {
    MetricId id;                  // of a single metric, or of the panel
    std::vector<MetricId> parts;  // the metrics in it
    bool is_waveform = false;
};

struct View {
    ViewId id;
    store::Record record;
};

struct ViewScan {
    std::optional<std::vector<PatientId>> patients;  // none: all that the access covers
    std::vector<const ViewGroup*> groups;
    std::optional<std::set<DeviceId>> devices;  // none: any
    store::Span span;
    bool descending = false;
    // One patient after another, by number, each in order of time: what many patients have is then
    // read a chunk once. `resume`: patients before are left out, and of this one what came before.
    bool by_patient = false;
    std::optional<std::pair<PatientId, Timestamp>> resume = {};
    std::size_t views_wanted = 100;  // about: how far a step of the scan looks
    // Only these, of single numbers: to what is asked of value-quantity.
    std::vector<store::NumberMatch> values;
    // More work ends the scan with `too_large`: a sample made is 1, 64 numbers looked at are, a
    // series opened is 50, an Observation written 20; a million is about a second.
    std::size_t work_max = 2'000'000;
};

class ReadingViews {
public:
    ReadingViews(const Catalogue& catalogue, store::SeriesStore& series,
                 const PatientNumbers& patients);

    const std::vector<ViewGroup>& groups() const { return groups_; }
    const Catalogue& catalogue() const { return catalogue_; }

    // In order of time (then device, metric, channel, ordinal), or so of each patient, until the
    // visitor returns false.
    Result<void> scan(const store::Access& access, const ViewScan& scan,
                      const std::function<bool(View&&)>& visit) const;
    // How many views there are, without making them.
    Result<std::uint64_t> count(const store::Access& access, const ViewScan& scan) const;
    // Those of the scan's groups of which there is anything, at whatever time.
    Result<std::vector<const ViewGroup*>> present(const store::Access& access,
                                                  const ViewScan& scan) const;
    // The numbers of a metric under a patient, many at a time: each device's in filed-time order.
    // `left_out` names views, of this metric or the panel it is part of, whose numbers do not
    // count.
    using NumberVisitor = std::function<bool(std::span<const store::Number>)>;
    Result<void> numbers(const store::Access& access, PatientId patient, MetricId metric,
                         store::Span span, const std::set<ViewId>& left_out,
                         const NumberVisitor& visit) const;
    // The devices that have numbers of a metric under a patient.
    Result<std::set<DeviceId>> devices(const store::Access& access, PatientId patient,
                                       MetricId metric) const;
    // The metric's own id, or that of the panel it is part of.
    MetricId group_of(MetricId metric) const;
    // Under whichever of these patients it is filed; none: of all that the access covers.
    Result<std::optional<View>> get(
        const store::Access& access, const ViewId& id,
        const std::optional<std::vector<PatientId>>& patients = {}) const;

private:
    const ViewGroup* group(MetricId id) const;

    const Catalogue& catalogue_;
    store::SeriesStore& series_;
    const PatientNumbers& patients_;
    std::vector<ViewGroup> groups_;
};

}  // namespace vigil::fhir
