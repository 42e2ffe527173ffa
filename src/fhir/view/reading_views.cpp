#include "fhir/view/reading_views.hpp"

#include <algorithm>
#include <map>

#include "fhir/search/number.hpp"
#include "fhir/view/condition_match.hpp"
#include "fhir/view/view_writer.hpp"
#include "metric/unit.hpp"

namespace vigil::fhir {
namespace {

constexpr auto minute_length = std::chrono::minutes(1);
constexpr Nanoseconds window_min = minute_length, window_max = std::chrono::hours(24 * 366);
constexpr std::size_t series_work = 10, view_work = 20;
constexpr std::string_view panel_loinc = "85354-9";  // blood pressure panel: R4 profile bp

// Shown by the Observation that said it.
bool is_of_record(std::uint32_t status) {
    return (status & status::of_record) != 0;
}

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

namespace {

// One scan: windows of time, each gathered whole and put in order.
class Scanner {
public:
    Scanner(const Catalogue& catalogue, store::SeriesStore& series, const PatientNumbers& patients,
            const store::Access& access, const ViewScan& scan)
        : catalogue_(catalogue),
          series_(series),
          patients_(patients),
          access_(access),
          scan_(scan) {
        for (const auto* group : scan.groups)
            for (const auto part : group->parts) group_of_.emplace(part, group);
    }

    Result<void> run(const std::function<bool(View&&)>& visit) {
        VIGIL_CHECK(find_series());
        auto from = std::max(scan_.span.from, first_), to = std::min(scan_.span.to, last_);
        if (has_waveforms_ && from > Timestamp::min()) from = minute_of(from);
        auto window = window_for();
        while (from < to) {
            // Windows end at whole minutes, where waveforms are cut.
            const auto edge = scan_.descending ? std::max(from, ceiling(to) - window)
                                               : std::min(to, minute_of(from) + window);
            const store::Span span =
                scan_.descending ? store::Span{edge, to} : store::Span{from, edge};
            VIGIL_TRY(found, gather(span));
            if (!emit(visit)) return {};
            if (work_ > scan_.work_max) return too_much();
            (scan_.descending ? to : from) = edge;
            if (found * 4 < scan_.views_wanted) window = std::min(window * 4, window_max);
            if (found > scan_.views_wanted * 8)
                window = std::max(whole_minutes(window / 4), window_min);
        }
        return {};
    }

private:
    struct Listed {
        PatientId patient;
        MetricId metric;
        Timestamp first, last;
    };

    static tl::unexpected<Error> too_much() {
        return fail(Error::Kind::too_large,
                    "the search would look at too many readings: name a patient, a code or a "
                    "shorter time");
    }
    static Nanoseconds whole_minutes(Nanoseconds length) {
        return std::chrono::floor<std::chrono::minutes>(length);
    }
    static Timestamp ceiling(Timestamp time) {
        return std::chrono::ceil<std::chrono::minutes>(time);
    }

    bool is_wanted(DeviceId device) const {
        return !scan_.devices || scan_.devices->contains(device);
    }

    // What there is: so that nothing is asked for where there is nothing.
    Result<void> find_series() {
        std::map<std::pair<PatientId, MetricId>, Listed> listed;
        for (const auto patient : scan_.patients) {
            if (!access_.covers(patient)) continue;
            work_ += series_work;
            VIGIL_TRY(all, series_.list(access_, patient));
            for (const auto& one : all) {
                const auto group = group_of_.find(one.key.metric);
                const bool wanted =
                    group != group_of_.end() && one.count > 0 && is_wanted(one.key.device);
                if (!wanted) continue;
                has_waveforms_ = has_waveforms_ || group->second->is_waveform;
                count_ += one.count;
                first_ = std::min(first_, one.first);
                last_ = std::max(last_, one.last + minute_length);
                const auto [place, is_new] =
                    listed.try_emplace({patient, one.key.metric},
                                       Listed{patient, one.key.metric, one.first, one.last});
                if (is_new) continue;
                place->second.first = std::min(place->second.first, one.first);
                place->second.last = std::max(place->second.last, one.last);
            }
        }
        for (const auto& [key, one] : listed) listed_.push_back(one);
        return {};
    }

    Nanoseconds window_for() const {
        if (count_ == 0 || last_ <= first_) return window_min;
        const auto seconds = std::chrono::duration<double>(last_ - first_).count();
        const auto window =
            seconds * static_cast<double>(scan_.views_wanted) / static_cast<double>(count_);
        const auto minutes =
            static_cast<std::int64_t>(std::clamp(window / 60, 1.0, 366.0 * 24 * 60));
        return std::chrono::minutes(minutes);
    }

    Result<std::size_t> gather(store::Span span) {
        found_.clear();
        std::size_t count = 0;
        for (const auto& one : listed_) {
            const auto& group = *group_of_.at(one.metric);
            work_ += series_work;
            // A block that began before the window may reach into it.
            auto wanted = span;
            if (group.is_waveform) wanted.from -= minute_length;
            if (one.last + minute_length < wanted.from || one.first >= span.to) continue;
            VIGIL_CHECK(series_.scan(access_, one.patient, one.metric, wanted,
                                     [&](const store::SeriesKey& key, const store::Sample& sample) {
                                         if (!is_wanted(key.device)) return true;
                                         ++work_;
                                         if (is_of_record(sample.status))
                                             return work_ <= scan_.work_max;
                                         ++count;
                                         add({one.patient, key, sample}, group, span);
                                         return work_ <= scan_.work_max;
                                     }));
            if (work_ > scan_.work_max) return too_much();
        }
        return count;
    }

    // Whether it is what is asked of value-quantity: of parts and waveforms nothing is.
    bool has_value(const store::Sample& sample, const ViewGroup& group) const {
        if (scan_.values.empty()) return true;
        const auto* number = std::get_if<NumericValue>(&sample.value);
        if (group.parts.size() > 1 || number == nullptr || number->special != SpecialValue::none)
            return false;
        const auto value = number->value.to_double();
        const auto canonical =
            canonical_quantity("http://unitsofmeasure.org", units::at(number->unit).ucum);
        return std::ranges::all_of(scan_.values, [&](const store::NumberMatch& asked) {
            const auto here = asked.value.unit.empty() ? value : canonical(value);
            return (asked.value.unit.empty() || asked.value.unit == canonical.unit) &&
                   compare(asked.comparison, store::NumberValue{asked.value.unit, here, here},
                           asked.value);
        });
    }

    void add(SeriesSample sample, const ViewGroup& group, store::Span span) {
        if (!has_value(sample.sample, group)) return;
        ViewId id{.device = sample.key.device,
                  .metric = group.id,
                  .channel = sample.key.channel,
                  .time = sample.sample.filed_time};
        if (!group.is_waveform) {
            found_[{id.time, id}].push_back(std::move(sample));
            return;
        }
        const auto* block = std::get_if<WaveformBlock>(&sample.sample.value);
        if (block == nullptr || block->samples.empty()) return;
        const auto length = block->period * static_cast<std::int64_t>(block->samples.size());
        const auto end = id.time + length;
        for (auto minute = minute_of(id.time); minute < end; minute += minute_length) {
            if (minute < span.from || minute >= span.to) continue;
            id.time = minute;
            found_[{minute, id}].push_back(sample);
        }
    }

    bool emit(const std::function<bool(View&&)>& visit) {
        const auto emit_one = [&](auto& found) {
            std::vector<View> views;
            make_views(found.first.second, found.second, views);
            work_ += view_work * views.size();
            if (scan_.descending) std::ranges::reverse(views);
            return std::ranges::all_of(views, [&](View& view) { return visit(std::move(view)); });
        };
        return scan_.descending ? std::all_of(found_.rbegin(), found_.rend(), emit_one)
                                : std::all_of(found_.begin(), found_.end(), emit_one);
    }

    // Most often one; more where a series has several readings of one time.
    void make_views(ViewId id, std::vector<SeriesSample>& samples, std::vector<View>& out) {
        const auto& group = *group_of_.at(samples.front().key.metric);
        const auto patient = patients_.id(samples.front().patient).value_or(std::string());
        if (group.is_waveform) {
            for (const auto& part : within_minute(samples, id.time)) {
                out.push_back(write_view(id, {&part, 1}, group, catalogue_, patient));
                ++id.ordinal;
            }
            return;
        }
        while (!samples.empty()) {
            std::vector<SeriesSample> view, rest;
            for (auto& sample : samples) {
                const bool taken = std::ranges::any_of(view, [&](const SeriesSample& one) {
                    return one.key.metric == sample.key.metric;
                });
                (taken ? rest : view).push_back(std::move(sample));
            }
            std::ranges::sort(view, {}, [](const SeriesSample& one) { return one.key.metric; });
            out.push_back(write_view(id, view, group, catalogue_, patient));
            ++id.ordinal;
            samples = std::move(rest);
        }
    }

    const Catalogue& catalogue_;
    store::SeriesStore& series_;
    const PatientNumbers& patients_;
    const store::Access& access_;
    const ViewScan& scan_;
    std::map<MetricId, const ViewGroup*> group_of_;
    std::vector<Listed> listed_;
    bool has_waveforms_ = false;
    std::uint64_t count_ = 0;
    Timestamp first_ = Timestamp::max(), last_ = Timestamp::min();
    std::size_t work_ = 0;
    std::map<std::pair<Timestamp, ViewId>, std::vector<SeriesSample>> found_;
};

}  // namespace

Result<void> ReadingViews::scan(const store::Access& access, const ViewScan& scan,
                                const std::function<bool(View&&)>& visit) const {
    return Scanner(catalogue_, series_, patients_, access, scan).run(visit);
}

Result<std::optional<View>> ReadingViews::get(const store::Access& access, const ViewId& id,
                                              const std::vector<PatientId>& patients) const {
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
