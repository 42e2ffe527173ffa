#include "monitor/signals/patient_signals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alarms/fields.hpp"
#include "monitor/alarms/monitor_tables.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t snapshot_version = 1;
constexpr Nanoseconds clock_ahead_max = std::chrono::seconds(60);
constexpr Nanoseconds rate_lasts = std::chrono::seconds(10);
// What is not of this patient, whatever it shows.
constexpr std::uint32_t not_theirs =
    status::test_data | status::demo_data | status::late | status::corrected;

// Makers leave newborns out of the analysis of ventricular beats: their complexes are narrow
// whatever they are, and fast is usual.
bool is_of_newborns(rhythm::Condition condition) {
    switch (condition) {
        using enum rhythm::Condition;
        case asystole:
        case ventricular_fibrillation:
        case extreme_tachycardia:
        case extreme_bradycardia:
        case pause:
        case tachycardia:
        case bradycardia:
            return true;
        default:
            return false;
    }
}

// The same as a limit on the number that the device sends.
bool is_plain_rate(rhythm::Condition condition) {
    return condition == rhythm::Condition::tachycardia ||
           condition == rhythm::Condition::bradycardia;
}

}  // namespace

bool PatientSignals::counts(const FiledReading& filed, Timestamp now) const {
    return (filed.reading.status & not_theirs) == 0 &&
           filed.filed_time >= now - tables_->late_after &&
           filed.filed_time <= now + clock_ahead_max;
}

// True if there was a wave. The pulse first: what it says of the same moment is asked for when the
// ECG is read.
bool PatientSignals::take(DeviceId device, std::span<const FiledReading> readings, Timestamp now,
                          bool known) {
    bool any = false;
    for (const auto& filed : readings) {
        const auto& reading = filed.reading;
        if (std::holds_alternative<NumericValue>(reading.value)) {
            if (tables_->signals.is_heart_rate(reading.metric) && counts(filed, now))
                rate_heard_ = now;
            continue;
        }
        const auto* metric = tables_->catalogue.find(reading.metric);
        if (metric == nullptr || !std::holds_alternative<WaveformBlock>(reading.value) ||
            !counts(filed, now))
            continue;
        any = true;
        if (tables_->signals.is_pulse_wave(metric->id)) take_pulse(device, filed, *metric, known);
    }
    if (!any) return false;
    for (const auto& filed : readings)
        if (tables_->signals.ecg_place(filed.reading.metric) && counts(filed, now))
            take_ecg(device, filed, tables_->catalogue.at(filed.reading.metric), known, now);
    return true;
}

void PatientSignals::take_pulse(DeviceId device, const FiledReading& filed, const Metric& metric,
                                bool known) {
    const EcgLead wave{.metric = metric.id, .channel = filed.reading.channel};
    auto found = std::ranges::find_if(
        pulses_, [&](const Pulse& each) { return each.device == device && each.wave == wave; });
    if (found == pulses_.end()) {
        if (known || pulses_.size() >= pulses_max) return;
        found = pulses_.insert(found, {.device = device, .wave = wave});
    }
    found->watch.take(filed, metric);
}

void PatientSignals::take_ecg(DeviceId device, const FiledReading& filed, const Metric& metric,
                              bool known, Timestamp now) {
    auto found = std::ranges::find(ecgs_, device, &EcgWatch::device);
    if (found == ecgs_.end()) {
        if (known || ecgs_.size() >= ecgs_max) return;
        found = ecgs_.insert(found, EcgWatch(device));
    }
    found->take(filed, metric, *tables_->signals.ecg_place(metric.id), now);
}

void PatientSignals::read(Timestamp now, std::span<const LimitSetting> limits) {
    if (ecgs_.empty()) return;
    const auto settings = tables_->signals.settings(limits);
    for (auto& ecg : ecgs_) ecg.read(now, settings);
}

bool PatientSignals::on_readings(DeviceId device, std::span<const FiledReading> readings,
                                 Timestamp now, std::span<const LimitSetting> limits) {
    if (!take(device, readings, now, false)) return false;
    read(now, limits);
    return true;
}

void PatientSignals::warm_up(DeviceId device, std::span<const FiledReading> readings, Timestamp now,
                             std::span<const LimitSetting> limits) {
    if (!take(device, readings, now, true)) return;
    read(now, limits);
    for (auto& ecg : ecgs_) ecg.warmed();
}

void PatientSignals::on_time(Timestamp now, std::span<const LimitSetting> limits) {
    read(now, limits);
}

void PatientSignals::judge(Timestamp now, AgeClass age_class, std::vector<Finding>& found) {
    const bool rate_is_told = now - rate_heard_ <= rate_lasts;
    for (auto& ecg : ecgs_) {
        RhythmCalls::Judge by{.now = now};
        by.leaves_out = [&](rhythm::Condition condition) {
            return (age_class == AgeClass::neonate && !is_of_newborns(condition)) ||
                   (rate_is_told && is_plain_rate(condition));
        };
        by.contradicts = [&](rhythm::Condition condition, Timestamp since) {
            return contradiction(ecg, condition, since);
        };
        ecg.judge(std::move(by), pulse_stopped(ecg), tables_->signals, found);
    }
}

// alarms.md, rule 1: asystole or an extreme rate with a regular pulse is "check ECG"; and
// tachycardia, which a shaken electrode makes. Fibrillation never: it is told by the wave itself.
std::optional<std::string> PatientSignals::contradiction(const EcgWatch& ecg,
                                                         rhythm::Condition condition,
                                                         Timestamp since) const {
    const auto to = ecg.up_to();
    if (!to) return std::nullopt;
    for (const auto& pulse : pulses_) {
        const auto evidence = pulse.watch.evidence(*to, pulse_span);
        if (!evidence) continue;
        bool contradicts = false;
        std::optional<double> rate;
        switch (condition) {
            case rhythm::Condition::asystole:
                contradicts = pleth::contradicts_asystole(*evidence);
                break;
            case rhythm::Condition::ventricular_tachycardia:
                rate = ecg.rate_since(since);
                contradicts = rate && pleth::contradicts_tachycardia(*evidence, *rate);
                break;
            case rhythm::Condition::extreme_tachycardia:
                rate = ecg.heart_rate();
                contradicts = rate && pleth::contradicts_tachycardia(*evidence, *rate);
                break;
            case rhythm::Condition::extreme_bradycardia:
                rate = ecg.heart_rate();
                contradicts = rate && pleth::contradicts_bradycardia(*evidence, *rate);
                break;
            default:
                return std::nullopt;
        }
        if (contradicts)
            return fmt::format("the ECG looks like {}, and the pulse goes on evenly at {:.0f}/min",
                               rhythm::name_of(condition), evidence->rate_per_min);
    }
    return std::nullopt;
}

bool PatientSignals::pulse_stopped(const EcgWatch& ecg) const {
    constexpr Nanoseconds lately = std::chrono::minutes(1), gone = std::chrono::seconds(6);
    const auto to = ecg.up_to();
    if (!to) return false;
    bool stopped = false;
    for (const auto& pulse : pulses_) {
        const auto now = pulse.watch.pulsates(*to, gone);
        if (now.value_or(false)) return false;
        stopped = stopped || (now && pulse.watch.pulsates(*to, lately).value_or(false));
    }
    return stopped;
}

void PatientSignals::on_device_removed(DeviceId device) {
    std::erase_if(ecgs_, [&](const EcgWatch& ecg) { return ecg.device() == device; });
    std::erase_if(pulses_, [&](const Pulse& pulse) { return pulse.device == device; });
}

std::vector<EcgView> PatientSignals::ecgs() const {
    std::vector<EcgView> out;
    out.reserve(ecgs_.size());
    for (const auto& ecg : ecgs_) out.push_back(ecg.view());
    return out;
}

std::optional<double> PatientSignals::pulse_rate() const {
    for (const auto& pulse : pulses_)
        if (const auto rate = pulse.watch.rate()) return rate;
    return std::nullopt;
}

std::string PatientSignals::snapshot() const {
    std::string out;
    FieldWriter writer(out);
    std::vector<EcgWatch::Stored> ecgs;
    ecgs.reserve(ecgs_.size());
    for (const auto& ecg : ecgs_) ecgs.push_back(ecg.stored());
    writer("version", snapshot_version);
    writer("ecgs", ecgs);
    writer("pulses", pulses_);
    writer("rate_heard", rate_heard_);
    return out;
}

Result<PatientSignals> PatientSignals::restore(const MonitorTables& tables,
                                               std::string_view bytes) {
    FieldReader reader(bytes);
    std::uint8_t version = 0;
    reader("version", version);
    if (reader.failed() == nullptr && version != snapshot_version)
        return fail(Error::Kind::unsupported, "signals of another version", "byte 0");
    PatientSignals signals(tables);
    std::vector<EcgWatch::Stored> ecgs;
    reader("ecgs", ecgs);
    reader("pulses", signals.pulses_);
    reader("rate_heard", signals.rate_heard_);
    if (reader.failed() != nullptr || !reader.at_end())
        return fail(Error::Kind::malformed, "signals that cannot be read",
                    reader.failed() != nullptr ? reader.failed() : "end");
    if (ecgs.size() > ecgs_max || signals.pulses_.size() > pulses_max)
        return fail(Error::Kind::too_large, "more signals than a patient has", "ecgs");
    for (const auto& stored : ecgs) {
        auto ecg = EcgWatch::restore(stored);
        if (!ecg) return fail(Error::Kind::malformed, "signals that cannot be", "ecgs");
        signals.ecgs_.push_back(std::move(*ecg));
    }
    return signals;
}

}  // namespace vigil::monitor
