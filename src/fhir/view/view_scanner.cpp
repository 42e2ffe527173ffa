#include "fhir/view/view_scanner.hpp"

#include <algorithm>
#include <ranges>

namespace vigil::fhir {
namespace {

using store::Span;

constexpr Nanoseconds minute_length = std::chrono::minutes(1);
constexpr Nanoseconds window_max = std::chrono::hours(24 * 366);
// From here on a search by value looks at the numbers first, and makes samples of what is near.
constexpr Nanoseconds long_window = std::chrono::minutes(10);
// In ViewScan::work_max: microseconds, about.
constexpr std::size_t listing_work = 1, series_work = 50, day_work = 300, view_work = 20;
constexpr std::size_t numbers_a_work = 64;

Timestamp minute_of(Timestamp time) {
    return std::chrono::floor<std::chrono::minutes>(time);
}
Nanoseconds whole_minutes(Nanoseconds length) {
    return std::chrono::ceil<std::chrono::minutes>(length);
}

tl::unexpected<Error> too_much() {
    return fail(Error::Kind::too_large,
                "the search would look at too many readings: name a patient, a code or a shorter "
                "time");
}

}  // namespace

ViewScanner::ViewScanner(const Catalogue& catalogue, store::SeriesStore& series,
                         const PatientNumbers& patients, const store::Access& access,
                         const ViewScan& scan)
    : catalogue_(catalogue),
      series_(series),
      patients_(patients),
      access_(access),
      scan_(scan),
      value_(scan.values) {
    for (const auto* group : scan.groups)
        for (const auto part : group->parts) group_of_.emplace(part, group);
}

Result<void> ViewScanner::run(const std::function<bool(View&&)>& visit) {
    VIGIL_CHECK(find_sources());
    if (scan_.by_patient) return each_patient(visit);
    VIGIL_CHECK(each_window(scan_.span, [&] { return emit(visit); }));
    return {};
}

Result<void> ViewScanner::each_patient(const std::function<bool(View&&)>& visit) {
    const auto all = std::move(sources_);
    for (auto first = all.begin(); first != all.end();) {
        const auto patient = first->patient;
        const auto next = std::find_if(first, all.end(),
                                       [&](const Source& one) { return one.patient != patient; });
        sources_.assign(first, next);
        first = next;
        auto span = scan_.span;
        if (scan_.resume && patient < scan_.resume->first) continue;
        if (scan_.resume && patient == scan_.resume->first)
            span.from = std::max(span.from, scan_.resume->second);
        VIGIL_TRY(more, each_window(span, [&] { return emit(visit); }));
        if (!more) break;
    }
    return {};
}

Result<std::uint64_t> ViewScanner::count() {
    VIGIL_CHECK(find_sources());
    std::uint64_t count = 0;
    // What is a view a sample is counted where it lies.
    const auto is_plain = [&](const Source& source) {
        return !scan_.devices && !value_.is_asked() && !source.group->is_waveform &&
               source.group->parts.size() == 1;
    };
    for (const auto& source : sources_) {
        if (!is_plain(source) || !reaches(source, scan_.span)) continue;
        const auto length =
            std::min(scan_.span.to, source.last) - std::max(scan_.span.from, source.first);
        work_ += series_work + day_work * static_cast<std::size_t>(length / std::chrono::hours(24));
        if (work_ > scan_.work_max) return too_much();
        VIGIL_TRY(some, series_.count(access_, source.patient, source.metric, scan_.span,
                                      status::of_record));
        count += some;
    }
    std::erase_if(sources_, is_plain);
    VIGIL_CHECK(each_window(scan_.span, [&] {
        for (const auto& [place, samples] : found_) count += views_in(place.second, samples);
        return true;
    }));
    return count;
}

Result<std::vector<const ViewGroup*>> ViewScanner::present() {
    VIGIL_CHECK(find_sources());
    std::vector<const ViewGroup*> groups;
    std::ranges::copy_if(scan_.groups, std::back_inserter(groups), [&](const ViewGroup* group) {
        return std::ranges::find(sources_, group, &Source::group) != sources_.end();
    });
    return groups;
}

// --- Where to look
// --------------------------------------------------------------------------------------------

// What there is: so that nothing is asked for where there is nothing.
Result<void> ViewScanner::find_sources() {
    if (scan_.patients) {
        VIGIL_CHECK(find_sources_of(*scan_.patients));
    } else {
        for (const auto& [metric, group] : group_of_)
            for (const auto& one : series_.of_metric(access_, metric)) {
                work_ += listing_work;
                add_source(one, *group);
            }
    }
    join_sources();
    return {};
}

Result<void> ViewScanner::find_sources_of(const std::vector<PatientId>& patients) {
    for (const auto patient : patients) {
        if (!access_.covers(patient)) continue;
        work_ += series_work;
        VIGIL_TRY(all, series_.list(access_, patient));
        for (const auto& one : all)
            if (const auto group = group_of_.find(one.key.metric);
                group != group_of_.end() && one.count > 0)
                add_source(one, *group->second);
    }
    return {};
}

// To one for all devices and channels of a patient.
void ViewScanner::join_sources() {
    std::ranges::sort(sources_, {},
                      [](const Source& one) { return std::pair(one.patient, one.metric); });
    std::size_t kept = 0;
    for (auto& one : sources_) {
        auto& before = sources_[kept > 0 ? kept - 1 : 0];
        if (kept > 0 && before.patient == one.patient && before.metric == one.metric) {
            before.first = std::min(before.first, one.first);
            before.last = std::max(before.last, one.last);
            before.count += one.count;
        } else {
            sources_[kept++] = one;
        }
    }
    sources_.resize(kept);
}

void ViewScanner::add_source(const store::SeriesInfo& series, const ViewGroup& group) {
    if (!is_wanted(series.key.device)) return;
    sources_.push_back({.patient = series.patient,
                        .metric = series.key.metric,
                        .group = &group,
                        .first = series.first,
                        .last = series.last,
                        .count = series.count});
}

// What all sources together are.
void ViewScanner::reach() {
    has_waveforms_ = false;
    first_ = Timestamp::max();
    last_ = Timestamp::min();
    for (const auto& source : sources_) {
        has_waveforms_ = has_waveforms_ || source.group->is_waveform;
        first_ = std::min(first_, source.first);
        last_ = std::max(last_, source.last);
    }
}

bool ViewScanner::reaches(const Source& source, Span span) const {
    // A block that began before the span may reach into it.
    const auto length = source.group->is_waveform ? minute_length : Nanoseconds(0);
    return source.first < span.to && source.last + length >= span.from;
}

// Windows of waveforms end at whole minutes, where those are cut.
Nanoseconds ViewScanner::window_min() const {
    return has_waveforms_ ? minute_length : Nanoseconds(std::chrono::milliseconds(100));
}

// In which there should be what is wanted.
Nanoseconds ViewScanner::usual_window() const {
    double a_second = 0;
    for (const auto& source : sources_) {
        const auto seconds = std::chrono::duration<double>(source.last - source.first).count();
        a_second += static_cast<double>(source.count) / std::max(1.0, seconds);
    }
    if (a_second <= 0) a_second = 1;
    const auto wanted = static_cast<double>(scan_.views_wanted) / a_second * 1e9;
    const auto least = value_.is_asked() ? minute_length : window_min();
    return Nanoseconds(static_cast<std::int64_t>(std::clamp(
        wanted, static_cast<double>(least.count()), static_cast<double>(window_max.count()))));
}

// The newest of so many series as views are wanted are all that the first page can need: others,
// however many, are not opened. Likewise the oldest.
Nanoseconds ViewScanner::first_window(Span whole) const {
    const auto usual = usual_window();
    if (value_.is_asked() || sources_.size() <= scan_.views_wanted) return usual;
    std::vector<Timestamp> ends;
    for (const auto& source : sources_) {
        const auto end = scan_.descending ? source.last : source.first;
        if (whole.from <= end && end < whole.to) ends.push_back(end);
    }
    if (ends.size() <= scan_.views_wanted || scan_.views_wanted == 0) return usual;
    const auto enough = ends.begin() + static_cast<std::ptrdiff_t>(scan_.views_wanted - 1);
    if (scan_.descending)
        std::ranges::nth_element(ends, enough, std::greater{});
    else
        std::ranges::nth_element(ends, enough);
    return std::min(usual,
                    scan_.descending ? whole.to - *enough : *enough - whole.from + Nanoseconds(1));
}

// The first `window` of the span, from the end that is scanned from.
Span ViewScanner::next_of(Span span, Nanoseconds window) const {
    if (span.to - span.from <= window) return span;
    const auto aligned = [&](Timestamp time) { return has_waveforms_ ? minute_of(time) : time; };
    if (scan_.descending) return {std::max(span.from, aligned(span.to - window)), span.to};
    return {span.from, std::min(span.to, aligned(span.from) + window)};
}

Result<bool> ViewScanner::each_window(Span whole, const std::function<bool()>& visit) {
    if (sources_.empty()) return true;
    reach();
    const auto after_last = last_ + (has_waveforms_ ? minute_length : Nanoseconds(1));
    auto from = std::max(whole.from, first_), to = std::min(whole.to, after_last);
    if (has_waveforms_ && from > Timestamp::min()) from = minute_of(from);
    if (from >= to) return true;
    auto window = first_window({from, to});
    while (from < to) {
        if (has_waveforms_) window = std::max(whole_minutes(window), minute_length);
        const auto span = next_of({from, to}, window);
        VIGIL_TRY(gathered, gather(span, span.to - span.from > window_min()));
        if (!gathered) {
            window = std::max(window_min(), std::min(window, span.to - span.from) / 8);
            continue;
        }
        const auto found = samples_;
        if (!visit()) return false;
        if (work_ > scan_.work_max) return too_much();
        (scan_.descending ? to : from) = scan_.descending ? span.from : span.to;
        if (found * 4 < scan_.views_wanted)
            window = std::min(window * (found == 0 ? 16 : 4), window_max);
    }
    return true;
}

// --- A window
// --------------------------------------------------------------------------------------------

Result<bool> ViewScanner::gather(Span span, bool may_be_cut) {
    found_.clear();
    samples_ = 0;
    constexpr std::size_t few = 1'000;
    const auto most = may_be_cut ? std::max(few, 8 * scan_.views_wanted) : SIZE_MAX;
    for (const auto& source : sources_) {
        if (!reaches(source, span)) continue;
        VIGIL_TRY(whole, gather_from(source, span, most));
        if (!whole) return false;
    }
    return true;
}

Result<bool> ViewScanner::gather_from(const Source& source, Span window, std::size_t most) {
    const auto& group = *source.group;
    work_ += series_work;
    std::vector<Span> spans{window};
    if (group.is_waveform) spans.front().from -= minute_length;
    if (value_.is_asked()) {
        if (group.is_waveform || group.parts.size() > 1) return true;
        if (window.to - window.from >= long_window) {
            VIGIL_TRY(met, where_met(source, window, most));
            if (!met) return false;
            spans = std::move(*met);
        }
    }
    before_.clear();
    for (const auto& span : spans)
        VIGIL_CHECK(series_.scan(access_, source.patient, source.metric, span,
                                 [&](const store::SeriesKey& key, const store::Sample& sample) {
                                     if (!is_wanted(key.device)) return true;
                                     ++work_;
                                     if (is_of_record(sample.status))
                                         return work_ <= scan_.work_max;
                                     add({source.patient, key, sample}, group, window);
                                     return work_ <= scan_.work_max && samples_ <= most;
                                 }));
    if (work_ > scan_.work_max) return too_much();
    return samples_ <= most;
}

// Around the numbers that are what is asked.
Result<std::optional<std::vector<Span>>> ViewScanner::where_met(const Source& source, Span span,
                                                                std::size_t most) {
    std::vector<Timestamp> times;
    VIGIL_CHECK(series_.scan_numbers(
        access_, source.patient, source.metric, span,
        [&](const store::SeriesKey& key, std::span<const store::Number> numbers) {
            if (!is_wanted(key.device)) return true;
            work_ += 1 + numbers.size() / numbers_a_work;
            for (const auto& number : numbers)
                if (value_.met(number.value)) times.push_back(number.filed_time);
            return work_ <= scan_.work_max && times.size() <= most;
        }));
    if (work_ > scan_.work_max) return too_much();
    if (times.size() > most) return std::nullopt;
    std::ranges::sort(times);
    std::vector<Span> spans;
    for (const auto time : times) {
        if (spans.empty() || time > spans.back().to + minute_length) spans.push_back({time, time});
        spans.back().to = time + Nanoseconds(1);
    }
    return std::optional(std::move(spans));
}

void ViewScanner::add(SeriesSample sample, const ViewGroup& group, Span window) {
    ViewId id{.device = sample.key.device,
              .metric = group.id,
              .channel = sample.key.channel,
              .time = sample.sample.filed_time};
    if (value_.is_asked()) {
        id.ordinal = ordinal(sample);  // also of those whose value is another
        const auto* number = std::get_if<NumericValue>(&sample.sample.value);
        if (number == nullptr || !value_.met(*number)) return;
    }
    if (!group.is_waveform) {
        ++samples_;
        found_[{id.time, id}].push_back(std::move(sample));
        return;
    }
    const auto* block = std::get_if<WaveformBlock>(&sample.sample.value);
    if (block == nullptr || block->samples.empty()) return;
    const auto length = block->period * static_cast<std::int64_t>(block->samples.size());
    const auto end = id.time + length;
    for (auto minute = minute_of(id.time); minute < end; minute += minute_length) {
        if (minute < window.from || minute >= window.to) continue;
        id.time = minute;
        ++samples_;
        found_[{minute, id}].push_back(sample);
    }
}

std::uint32_t ViewScanner::ordinal(const SeriesSample& sample) {
    const auto time = sample.sample.filed_time;
    const auto [place, is_first] = before_.try_emplace(sample.key, time, 0U);
    auto& [last, ordinal] = place->second;
    if (!is_first) ordinal = last == time ? ordinal + 1 : 0;
    last = time;
    return ordinal;
}

bool ViewScanner::emit(const std::function<bool(View&&)>& visit) {
    const auto emit_one = [&](auto& found) {
        std::vector<View> views;
        make_views(found.first.second, found.second, views);
        work_ += view_work * views.size();
        if (scan_.descending) std::ranges::reverse(views);
        return std::ranges::all_of(views, [&](View& view) { return visit(std::move(view)); });
    };
    return scan_.descending ? std::ranges::all_of(std::views::reverse(found_), emit_one)
                            : std::ranges::all_of(found_, emit_one);
}

// Most often one; more where a series has several readings of one time.
void ViewScanner::make_views(ViewId id, std::vector<SeriesSample>& samples,
                             std::vector<View>& out) {
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
            const bool taken = std::ranges::any_of(
                view, [&](const SeriesSample& one) { return one.key.metric == sample.key.metric; });
            (taken ? rest : view).push_back(std::move(sample));
        }
        std::ranges::sort(view, {}, [](const SeriesSample& one) { return one.key.metric; });
        out.push_back(write_view(id, view, group, catalogue_, patient));
        ++id.ordinal;
        samples = std::move(rest);
    }
}

// As many as `make_views` makes: of a panel as many as its most frequent part.
std::size_t ViewScanner::views_in(const ViewId& id,
                                  const std::vector<SeriesSample>& samples) const {
    if (group_of_.at(samples.front().key.metric)->is_waveform)
        return within_minute(samples, id.time).size();
    std::map<MetricId, std::size_t> parts;
    std::size_t most = 0;
    for (const auto& sample : samples) most = std::max(most, ++parts[sample.key.metric]);
    return most;
}

}  // namespace vigil::fhir
