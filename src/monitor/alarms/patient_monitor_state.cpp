// What screens show of the patient's monitor, and its bytes.

#include <algorithm>

#include "monitor/alarms/fields.hpp"
#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t snapshot_version = 1;
constexpr std::size_t state_bytes_max = 64 * 1024;  // of one rule

}  // namespace

BedView PatientMonitor::view() const {
    BedView view;
    for (const auto& alarm : alarms_.alarms()) {
        const auto signals = alarms_.signals(alarm);
        if (!signals.visual) {
            view.recorded.push_back(&alarm);
            continue;
        }
        view.alarms.push_back({&alarm, signals});
        view.seen = std::max(view.seen.value_or(alarm.priority), alarm.priority);
        if (signals.audible)
            view.heard = std::max(view.heard.value_or(alarm.priority), alarm.priority);
    }
    std::ranges::sort(view.alarms, [](const auto& a, const auto& b) {
        if (a.alarm->priority != b.alarm->priority) return a.alarm->priority > b.alarm->priority;
        return a.alarm->signalled < b.alarm->signalled;
    });
    view.inactivations = alarms_.inactivations();
    view.limits = overrides_;
    view.rules = rules_;
    view.age_class = age_class_;
    view.age_confirmed = age_confirmed_;
    Timestamp last = began_;
    bool live = false;
    for (const auto& series : series_) {
        if (series.data.silent) view.silent.push_back(&series);
        if (series.gap <= Nanoseconds::zero() || series.data.heard == Timestamp::min()) continue;
        live = live || !series.data.silent;
        last = std::max(last, series.data.heard);
    }
    if (display_)
        view.display = &display_->display;
    else if (!live)
        view.unmonitored_since = last;
    return view;
}

std::string PatientMonitor::snapshot() const {
    std::string out;
    FieldWriter writer(out);
    writer("version", snapshot_version);
    members(writer, *this);
    std::vector<StoredRule> rules;
    for (const auto& rule : rules_) {
        auto& stored = rules.emplace_back();
        stored = {rule.definition, rule.by, rule.reason, rule.since, {}};
        FieldWriter state(stored.state);
        state("state", *rule.evaluator);
    }
    writer("rules", rules);
    return out;
}

Result<PatientMonitor> PatientMonitor::restore(const MonitorTables& tables, std::string_view bytes,
                                               std::vector<LimitSetting> unit_settings) {
    FieldReader reader(bytes, {.text_bytes_max = state_bytes_max});
    std::uint8_t version = 0;
    reader("version", version);
    if (reader.failed() == nullptr && version != snapshot_version)
        return fail(Error::Kind::unsupported, "a snapshot of a later version", "byte 0");
    PatientMonitor monitor(tables, std::move(unit_settings));
    members(reader, monitor);
    std::vector<StoredRule> rules;
    reader("rules", rules);
    if (reader.failed() != nullptr || !reader.at_end())
        return fail(Error::Kind::malformed, "a snapshot that cannot be read",
                    reader.failed() != nullptr ? reader.failed() : "end");
    if (rules.size() > rules_max) return fail(Error::Kind::too_large, "too many rules", "rules");
    for (const auto& stored : rules) {
        VIGIL_TRY(rule, monitor.active(stored));
        monitor.rules_.push_back(std::move(rule));
    }
    VIGIL_CHECK(monitor.settle_restored());
    return monitor;
}

// What the rest of the monitor relies on, and what follows from what was read.
Result<void> PatientMonitor::settle_restored() {
    const auto refuse = [](const char* place) {
        return fail(Error::Kind::malformed, "a snapshot that cannot be", place);
    };
    if (series_.size() > series_max || devices_.size() > devices_max) return refuse("series");
    if (display_ && place_of(display_->display.id) != subject()) return refuse("display");
    // A site metric may have been removed since.
    std::erase_if(series_, [&](const SeriesWatch& s) {
        return tables_->catalogue.find(s.metric) == nullptr;
    });
    for (const auto& series : series_) {
        if (series.gap < Nanoseconds::zero() || series.gap > std::chrono::hours(24))
            return refuse("gap");
        for (const auto& watch : series.limits)
            if (watch.row >= tables_->limits.rows().size()) return refuse("row");
        series_keys_.push_back(series_key(series.device, series.metric, series.channel));
    }
    settings_ = unit_settings_;
    for (const auto& override : overrides_) {
        const auto after = edited(override.edit, settings_, tables_->limits, tables_->conditions,
                                  tables_->catalogue);
        if (after) settings_[*tables_->limits.row_of(override.edit.condition)] = *after;
    }
    silence_due_ = clock_;
    return {};
}

Result<ActiveRule> PatientMonitor::active(const StoredRule& stored) const {
    VIGIL_TRY(rule, parse_rule(stored.definition.text, tables_->catalogue));
    ActiveRule out{.definition = stored.definition,
                   .by = stored.by,
                   .reason = stored.reason,
                   .since = stored.since,
                   .rule = std::make_shared<const Rule>(std::move(rule))};
    out.evaluator.emplace(*out.rule, tables_->catalogue);
    if (stored.state.empty()) return out;
    FieldReader reader(stored.state);
    reader("state", *out.evaluator);
    if (reader.failed() != nullptr || !reader.at_end() || !out.evaluator->fits())
        return fail(Error::Kind::malformed, "the state of another rule", "rules");
    return out;
}

}  // namespace vigil::monitor
