// The part of the patient's monitor that people drive: each act, and how limits come to be what
// they are.

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {
namespace {

constexpr Nanoseconds live_gap_max = std::chrono::minutes(10);
constexpr Nanoseconds episodic_gap_max = std::chrono::hours(24);

Result<void> check(const Person& who) {
    if (who.by.empty() || who.by.size() > actor_bytes_max)
        return fail(Error::Kind::malformed, "who does it is not told", "by");
    if (who.reason.empty() || who.reason.size() > text_bytes_max)
        return fail(Error::Kind::malformed, "a reason has 1 to 1,000 bytes", "reason");
    return {};
}

AlarmEvent& record(EventType type, const Person& who, std::string detail, EventRecorder& events) {
    auto& event = events.record(type);
    event.actor = who.by;
    event.reason = who.reason;
    event.detail = std::move(detail);
    return event;
}

}  // namespace

Result<void> PatientMonitor::on_act(const AlarmAct& asked, const Cause& cause) {
    begin(cause);
    const Person who{asked.by, asked.reason};
    auto done = std::visit([&](const auto& body) { return act(body, who); }, asked.body);
    const bool heartbeat = std::holds_alternative<DisplayConfirmed>(asked.body);
    if (!done && !heartbeat) {
        const auto name = std::visit([](const auto& body) { return body.act_name; }, asked.body);
        auto& event = record(EventType::refused, who, std::string(name), events_);
        event.actor =
            asked.by.empty() ? std::string(by_system) : asked.by.substr(0, actor_bytes_max);
        event.reason = done.error().message;
    }
    return done;
}

Result<void> PatientMonitor::act(const AlarmAcknowledged& act, const Person& who) {
    return alarms_.acknowledge(act.alarm, act.episode, act.seen, who, events_);
}
Result<void> PatientMonitor::act(const AlarmReset& act, const Person& who) {
    return alarms_.reset(act.alarm, who, events_);
}
Result<void> PatientMonitor::act(const AlarmAnswered& act, const Person& who) {
    return alarms_.respond(act.alarm, act.response, who, events_);
}
Result<void> PatientMonitor::act(const AlarmDisseminated& act, const Person& who) {
    return alarms_.disseminated(act.alarm, {act.episode, act.level, act.status, act.to}, who,
                                events_);
}
Result<void> PatientMonitor::act(const AlarmInactivated& act, const Person& who) {
    return alarms_.inactivate({.kind = act.kind, .alarm = act.alarm, .condition = act.condition},
                              act.duration, who, events_);
}
Result<void> PatientMonitor::act(const AlarmReactivated& act, const Person& who) {
    return alarms_.reactivate(act.inactivation, who, events_);
}

Result<void> PatientMonitor::act(const AlarmLimitSet& act, const Person& who) {
    VIGIL_CHECK(check(who));
    const auto row = tables_->limits.row_of(act.edit.condition);
    if (!row) return fail(Error::Kind::not_found, "no such limit", "condition");
    auto edit = act.edit;
    if (act.unset) {
        const auto& unit = unit_settings_[*row];
        edit = {.condition = act.edit.condition,
                .limit = unit.limit.limit,
                .hysteresis = unit.limit.hysteresis,
                .on_delay = unit.limit.on_delay,
                .off_delay = unit.limit.off_delay,
                .priority = unit.priority,
                .enabled = unit.enabled};
    }
    VIGIL_TRY(after,
              edited(edit, settings_, tables_->limits, tables_->conditions, tables_->catalogue));
    const auto what = difference(settings_[*row], after);
    if (what.empty()) return fail(Error::Kind::conflict, "this is how it is", "condition");
    auto& event = record(EventType::limit_changed, who, what, events_);
    event.condition.condition = edit.condition;
    event.limit = after.limit.limit;
    const auto at = std::ranges::find(overrides_, edit.condition,
                                      [](const LimitOverride& o) { return o.edit.condition; });
    if (at != overrides_.end()) {
        edit = merged(at->edit, edit);
        overrides_.erase(at);
    }
    if (!act.unset)
        overrides_.push_back({edit, std::string(who.by), std::string(who.reason), events_.now()});
    apply_settings(who.by);
    return {};
}

Result<void> PatientMonitor::act(const AgeClassConfirmed& act, const Person& who) {
    VIGIL_CHECK(check(who));
    record(EventType::age_class_confirmed, who,
           fmt::format("{}{} → {}", to_string(age_class_), age_confirmed_ ? "" : " (assumed)",
                       to_string(act.age_class)),
           events_);
    age_class_ = act.age_class;
    age_confirmed_ = true;
    return {};
}

Result<void> PatientMonitor::act(const DataWatchSet& act, const Person& who) {
    VIGIL_CHECK(check(who));
    const auto* metric = tables_->catalogue.find(act.metric);
    if (metric == nullptr) return fail(Error::Kind::not_found, "no such metric", "metric");
    const bool live = metric->expected_interval > Nanoseconds::zero();
    const auto longest = live ? live_gap_max : episodic_gap_max;
    if (act.gap > longest || act.gap < (live ? data_gap_min : Nanoseconds::zero()))
        return fail(Error::Kind::forbidden,
                    live ? "a live value may be silent for 10 s to 10 min"
                         : "a spot value may be silent for at most 24 h; 0: not watched",
                    "gap_ns");
    const auto before = gap_of(*metric);
    std::erase_if(gaps_, [&](const GapSetting& g) { return g.metric == act.metric; });
    gaps_.push_back({act.metric, act.gap});
    for (auto& series : series_)
        if (series.metric == act.metric) series.gap = act.gap;
    silence_due_ = events_.now();
    const auto seconds = [](Nanoseconds d) {
        return std::chrono::duration_cast<std::chrono::seconds>(d).count();
    };
    record(EventType::data_watch_changed, who,
           fmt::format("{} s → {} s", seconds(before), seconds(act.gap)), events_)
        .condition.metric = act.metric;
    return {};
}

Result<void> PatientMonitor::act(const DisplayExpected& act, const Person& who) {
    VIGIL_CHECK(check(who));
    if (act.display < displays_from || events_.subject() != place_of(act.display))
        return fail(Error::Kind::malformed, "no such display", "display");
    if (act.expected == display_.has_value())
        return fail(Error::Kind::conflict,
                    act.expected ? "it is expected already" : "it is not expected", "display");
    if (act.expected && (act.name.empty() || act.key_sha256.empty()))
        return fail(Error::Kind::malformed, "a display has a name and a key", "name");
    record(act.expected ? EventType::display_expected : EventType::display_released, who,
           act.expected ? act.name : display_->display.name, events_)
        .condition.display = act.display;
    if (act.expected) {
        display_ = DisplayWatch{{.id = act.display,
                                 .name = act.name,
                                 .unit = act.unit,
                                 .sounds = act.sounds,
                                 .key_sha256 = act.key_sha256,
                                 .by = std::string(who.by),
                                 .reason = std::string(who.reason),
                                 .since = events_.now()},
                                events_.now()};
        return {};
    }
    alarms_.end({.condition = tables_->display_lost, .display = act.display}, events_.now(), who,
                events_);
    display_.reset();
    return {};
}

Result<void> PatientMonitor::act(const DisplayConfirmed& act, const Person& /*who*/) {
    if (!display_ || display_->display.id != act.display)
        return fail(Error::Kind::not_found, "no such display", "display");
    display_->heard = events_.now();
    alarms_.end({.condition = tables_->display_lost, .display = act.display}, events_.now(),
                {by_system, "it confirms again"}, events_);
    return {};
}

// The scores are kept beside the monitor (SiteWatch): here it is put on record, or refused.
Result<void> PatientMonitor::act(const ScoreSettingSet& act, const Person& who) {
    VIGIL_CHECK(check(who));
    if (!events_.subject().patient || !tables_->scores.has_setting(act.setting, act.value))
        return fail(Error::Kind::malformed, "no score has such a setting", "setting");
    record(EventType::score_setting_changed, who, fmt::format("{}: {}", act.setting, act.value),
           events_);
    return {};
}

// Of the site, not of a patient: UnitProfiles takes them.
Result<void> PatientMonitor::act(const ProfileChangeProposed& /*act*/, const Person& /*who*/) {
    return fail(Error::Kind::unsupported, "a unit's limits are not a patient's", "act");
}
Result<void> PatientMonitor::act(const ProfileChangeDecided& /*act*/, const Person& /*who*/) {
    return fail(Error::Kind::unsupported, "a unit's limits are not a patient's", "act");
}

void PatientMonitor::on_unit_settings(std::vector<LimitSetting> settings, std::string_view by,
                                      const Cause& cause) {
    begin(cause);
    assert(settings.size() == tables_->limits.rows().size());
    unit_settings_ = std::move(settings);
    apply_settings(by);
}

void PatientMonitor::on_discharge(const Person& who, const Cause& cause) {
    begin(cause);
    record(EventType::discharged, who, {}, events_);
    alarms_.discharge(who, events_);
    series_.clear();
    series_keys_.clear();
    devices_.clear();
    overrides_.clear();
    gaps_.clear();
    rules_.clear();
    settings_ = unit_settings_;
}

// The unit's settings, and over them what was set for this patient. What no longer fits beside a
// changed unit's limit is left as the unit has it, and stays listed with who set it.
void PatientMonitor::apply_settings(std::string_view by) {
    settings_ = unit_settings_;
    for (const auto& override : overrides_) {
        const auto after = edited(override.edit, settings_, tables_->limits, tables_->conditions,
                                  tables_->catalogue);
        if (after) settings_[*tables_->limits.row_of(override.edit.condition)] = *after;
    }
    for (auto& series : series_)
        for (auto& watch : series.limits) reconsider(series, watch, by);
}

// By the limit as it is now: what it no longer calls outside ends at once.
void PatientMonitor::reconsider(SeriesWatch& series, LimitWatch& watch, std::string_view by) {
    const auto& setting = settings_[watch.row];
    if (watch.condition.under == LimitCondition::Phase::absent) return;
    const auto reason = fmt::format("limit changed by {}", by);
    const auto alarm = key(tables_->limits.rows()[watch.row].condition, series);
    if (setting.enabled && violates(setting.limit, series.last)) {
        alarms_.set_priority(alarm, setting.priority, {by, reason}, events_);
        return;
    }
    const bool silent = watch.condition.silent;
    watch.condition = {};
    watch.condition.silent = silent;
    alarms_.end(alarm, events_.now(), {by, reason}, events_);
}

}  // namespace vigil::monitor
