#include "fhir/view/reading_views.hpp"

#include <algorithm>
#include <map>

#include "fhir/view/view_scanner.hpp"

namespace vigil::fhir {
namespace {

constexpr auto minute_length = std::chrono::minutes(1);
constexpr std::string_view panel_loinc = "85354-9";  // blood pressure panel: R4 profile bp

Timestamp minute_of(Timestamp time) {
    return std::chrono::floor<std::chrono::minutes>(time);
}

// The blood pressure that nibp_sys, nibp_dia and nibp_mean are parts of.
const Metric* panel_of(const Metric& metric, const Catalogue& catalogue) {
    for (const auto* suffix : {"_sys", "_dia", "_mean"}) {
        if (!metric.key.ends_with(suffix)) continue;
        const auto* whole =
            catalogue.find(std::string_view(metric.key).substr(0, metric.key.rfind('_')));
        if (whole != nullptr && whole->loinc == panel_loinc) return whole;
    }
    return nullptr;
}

}  // namespace

ReadingViews::ReadingViews(const Catalogue& catalogue, store::SeriesStore& series,
                           const PatientNumbers& patients)
    : catalogue_(catalogue), series_(series), patients_(patients) {
    std::map<MetricId, ViewGroup> groups;
    for (const auto& metric : catalogue.all()) {
        const auto* panel = panel_of(metric, catalogue);
        const auto id = panel != nullptr ? panel->id : metric.id;
        auto& group = groups[id];
        group.id = id;
        group.parts.push_back(metric.id);
        group.is_waveform = metric.kind == MetricKind::waveform;
    }
    for (auto& [id, group] : groups) groups_.push_back(std::move(group));
}

const ViewGroup* ReadingViews::group(MetricId id) const {
    const auto found = std::ranges::lower_bound(groups_, id, {}, &ViewGroup::id);
    return found != groups_.end() && found->id == id ? &*found : nullptr;
}

Result<void> ReadingViews::scan(const store::Access& access, const ViewScan& scan,
                                const std::function<bool(View&&)>& visit) const {
    return ViewScanner(catalogue_, series_, patients_, access, scan).run(visit);
}

Result<std::uint64_t> ReadingViews::count(const store::Access& access, const ViewScan& scan) const {
    return ViewScanner(catalogue_, series_, patients_, access, scan).count();
}

Result<std::vector<const ViewGroup*>> ReadingViews::present(const store::Access& access,
                                                            const ViewScan& scan) const {
    return ViewScanner(catalogue_, series_, patients_, access, scan).present();
}

Result<std::optional<View>> ReadingViews::get(
    const store::Access& access, const ViewId& id,
    const std::optional<std::vector<PatientId>>& patients) const {
    const auto* wanted = group(id.metric);
    std::optional<View> found;
    if (wanted == nullptr) return found;
    const auto length = wanted->is_waveform ? Nanoseconds(minute_length) : Nanoseconds(1);
    if (wanted->is_waveform && id.time != minute_of(id.time)) return found;
    VIGIL_CHECK(scan(access,
                     {.patients = patients,
                      .groups = {wanted},
                      .devices = std::set{id.device},
                      .span = {id.time, id.time + length},
                      .values = {}},
                     [&](View&& view) {
                         if (view.id == id) found = std::move(view);
                         return !found.has_value();
                     }));
    return found;
}

MetricId ReadingViews::group_of(MetricId metric) const {
    for (const auto& each : groups_)
        if (std::ranges::find(each.parts, metric) != each.parts.end()) return each.id;
    return metric;
}

Result<std::set<DeviceId>> ReadingViews::devices(const store::Access& access, PatientId patient,
                                                 MetricId metric) const {
    std::set<DeviceId> devices;
    if (!access.covers(patient)) return devices;
    VIGIL_TRY(all, series_.list(access, patient));
    for (const auto& one : all)
        if (one.key.metric == metric && one.count > 0) devices.insert(one.key.device);
    return devices;
}

Result<void> ReadingViews::numbers(const store::Access& access, PatientId patient, MetricId metric,
                                   store::Span span, const std::set<ViewId>& left_out,
                                   const NumberVisitor& visit) const {
    struct Last {
        Timestamp time = Timestamp::min();
        std::uint32_t ordinal = 0;
    };
    std::map<store::SeriesKey, Last> last;
    const auto group = group_of(metric);
    const auto counts = [&](const store::SeriesKey& key, const store::Number& number) {
        auto& before = last[key];
        before.ordinal = before.time == number.filed_time ? before.ordinal + 1 : 0;
        before.time = number.filed_time;
        return !left_out.contains({.device = key.device,
                                   .metric = group,
                                   .channel = key.channel,
                                   .time = number.filed_time,
                                   .ordinal = before.ordinal});
    };
    return series_.scan_numbers(
        access, patient, metric, span,
        [&](const store::SeriesKey& key, std::span<const store::Number> numbers) {
            const bool all =
                left_out.empty() && std::ranges::none_of(numbers, [](const store::Number& number) {
                    return is_of_record(number.status);
                });
            if (all) return visit(numbers);
            return std::ranges::all_of(numbers, [&](const store::Number& number) {
                return is_of_record(number.status) || !counts(key, number) || visit({&number, 1});
            });
        });
}

}  // namespace vigil::fhir
