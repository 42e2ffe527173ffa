#include "monitor/alarms/patient_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace vigil::monitor {
namespace {

// Filed times are at most a minute off (docs/architecture.md, filed time). A reading from further
// ahead would make all that follow look old.
constexpr Nanoseconds clock_ahead_max = std::chrono::seconds(60);

constexpr Person the_system(std::string_view reason) {
    return {by_system, reason};
}

}  // namespace

PatientMonitor::PatientMonitor(const MonitorTables& tables, std::vector<LimitSetting> unit_settings)
    : tables_(&tables),
      events_(Subject{}),
      alarms_(tables.conditions, tables.policy),
      unit_settings_(std::move(unit_settings)),
      settings_(unit_settings_) {
    assert(unit_settings_.size() == tables.limits.rows().size());
}

PatientMonitor::PatientMonitor(const MonitorTables& tables, Subject subject, AgeClass age_class,
                               bool age_known, std::vector<LimitSetting> unit_settings,
                               const Cause& cause)
    : PatientMonitor(tables, std::move(unit_settings)) {
    events_ = EventRecorder(subject);
    age_class_ = age_class;
    age_confirmed_ = age_known;
    began_ = cause.time;
    begin(cause);
}

// The log's clock never goes back for the monitor. Where it stood still for long, nobody watched:
// that is recorded, and the silence of that time is not the devices'.
void PatientMonitor::begin(const Cause& cause) {
    const auto now = std::max(cause.time, clock_);
    events_.begin({cause.position, now});
    if (clock_ != Timestamp{} && now - clock_ > tables_->clock_gap) {
        auto& event = events_.record(EventType::clock_gap);
        event.reason = "the server did not watch";
        event.since = clock_;
        event.until = now;
        for (auto& series : series_)
            if (!series.data.silent) series.data.heard = now;
        if (display_) display_->heard = std::max(display_->heard, now);
        silence_due_ = now;
    }
    clock_ = now;
}

void PatientMonitor::on_reading(DeviceId device, const FiledReading& filed, const Cause& cause) {
    begin(cause);
    const auto& reading = filed.reading;
    const auto* metric = tables_->catalogue.find(reading.metric);
    if (metric == nullptr) return;  // a site metric that is no more
    auto* series = series_of(device, *metric, reading.channel);
    if (series == nullptr) return;
    const bool late = (reading.status & (status::late | status::corrected)) != 0 ||
                      filed.filed_time < events_.now() - tables_->late_after ||
                      filed.filed_time > events_.now() + clock_ahead_max;
    if (late || !series->data.counts(filed.filed_time)) {
        ++late_readings_;
        return;
    }
    const auto value = measured_value(reading, *metric);
    if (!value && !has_samples(reading)) return;
    // What had become silent without a tick between is told first.
    if (events_.now() >= silence_due_) look_for_silence();
    const bool first = series->data.heard == Timestamp::min();
    if (series->data.on_value(filed.filed_time, events_.now()) == DataChange::came_back)
        came_back(*series);
    else if (first && tables_->is_rate(metric->id))
        weigh_rate_sources();
    silence_due_ = std::min(
        silence_due_, series->gap > Nanoseconds::zero() ? events_.now() + series->gap : never);
    if (!value) return;
    series->last = *value;
    for (auto& watch : series->limits) evaluate(*series, watch, *value, filed.filed_time);
    if (!rules_.empty()) tell_rules(*series, reading, filed.filed_time);
}

void PatientMonitor::evaluate(SeriesWatch& series, LimitWatch& watch, const MeasuredValue& value,
                              Timestamp measured) {
    const auto& setting = settings_[watch.row];
    if (!setting.enabled) return;
    switch (watch.condition.on_value(setting.limit, value, measured)) {
        case LimitChange::none:
            return;
        case LimitChange::onset:
            return raise_limit(series, watch);
        case LimitChange::ended:
            alarms_.end(key(tables_->limits.rows()[watch.row].condition, series),
                        watch.condition.inside_since, the_system("inside the limit"), events_);
    }
}

void PatientMonitor::raise_limit(const SeriesWatch& series, const LimitWatch& watch) {
    const auto& setting = settings_[watch.row];
    const auto& condition = *tables_->conditions.find(tables_->limits.rows()[watch.row].condition);
    auto onset = onset_of(condition, key(condition.id, series));
    onset.priority = setting.priority;
    onset.violated_since = watch.condition.violated_since;
    onset.limit = setting.limit.limit;
    if (series.last.range == MeasuredValue::Range::within)
        onset.value = series.last.value;
    else
        onset.detail = series.last.range == MeasuredValue::Range::above
                           ? "above what the device can measure"
                           : "below what the device can measure";
    alarms_.onset(onset, events_);
}

void PatientMonitor::on_finding(const Finding& finding, const Cause& cause) {
    begin(cause);
    const auto* condition = tables_->conditions.find(finding.condition);
    if (condition == nullptr) return;  // of a later version
    const ConditionKey key{.condition = finding.condition, .device = finding.device};
    if (finding.present) {
        auto onset = onset_of(*condition, key);
        if (const auto row = tables_->limits.row_of(condition->id)) {
            if (!settings_[*row].enabled) return;
            onset.priority = settings_[*row].priority;
        }
        onset.priority = finding.priority.value_or(onset.priority);
        onset.violated_since = finding.at;
        onset.value = finding.value;
        onset.detail = finding.detail.substr(0, text_bytes_max);
        if (alarms_.is_present(key))
            alarms_.change(onset, finding.again, the_system("what was found has changed"), events_);
        else
            alarms_.onset(onset, events_);
        alarms_.set_stale(key, finding.stale, events_);
    } else {
        alarms_.end(key, finding.at, the_system("no longer found"), events_);
    }
    weigh_rate_sources();
}

void PatientMonitor::on_tick(const Cause& cause) {
    begin(cause);
    if (events_.now() >= silence_due_) look_for_silence();
    look_at_display();
    for (auto& rule : rules_) {
        rule.evaluator->on_time(events_.now());
        follow_rule(rule, the_system("the rule holds no more"));
    }
    alarms_.on_time(events_);
}

SeriesWatch* PatientMonitor::series_of(DeviceId device, const Metric& metric,
                                       std::uint16_t channel) {
    const auto wanted = series_key(device, metric.id, channel);
    const auto found = std::ranges::find(series_keys_, wanted);
    if (found != series_keys_.end())
        return &series_[static_cast<std::size_t>(found - series_keys_.begin())];
    if (series_.size() >= series_max) return nullptr;
    auto& series = series_.emplace_back();
    series_keys_.push_back(wanted);
    series.device = device;
    series.metric = metric.id;
    series.channel = channel;
    series.gap = gap_of(metric);
    for (const auto row : tables_->limits.watching(metric.id))
        series.limits.push_back({.row = row});
    if (std::ranges::find(devices_, device) == devices_.end() && devices_.size() < devices_max)
        devices_.push_back(device);
    return &series;
}

Nanoseconds PatientMonitor::gap_of(const Metric& metric) const {
    const auto set = std::ranges::find(gaps_, metric.id, &GapSetting::metric);
    return set != gaps_.end() ? set->gap : default_data_gap(metric.expected_interval);
}

ConditionKey PatientMonitor::key(ConditionId condition, const SeriesWatch& series) const {
    return {.condition = condition,
            .device = series.device,
            .metric = series.metric,
            .channel = series.channel};
}

}  // namespace vigil::monitor
