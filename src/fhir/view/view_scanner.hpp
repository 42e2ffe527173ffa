#pragma once
// One scan over views: windows of time, each gathered whole and put in order.

#include <map>
#include <optional>
#include <vector>

#include "fhir/view/reading_views.hpp"
#include "fhir/view/value_test.hpp"
#include "fhir/view/view_writer.hpp"

namespace vigil::fhir {

// Shown by the Observation that said it.
inline bool is_of_record(std::uint32_t status) {
    return (status & status::of_record) != 0;
}

class ViewScanner {
public:
    ViewScanner(const Catalogue& catalogue, store::SeriesStore& series,
                const PatientNumbers& patients, const store::Access& access, const ViewScan& scan);
    // ReadingViews::scan.
    Result<void> run(const std::function<bool(View&&)>& visit);
    // ReadingViews::count and ::present.
    Result<std::uint64_t> count();
    Result<std::vector<const ViewGroup*>> present();

private:
    // What one patient has of a metric, of any device.
    struct Source {
        PatientId patient;
        MetricId metric;
        const ViewGroup* group = nullptr;
        Timestamp first, last;
        std::uint64_t count = 0;
    };
    using Gathered = std::map<std::pair<Timestamp, ViewId>, std::vector<SeriesSample>>;

    bool is_wanted(DeviceId device) const {
        return !scan_.devices || scan_.devices->contains(device);
    }
    Result<void> find_sources();
    Result<void> find_sources_of(const std::vector<PatientId>& patients);
    void join_sources();
    store::Span next_of(store::Span span, Nanoseconds window) const;
    void add_source(const store::SeriesInfo& series, const ViewGroup& group);
    // Until told to stop, then it is false.
    Result<bool> each_window(store::Span whole, const std::function<bool()>& visit);
    Result<void> each_patient(const std::function<bool(View&&)>& visit);
    void reach();
    Nanoseconds first_window(store::Span whole) const;
    Nanoseconds usual_window() const;
    Nanoseconds window_min() const;
    bool reaches(const Source& source, store::Span span) const;

    // False where the window has far more than is wanted: a shorter one is tried.
    Result<bool> gather(store::Span span, bool may_be_cut);
    Result<bool> gather_from(const Source& source, store::Span window, std::size_t most);
    // Nothing where that are more than `most`.
    Result<std::optional<std::vector<store::Span>>> where_met(const Source& source,
                                                              store::Span span, std::size_t most);
    void add(SeriesSample sample, const ViewGroup& group, store::Span window);
    // Of a sample among those of its series and time, which come one after another.
    std::uint32_t ordinal(const SeriesSample& sample);
    bool emit(const std::function<bool(View&&)>& visit);
    void make_views(ViewId id, std::vector<SeriesSample>& samples, std::vector<View>& out);
    std::size_t views_in(const ViewId& id, const std::vector<SeriesSample>& samples) const;

    const Catalogue& catalogue_;
    store::SeriesStore& series_;
    const PatientNumbers& patients_;
    const store::Access& access_;
    const ViewScan& scan_;
    std::map<MetricId, const ViewGroup*> group_of_;
    ValueTest value_;
    std::vector<Source> sources_;
    bool has_waveforms_ = false;
    Timestamp first_ = Timestamp::max(), last_ = Timestamp::min();
    std::size_t work_ = 0;
    std::size_t samples_ = 0;  // looked at in this window
    std::map<store::SeriesKey, std::pair<Timestamp, std::uint32_t>> before_;
    Gathered found_;
};

}  // namespace vigil::fhir
