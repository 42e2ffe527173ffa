// The part of the patient's monitor that watches whether data come: series, devices, displays.

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {

void PatientMonitor::look_for_silence() {
    std::vector<std::size_t> silenced;
    silence_due_ = never;
    for (std::size_t i = 0; i < series_.size(); ++i) {
        auto& [device, metric, channel, data, gap, last, limits] = series_[i];
        if (data.on_time(events_.now(), gap) == DataChange::went_silent) silenced.push_back(i);
        // Silent only when *more* than the gap has passed.
        if (gap > Nanoseconds::zero() && !data.silent && data.heard != Timestamp::min())
            silence_due_ = std::min(silence_due_, data.heard + gap);
    }
    if (!silenced.empty()) went_silent(silenced);
}

// A device of which nothing comes any more is one alarm, and its metrics are behind it.
void PatientMonitor::went_silent(std::span<const std::size_t> silenced) {
    for (const auto i : silenced) {
        auto& series = series_[i];
        for (auto& watch : series.limits) {
            watch.condition.on_silence();
            alarms_.set_stale(key(tables_->limits.rows()[watch.row].condition, series), true,
                              events_);
        }
        if (!all_silent(series.device)) continue;
        auto onset = onset_of(*tables_->conditions.find(tables_->device_no_data),
                              {.condition = tables_->device_no_data, .device = series.device});
        onset.violated_since = series.data.heard;
        alarms_.onset(onset, events_);
    }
    for (const auto i : silenced) {
        const auto& series = series_[i];
        auto onset =
            onset_of(*tables_->conditions.find(tables_->no_data), key(tables_->no_data, series));
        onset.violated_since = series.data.heard;
        onset.detail = tables_->catalogue.at(series.metric).display;
        alarms_.onset(onset, events_);
    }
    weigh_rate_sources();
}

void PatientMonitor::came_back(SeriesWatch& series) {
    const Person who{by_system, "data again"};
    const auto now = events_.now();
    alarms_.end({.condition = tables_->device_no_data, .device = series.device}, now, who, events_);
    alarms_.end(key(tables_->no_data, series), now, who, events_);
    for (const auto& watch : series.limits)
        alarms_.set_stale(key(tables_->limits.rows()[watch.row].condition, series), false, events_);
    weigh_rate_sources();
}

std::vector<PresentValue> PatientMonitor::present_values() const {
    std::vector<PresentValue> values;
    for (const auto& series : series_)
        if (series.data.heard != Timestamp::min() && !series.data.silent &&
            series.last.range == MeasuredValue::Range::within &&
            std::ranges::find(values, series.metric, &PresentValue::metric) == values.end())
            values.push_back({series.metric, series.last.value});
    return values;
}

bool PatientMonitor::all_silent(DeviceId device) const {
    std::size_t watched = 0;
    for (const auto& series : series_) {
        if (series.device != device || series.gap <= Nanoseconds::zero()) continue;
        if (!series.data.silent) return false;
        ++watched;
    }
    return watched > 1;
}

// Where nothing tells any more how fast the heart beats, what took the last source is high.
void PatientMonitor::weigh_rate_sources() {
    const auto high_ones = [&](const Alarm& alarm) {
        const auto* condition = tables_->conditions.find(alarm.condition.condition);
        return alarm.present && condition != nullptr && condition->high_if_only_rate;
    };
    if (std::ranges::none_of(alarms_.alarms(), high_ones)) return;
    const bool alive = std::ranges::any_of(series_, [&](const SeriesWatch& s) {
        return tables_->is_rate(s.metric) && s.data.heard != Timestamp::min() && !s.data.silent;
    });
    std::vector<std::pair<ConditionKey, AlarmPriority>> changes;
    for (const auto& alarm : alarms_.alarms()) {
        if (!high_ones(alarm)) continue;
        const auto& key = alarm.condition;
        const bool of_rate = key.metric ? tables_->is_rate(key.metric)
                             : key.condition == tables_->device_no_data
                                 ? std::ranges::any_of(series_,
                                                       [&](const SeriesWatch& s) {
                                                           return s.device == key.device &&
                                                                  tables_->is_rate(s.metric);
                                                       })
                                 : true;
        const bool high = of_rate && !alive;
        if (high && alarm.priority != AlarmPriority::high)
            changes.emplace_back(key, AlarmPriority::high);
        else if (!high && alarm.priority == AlarmPriority::high)
            changes.emplace_back(key, tables_->conditions.find(key.condition)
                                          ->later_priority.value_or(AlarmPriority::medium));
    }
    for (const auto& [key, priority] : changes)
        alarms_.set_priority(key, priority,
                             {by_system, priority == AlarmPriority::high
                                             ? "nothing else tells the heart or pulse rate"
                                             : "there is another source of the rate"},
                             events_);
}

void PatientMonitor::look_at_display() {
    if (!display_ || events_.now() - display_->heard <= tables_->display_gap) return;
    const ConditionKey key{.condition = tables_->display_lost, .display = display_->display.id};
    auto onset = onset_of(*tables_->conditions.find(tables_->display_lost), key);
    onset.violated_since = display_->heard;
    onset.detail = display_->display.name;
    alarms_.onset(onset, events_);
}

void PatientMonitor::on_device_associated(DeviceId device, std::span<const DeviceCondition> with,
                                          const Person& who, const Cause& cause) {
    begin(cause);
    if (std::ranges::find(devices_, device) == devices_.end() && devices_.size() < devices_max)
        devices_.push_back(device);
    auto& event = events_.record(EventType::device_associated);
    event.actor = who.by;
    event.reason = who.reason;
    event.condition.device = device;
    for (const auto& technical : with) {
        const auto* condition = tables_->conditions.find(technical.condition);
        if (condition == nullptr) continue;
        auto onset = onset_of(*condition, {.condition = technical.condition, .device = device});
        onset.violated_since = technical.since;
        alarms_.onset(onset, events_);
    }
    weigh_rate_sources();
}

std::vector<DeviceCondition> PatientMonitor::on_device_removed(DeviceId device, const Person& who,
                                                               const Cause& cause) {
    begin(cause);
    auto& event = events_.record(EventType::device_removed);
    event.actor = who.by;
    event.reason = who.reason;
    event.condition.device = device;
    std::vector<ConditionKey> of_device;
    std::vector<DeviceCondition> technical;
    for (const auto& alarm : alarms_.alarms()) {
        if (alarm.condition.device != device || !alarm.present) continue;
        of_device.push_back(alarm.condition);
        // That a series is silent belongs to the series, which ends here; the rest stays with the
        // device.
        const bool silence = alarm.condition.condition == tables_->no_data ||
                             alarm.condition.condition == tables_->device_no_data;
        if (alarm.condition_class == ConditionClass::technical && !silence)
            technical.push_back({alarm.condition.condition, alarm.violated_since});
    }
    for (const auto& key : of_device) alarms_.end(key, events_.now(), who, events_);
    std::erase(devices_, device);
    std::erase_if(series_, [&](const SeriesWatch& s) { return s.device == device; });
    std::erase_if(series_keys_, [&](std::uint64_t k) { return k >> 32 == device.value; });
    forget_in_rules(device, who);
    weigh_rate_sources();
    return technical;
}

}  // namespace vigil::monitor
