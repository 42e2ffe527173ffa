#pragma once
// The present of one patient (or of a location where readings come in that nobody owns), as the
// alarm system sees it: (state, entry) → (state, events). Pure and deterministic: fed in log order,
// with the entries' commit times as its clock; docs/architecture.md, monitor.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metric/batch.hpp"
#include "monitor/alarms/act.hpp"
#include "monitor/alarms/alarm_system.hpp"
#include "monitor/alarms/auto_limits.hpp"
#include "monitor/alarms/monitor_tables.hpp"
#include "monitor/alarms/series_watch.hpp"
#include "monitor/rules/rule_evaluator.hpp"

namespace vigil::monitor {

// What a detector of signal/ found, or a score says: an arrhythmia call, apnoea, leads off, NEWS2
// raised (data/alarm-conditions.tsv).
struct Finding {
    ConditionId condition{};
    DeviceId device{};
    bool present = true;  // false: it has ended
    Timestamp at{};       // by the measurement: when it began, or ended
    std::string detail{};
    std::optional<Decimal> value{};
    std::optional<AlarmPriority> priority{};  // none: the condition's
    bool stale = false;  // data are missing: whether it still is so is not known
    bool again = false;  // it stood before, and is to be told anew
};

// A technical condition that goes with its device where it goes.
struct DeviceCondition {
    ConditionId condition{};
    Timestamp since{};
};

// How one patient's limit differs from the unit's, and by whom.
struct LimitOverride {
    LimitEdit edit{};
    std::string by{}, reason{};
    Timestamp since{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("edit", self.edit);
        visit("by", self.by);
        visit("reason", self.reason);
        visit("since", self.since);
    }
};

// A smart condition of this patient, and where it stands.
struct ActiveRule {
    AlarmRuleSet definition{};
    std::string by{}, reason{};
    Timestamp since{};
    std::shared_ptr<const Rule> rule{};
    std::optional<RuleEvaluator> evaluator{};
};

// A screen that has to confirm (DisplayExpected), and who said so.
struct Display {
    DisplayId id{};
    std::string name{}, unit{};
    bool sounds = true;
    std::string key_sha256{};
    std::string by{}, reason{};
    Timestamp since{};
    bool operator==(const Display&) const = default;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("name", self.name);
        visit("unit", self.unit);
        visit("sounds", self.sounds);
        visit("key_sha256", self.key_sha256);
        visit("by", self.by);
        visit("reason", self.reason);
        visit("since", self.since);
    }
};

struct DisplayWatch {
    Display display{};
    Timestamp heard{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("display", self.display);
        visit("heard", self.heard);
    }
};

// What screens show of a bed. Pointers are into the monitor, until it is called again.
struct BedView {
    struct Shown {
        const Alarm* alarm = nullptr;
        Signals signals;
    };
    std::vector<Shown> alarms;                   // that are seen: highest and oldest first
    std::vector<const Alarm*> recorded;          // that are suppressed
    std::optional<AlarmPriority> seen, heard{};  // the highest of each
    std::span<const Inactivation> inactivations;
    std::vector<const SeriesWatch*> silent;
    std::span<const LimitOverride> limits;
    std::span<const ActiveRule> rules;
    AgeClass age_class = AgeClass::adult;
    bool age_confirmed = false;
    // No live value comes from any device: since when (never a value: since the monitor began).
    std::optional<Timestamp> unmonitored_since;
    const Display* display = nullptr;  // of a screen's place, from which no values are awaited
};

class PatientMonitor {
public:
    // `unit_settings` as UnitProfiles or LimitTable::defaults make them for `age_class`; not known
    // (none): adult, which the caller passes, flagged until somebody confirms. Tables outlive it.
    PatientMonitor(const MonitorTables& tables, Subject subject, AgeClass age_class, bool age_known,
                   std::vector<LimitSetting> unit_settings, const Cause& cause);

    void on_reading(DeviceId device, const FiledReading& reading, const Cause& cause);
    void on_finding(const Finding& finding, const Cause& cause);
    // An act of which this subject is the subject. What is refused changes nothing but leaves an
    // event that says what stands; the same is returned.
    Result<void> on_act(const AlarmAct& act, const Cause& cause);
    // At least once a second of the log's time, for every subject, whatever the entry.
    void on_tick(const Cause& cause);

    // The unit's defaults have changed, or the patient's unit or (confirmed) class has.
    void on_unit_settings(std::vector<LimitSetting> settings, std::string_view by,
                          const Cause& cause);
    // Technical conditions come along from where the device was before.
    void on_device_associated(DeviceId device, std::span<const DeviceCondition> with,
                              const Person& who, const Cause& cause);
    // Its detectors are forgotten, what it raised ends; latched alarms stay for a person to see.
    std::vector<DeviceCondition> on_device_removed(DeviceId device, const Person& who,
                                                   const Cause& cause);
    void on_discharge(const Person& who, const Cause& cause);

    std::vector<AlarmEvent> take_events() { return events_.take(); }
    BedView view() const;
    const AlarmSystem& alarms() const { return alarms_; }
    const Subject& subject() const { return events_.subject(); }
    AgeClass age_class() const { return age_class_; }
    // As in force now, a row of the LimitTable each.
    std::span<const LimitSetting> settings() const { return settings_; }
    std::uint64_t late_readings() const { return late_readings_; }
    // The newest of each metric that is not silent, of the first channel that tells it.
    std::vector<PresentValue> present_values() const;

    // Take the events first. `unit_settings`: what the unit has when it is restored.
    std::string snapshot() const;
    static Result<PatientMonitor> restore(const MonitorTables& tables, std::string_view bytes,
                                          std::vector<LimitSetting> unit_settings);

    static constexpr std::size_t series_max = 256;
    static constexpr std::size_t devices_max = 64;
    static constexpr std::size_t rules_max = 32;

private:
    PatientMonitor(const MonitorTables& tables, std::vector<LimitSetting> unit_settings);

    void begin(const Cause& cause);
    SeriesWatch* series_of(DeviceId device, const Metric& metric, std::uint16_t channel);
    ConditionKey key(ConditionId condition, const SeriesWatch& series) const;
    void came_back(SeriesWatch& series);
    void evaluate(SeriesWatch& series, LimitWatch& watch, const MeasuredValue& value,
                  Timestamp measured);
    void raise_limit(const SeriesWatch& series, const LimitWatch& watch);
    void look_for_silence();
    void went_silent(std::span<const std::size_t> silenced);
    void look_at_display();
    void weigh_rate_sources();
    void apply_settings(std::string_view by);
    void reconsider(SeriesWatch& series, LimitWatch& watch, std::string_view by);
    Nanoseconds gap_of(const Metric& metric) const;
    bool all_silent(DeviceId device) const;
    void tell_rules(const SeriesWatch& series, const Reading& reading, Timestamp measured);
    void follow_rule(ActiveRule& rule, const Person& who);
    void forget_in_rules(DeviceId device, const Person& who);
    Result<void> settle_restored();

    Result<void> act(const AlarmAcknowledged& act, const Person& who);
    Result<void> act(const AlarmReset& act, const Person& who);
    Result<void> act(const AlarmAnswered& act, const Person& who);
    Result<void> act(const AlarmInactivated& act, const Person& who);
    Result<void> act(const AlarmReactivated& act, const Person& who);
    Result<void> act(const AlarmLimitSet& act, const Person& who);
    Result<void> act(const AgeClassConfirmed& act, const Person& who);
    Result<void> act(const DataWatchSet& act, const Person& who);
    Result<void> act(const DisplayExpected& act, const Person& who);
    Result<void> act(const DisplayConfirmed& act, const Person& who);
    Result<void> act(const ProfileChangeProposed& act, const Person& who);
    Result<void> act(const ProfileChangeDecided& act, const Person& who);
    Result<void> act(const AlarmRuleSet& act, const Person& who);
    Result<void> act(const AlarmDisseminated& act, const Person& who);
    Result<void> act(const ScoreSettingSet& act, const Person& who);

    // A rule as a snapshot holds it: its state is read once its text is understood.
    struct StoredRule {
        AlarmRuleSet definition{};
        std::string by{}, reason{};
        Timestamp since{};
        std::string state{};
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("definition", self.definition);
            visit("by", self.by);
            visit("reason", self.reason);
            visit("since", self.since);
            visit("state", self.state);
        }
    };
    Result<ActiveRule> active(const StoredRule& stored) const;

    struct GapSetting {
        MetricId metric{};
        Nanoseconds gap{};
        template <class V, class Self>
        static void members(V& visit, Self& self) {
            visit("metric", self.metric);
            visit("gap", self.gap);
        }
    };
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("events", self.events_);
        visit("alarms", self.alarms_);
        visit("began", self.began_);
        visit("clock", self.clock_);
        visit("age_class", self.age_class_);
        visit("age_confirmed", self.age_confirmed_);
        visit("overrides", self.overrides_);
        visit("gaps", self.gaps_);
        visit("devices", self.devices_);
        visit("series", self.series_);
        visit("display", self.display_);
        visit("late_readings", self.late_readings_);
    }

    const MonitorTables* tables_;
    EventRecorder events_;
    AlarmSystem alarms_;
    Timestamp began_{}, clock_{};
    AgeClass age_class_ = AgeClass::adult;
    bool age_confirmed_ = false;
    std::vector<LimitSetting> unit_settings_, settings_;
    std::vector<LimitOverride> overrides_;
    std::vector<GapSetting> gaps_;
    std::vector<DeviceId> devices_;
    std::vector<std::uint64_t> series_keys_;  // device, metric and channel of series_, packed
    std::vector<SeriesWatch> series_;
    std::optional<DisplayWatch> display_;  // whose place it is
    std::vector<ActiveRule> rules_;
    std::uint64_t late_readings_ = 0;
    Timestamp silence_due_ = never;  // before this no series can have become silent
};

}  // namespace vigil::monitor
