#include "store/head.hpp"

#include <algorithm>

namespace vigil::store {

Sample outline(const Sample& sample) {
    const auto* block = std::get_if<WaveformBlock>(&sample.value);
    if (block == nullptr) return sample;
    return {.filed_time = sample.filed_time,
            .device_time = sample.device_time,
            .receive_time = sample.receive_time,
            .sequence = sample.sequence,
            .status = sample.status,
            .value = WaveformBlock{.period = block->period,
                                   .scale = block->scale,
                                   .offset = block->offset,
                                   .unit = block->unit,
                                   .samples = {}}};
}

Head::Head(std::uint64_t flushes, Position applied, const std::vector<Kept>& kept)
    : active_(std::make_shared<Generation>()), applied_(applied) {
    active_->number = flushes + 1;
    active_->up_to = applied;
    for (const auto& each : kept) note(each);
}

Head::Known& Head::known(const FiledSeries& series) {
    const auto [place, fresh] = known_.try_emplace(series);
    if (!fresh) return place->second;
    of_patient_[series.patient].push_back(series.key);
    of_metric_[series.key.metric].push_back(&*place);
    const auto [metric, is_new] = place_of_measured_.try_emplace(
        std::uint64_t{series.key.device.value} << 16 | series.key.metric.value, measured_.size());
    if (is_new)
        measured_.push_back(
            {series.key.device, series.key.metric, Timestamp::max(), Timestamp::min()});
    place->second.measured = metric->second;
    return place->second;
}

void Head::note_measured(const Known& series, Timestamp first, Timestamp newest) {
    auto& measured = measured_[series.measured];
    measured.first = std::min(measured.first, first);
    measured.newest = std::max(measured.newest, newest);
}

void Head::note(const Kept& kept) {
    auto& series = known(kept.series);
    series.first = kept.first;
    series.last = kept.last;
    series.count = kept.count;
    series.kept = true;
    series.oldest_time = std::min(series.oldest_time, kept.first);
    series.newest_time = std::max(series.newest_time, kept.last);
    note_measured(series, kept.first, kept.last);
}

void Head::each_run(const FiledSeries& series,
                    const std::function<void(const HeadRun&)>& visit) const {
    const auto visit_in = [&](const Generation& generation) {
        const auto run = generation.runs.find(series);
        if (run != generation.runs.end()) visit(run->second);
    };
    for (const auto& generation : frozen_) visit_in(*generation);
    visit_in(*active_);
}

void Head::put(const SeriesKey& key, PatientId patient, const Sample& sample) {
    const std::lock_guard guard(mutex_);
    const FiledSeries filed{patient, key};
    auto& series = known(filed);
    if (series.run_generation != active_->number) {
        const auto [place, fresh] = active_->runs.try_emplace(filed);
        if (fresh) active_->byte_count += place->second.byte_count();
        series.run = &place->second;
        series.run_generation = active_->number;
    }
    const auto bytes_before = series.run->byte_count();
    series.run->add(sample);
    active_->byte_count += series.run->byte_count() - bytes_before;
    note_measured(series, sample.filed_time, sample.filed_time);
    series.oldest_time = std::min(series.oldest_time, sample.filed_time);
    if (sample.filed_time < series.newest_time) return;
    series.newest_time = sample.filed_time;
    if (std::holds_alternative<WaveformBlock>(sample.value))
        series.newest = outline(sample);
    else
        series.newest = sample;
}

void Head::advance(Position up_to) {
    const std::lock_guard guard(mutex_);
    active_->up_to = up_to;
}

void Head::freeze() {
    const std::lock_guard guard(mutex_);
    auto next = std::make_shared<Generation>();
    next->number = active_->number + 1;
    next->up_to = active_->up_to;
    frozen_.push_back(std::move(active_));
    active_ = std::move(next);
}

std::vector<Head::Frozen> Head::frozen() const {
    const std::lock_guard guard(mutex_);
    return frozen_;
}

void Head::forget(std::uint64_t number, Position applied, const std::vector<Kept>& kept) {
    std::vector<Frozen> freed;  // destroyed after the lock is released
    const std::lock_guard guard(mutex_);
    const auto first_kept = std::ranges::find_if(
        frozen_, [&](const auto& generation) { return generation->number > number; });
    freed.assign(frozen_.begin(), first_kept);
    frozen_.erase(frozen_.begin(), first_kept);
    applied_ = applied;
    for (const auto& each : kept) note(each);
}

void Head::replace(const std::vector<PatientId>& patients, const std::vector<Kept>& kept) {
    const std::lock_guard guard(mutex_);
    for (const auto patient : patients)
        for (const auto& key : of_patient_[patient]) {
            const FiledSeries filed{patient, key};
            auto& series = known_[filed];
            series.count = 0;
            series.kept = false;
            series.newest.reset();
            series.oldest_time = Timestamp::max();
            series.newest_time = Timestamp::min();
            each_run(filed, [&](const HeadRun& run) {
                series.oldest_time = std::min(series.oldest_time, run.first());
                series.newest_time = std::max(series.newest_time, run.last());
            });
        }
    for (const auto& each : kept) note(each);
    // A series that neither the chunks nor memory know is gone.
    for (const auto patient : patients) {
        std::erase_if(of_patient_[patient], [&](const SeriesKey& key) {
            const auto series = known_.find({patient, key});
            if (series->second.newest_time != Timestamp::min()) return false;
            std::erase(of_metric_[key.metric], &*series);
            ++removals_;
            known_.erase(series);
            return true;
        });
        if (of_patient_[patient].empty()) of_patient_.erase(patient);
    }
}

Position Head::applied() const {
    const std::lock_guard guard(mutex_);
    return applied_;
}

std::size_t Head::byte_count() const {
    const std::lock_guard guard(mutex_);
    auto bytes = known_.size() * sizeof(decltype(known_)::value_type) + active_->byte_count;
    for (const auto& generation : frozen_) bytes += generation->byte_count;
    return bytes;
}

Head::View Head::view(PatientId patient,
                      const std::function<bool(const SeriesKey&)>& wanted) const {
    const std::lock_guard guard(mutex_);
    View view;
    const auto keys = of_patient_.find(patient);
    if (keys == of_patient_.end()) return view;
    for (const auto& key : keys->second)
        if (wanted(key)) view.keys.push_back(key);
    for (const auto& generation : frozen_)
        for (const auto& key : view.keys) {
            const auto run = generation->runs.find({patient, key});
            // Frozen runs do not change: the view shares them with their generation.
            if (run != generation->runs.end())
                view.parts.push_back({generation->number, key, {generation, &run->second}});
        }
    for (const auto& key : view.keys) {
        const auto run = active_->runs.find({patient, key});
        if (run != active_->runs.end())
            view.parts.push_back(
                {active_->number, key, std::make_shared<const HeadRun>(run->second)});
    }
    return view;
}

std::vector<SeriesInfo> Head::list(PatientId patient) const {
    const std::lock_guard guard(mutex_);
    std::vector<SeriesInfo> found;
    const auto keys = of_patient_.find(patient);
    if (keys == of_patient_.end()) return found;
    for (const auto& key : keys->second) {
        const FiledSeries filed{patient, key};
        const auto& series = known_.at(filed);
        SeriesInfo info{.key = key,
                        .patient = patient,
                        .first = series.first,
                        .last = series.last,
                        .count = series.count};
        each_run(filed, [&](const HeadRun& run) {
            const bool any = info.count > 0 || series.kept;
            info.first = any ? std::min(info.first, run.first()) : run.first();
            info.last = any ? std::max(info.last, run.last()) : run.last();
            info.count += run.count();
        });
        if (info.count > 0 || series.kept) found.push_back(info);
    }
    std::ranges::sort(found, {}, &SeriesInfo::key);
    return found;
}

std::vector<SeriesInfo> Head::of_metric(MetricId metric,
                                        const std::function<bool(PatientId)>& wanted) const {
    constexpr std::size_t at_a_time = 2048;
    std::vector<SeriesInfo> found;
    std::unique_lock guard(mutex_);
    const auto of = of_metric_.find(metric);  // what is once in there stays
    if (of == of_metric_.end()) return found;
    auto removals = removals_;
    for (std::size_t next = 0; next < of->second.size();) {
        const auto end = std::min(of->second.size(), next + at_a_time);
        for (; next < end; ++next) {
            const auto& [filed, series] = *of->second[next];
            if (!may_hold(series) || !wanted(filed.patient)) continue;
            found.push_back({.key = filed.key,
                             .patient = filed.patient,
                             .first = series.oldest_time,
                             .last = series.newest_time,
                             .count = series.count});
        }
        guard.unlock();
        guard.lock();
        if (removals == removals_) continue;
        removals = removals_;  // what follows may have moved up
        found.clear();
        next = 0;
    }
    return found;
}

std::vector<Head::Newest> Head::newest(PatientId patient) const {
    const std::lock_guard guard(mutex_);
    std::vector<Newest> found;
    const auto keys = of_patient_.find(patient);
    if (keys == of_patient_.end()) return found;
    for (const auto& key : keys->second) {
        const auto& series = known_.at({patient, key});
        found.push_back({key, series.newest_time, series.newest});
    }
    std::ranges::sort(found, {}, &Newest::key);
    return found;
}

std::unordered_map<DeviceId, Timestamp> Head::newest_of_devices() const {
    const std::lock_guard lock(mutex_);
    std::unordered_map<DeviceId, Timestamp> found;
    for (const auto& [series, known] : known_) {
        if (known.newest_time == Timestamp::min()) continue;
        auto& newest = found.try_emplace(series.key.device, known.newest_time).first->second;
        newest = std::max(newest, known.newest_time);
    }
    return found;
}

std::vector<MeasuredMetric> Head::measured() const {
    const std::lock_guard lock(mutex_);
    return measured_;
}

void Head::remember(PatientId patient, const SeriesKey& key, const Sample& sample) {
    const std::lock_guard guard(mutex_);
    const auto series = known_.find({patient, key});
    if (series == known_.end()) return;
    if (sample.filed_time == series->second.newest_time && !series->second.newest)
        series->second.newest = outline(sample);
}

}  // namespace vigil::store
