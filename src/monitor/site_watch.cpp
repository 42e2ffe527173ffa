#include "monitor/site_watch.hpp"

#include <algorithm>
#include <chrono>

#include "monitor/alarms/age_class.hpp"

namespace vigil::monitor {
namespace {

constexpr Person by_time{by_system, "the association began or ended at its time"};
constexpr Person left_behind{by_system, "it is on nobody and sends no more"};

}  // namespace

SiteWatch::SiteWatch(const MonitorTables& tables)
    : tables_(&tables), profiles_(tables.catalogue, tables.conditions, tables.limits) {}

void SiteWatch::apply(const store::Entry& entry) {
    const Cause cause{entry.position, entry.commit_time};
    tick(cause);
    if (entry.kind == store::EntryKind::batch) on_batch(entry, cause);
    if (entry.kind == store::EntryKind::act) on_act(entry, cause);
}

void SiteWatch::begin(const identity::Registry& registry, const Cause& cause) {
    for (const auto& [id, patient] : registry.patients()) take(patient, by_system, cause);
    for (const auto& [number, device] : registry.devices()) {
        for (const auto& piece : registry.spans(number))
            devices_[number].associations.apply({.device = number,
                                                 .patient = piece.patient,
                                                 .from = piece.from,
                                                 .to = piece.to,
                                                 .rank = piece.rank},
                                                piece.recorded, piece.by);
        place_device(number, by_time, cause);
    }
}

void SiteWatch::find_everywhere(const Finding& finding, const Cause& cause) {
    for (auto& [subject, monitor] : monitors_) {
        monitor.on_finding(finding, cause);
        gather(monitor);
    }
}

// Once for each second of the log that has entries; in an idle one the log itself ticks.
void SiteWatch::tick(const Cause& cause) {
    const Timestamp second = std::chrono::floor<std::chrono::seconds>(cause.time);
    if (second <= ticked_) return;
    ticked_ = second;
    remember_position(cause);
    // Of whom something stands they are watched on. Nothing has happened to them in this cause yet,
    // so whoever comes back in it begins anew with names of events that nobody had.
    std::erase_if(leaving_, [&](const Subject& subject) {
        const auto found = monitors_.find(subject);
        if (found != monitors_.end() && !found->second.alarms().alarms().empty()) return false;
        stop_watching(subject);
        return true;
    });
    while (!turns_.empty() && turns_.begin()->first <= cause.time)
        place_device(turns_.begin()->second, by_time, cause);
    leave_silent_places(cause);
    for (auto& [subject, monitor] : monitors_) {
        monitor.on_tick(cause);
        const auto scores = scores_.find(subject.patient);
        if (scores != scores_.end() && !leaving_.contains(subject))
            scores->second.on_time(cause.time, found_);
        auto& signals = signals_.at(subject);
        signals.on_time(cause.time, monitor.settings());
        signals.judge(cause.time, monitor.age_class(), found_);
        hand_on(monitor, cause);
        gather(monitor);
    }
}

void SiteWatch::on_batch(const store::Entry& entry, const Cause& cause) {
    if (!decode(entry.body, batch_)) {
        ++unread_;
        return;
    }
    const bool is_owned = static_cast<bool>(entry.subject);
    const auto subject = is_owned ? Subject{entry.subject, {}} : place_of(batch_.device);
    const bool is_live = std::ranges::any_of(batch_.readings, [&](const FiledReading& each) {
        return cause.time - each.filed_time <= tables_->late_after;
    });
    // What comes late, of somebody who has left, is no reason to watch them.
    if (!is_live && find(subject) == nullptr) return;
    auto& monitor = watch(subject, cause);
    for (const auto& reading : batch_.readings) monitor.on_reading(batch_.device, reading, cause);
    if (const auto scores = scores_.find(subject.patient); scores != scores_.end())
        scores->second.on_readings(batch_.device, batch_.readings, cause.time, found_);
    auto& signals = signals_.at(subject);
    if (signals.on_readings(batch_.device, batch_.readings, cause.time, monitor.settings()))
        signals.judge(cause.time, monitor.age_class(), found_);
    hand_on(monitor, cause);
    gather(monitor);
    if (!is_owned) {
        if (is_live) places_[batch_.device] = cause.time;
    } else {
        leave_if_gone(subject, cause);
    }
}

void SiteWatch::on_act(const store::Entry& entry, const Cause& cause) {
    const auto known = identity::decode_act(entry.body);
    if (known) return take(*known, cause);
    const auto ours = known.error().kind == Error::Kind::unsupported
                          ? decode_alarm_act(entry.body)
                          : tl::unexpected(known.error());
    if (ours) return take(*ours, cause);
    if (ours.error().kind != Error::Kind::unsupported) ++unread_;
}

void SiteWatch::take(const identity::Act& act, const Cause& cause) {
    if (const auto* added = std::get_if<identity::PatientAdded>(&act.body))
        take(added->patient, act.by, cause);
    else if (const auto* changed = std::get_if<identity::PatientChanged>(&act.body))
        take(changed->patient, act.by, cause);
    else if (const auto* associated = std::get_if<identity::DeviceAssociated>(&act.body))
        take(act, *associated, cause);
    else if (const auto* erased = std::get_if<identity::PatientErased>(&act.body))
        forget(erased->patient);
}

void SiteWatch::take(const identity::Patient& patient, std::string_view by, const Cause& cause) {
    auto& known = patients_[patient.id];
    const bool is_other = known.unit != patient.unit;
    known.unit = patient.unit;
    known.birth_date = patient.birth_date;
    known.in_bed = !patient.unit.empty() || !patient.bed.empty();
    const Subject subject{patient.id, {}};
    if (const auto scores = scores_.find(patient.id); scores != scores_.end()) {
        scores->second.on_birth_date(patient.birth_date, cause.time, found_);
        hand_on(monitors_.at(subject), cause);
        gather(monitors_.at(subject));
    }
    if (known.in_bed) {
        auto& monitor = watch(subject, cause);
        if (is_other) renew_settings(monitor, by, cause);
    } else if (auto found = monitors_.find(subject); found != monitors_.end()) {
        if (is_other) renew_settings(found->second, by, cause);
        leave_if_gone(subject, cause);
    }
}

void SiteWatch::take(const identity::Act& act, const identity::DeviceAssociated& body,
                     const Cause& cause) {
    devices_[body.device].associations.apply(body, act.recorded, act.by);
    place_device(body.device,
                 {act.by.empty() ? by_system : std::string_view(act.by), "the device was moved"},
                 cause);
}

// Where the device is now. What is technically wrong with it comes along.
void SiteWatch::place_device(DeviceId number, const Person& who, const Cause& cause) {
    auto& device = devices_[number];
    const auto patient = device.associations.patient_at(cause.time);
    schedule(number, device, cause.time);
    if (patient == device.on) return;
    const auto from = device.on ? Subject{device.on, {}} : place_of(number);
    const auto to = patient ? Subject{patient, {}} : place_of(number);
    if (const auto left = patients_.find(device.on); left != patients_.end())
        --left->second.devices;
    if (patient) ++patients_[patient].devices;
    device.on = patient;
    std::vector<DeviceCondition> with;
    if (const auto left = monitors_.find(from); left != monitors_.end()) {
        with = left->second.on_device_removed(number, who, cause);
        if (const auto scores = scores_.find(from.patient); scores != scores_.end())
            scores->second.on_device_removed(number);
        signals_.at(from).on_device_removed(number);
        gather(left->second);
        if (from.patient)
            leave_if_gone(from, cause);
        else
            leaving_.insert(from);
    }
    places_.erase(number);
    if (!patient && with.empty()) return;  // its place is watched once something comes from there
    auto& monitor = watch(to, cause);
    monitor.on_device_associated(number, with, who, cause);
    gather(monitor);
    if (!patient) places_[number] = cause.time;
}

void SiteWatch::schedule(DeviceId number, Device& device, Timestamp now) {
    turns_.erase({device.turn, number});
    device.turn = Timestamp::max();
    for (const auto& piece : device.associations.standing())
        for (const auto bound : {piece.from, piece.to})
            if (bound > now) device.turn = std::min(device.turn, bound);
    if (device.turn != Timestamp::max()) turns_.insert({device.turn, number});
}

void SiteWatch::take(const AlarmAct& act, const Cause& cause) {
    const auto about = subject(act);
    if (about == Subject{}) return change_profiles(act, cause);
    // Whom nobody knows nobody watches: the act was about somebody who has been erased.
    if (about.patient && !patients_.contains(about.patient)) return;
    const auto* expected = std::get_if<DisplayExpected>(&act.body);
    const bool begins = expected != nullptr && expected->expected;
    if (!about.patient && !begins && find(about) == nullptr) return;
    auto& monitor = watch(about, cause);
    const auto done = monitor.on_act(act, cause);
    if (done && std::holds_alternative<AgeClassConfirmed>(act.body))
        renew_settings(monitor, act.by, cause);
    if (const auto* chosen = std::get_if<ScoreSettingSet>(&act.body); done && chosen != nullptr) {
        scores_.at(about.patient)
            .on_setting({chosen->setting, chosen->value, act.by, cause.time}, cause.time, found_);
        hand_on(monitor, cause);
    }
    gather(monitor);
    leave_if_gone(about, cause);
    if (expected != nullptr && monitor.view().display == nullptr) leaving_.insert(about);
}

// What the unit's patients start with changes for those who are there too.
void SiteWatch::change_profiles(const AlarmAct& act, const Cause& cause) {
    std::optional<std::string> unit;
    if (const auto* decided = std::get_if<ProfileChangeDecided>(&act.body);
        decided != nullptr && decided->confirmed)
        for (const auto& each : profiles_.proposals())
            if (each.id == decided->proposal) unit = each.unit;
    site_events_.begin(cause);
    const auto done = profiles_.on_act(act, site_events_);
    for (auto& event : site_events_.take()) events_.push_back(std::move(event));
    if (!done || !unit) return;
    for (auto& [subject, monitor] : monitors_) {
        const auto known = patients_.find(subject.patient);
        if ((known == patients_.end() ? std::string() : known->second.unit) == *unit)
            renew_settings(monitor, act.by, cause);
    }
}

const PatientMonitor* SiteWatch::find(const Subject& subject) const {
    const auto found = monitors_.find(subject);
    return found == monitors_.end() ? nullptr : &found->second;
}

PatientMonitor& SiteWatch::watch(const Subject& subject, const Cause& cause) {
    leaving_.erase(subject);
    if (const auto found = monitors_.find(subject); found != monitors_.end()) return found->second;
    const auto known = patients_.find(subject.patient);
    const auto patient = known == patients_.end() ? Patient{} : known->second;
    const auto by_age = age_class(patient.birth_date, cause.time);
    const auto class_now = by_age.value_or(AgeClass::adult);
    auto& monitor = monitors_
                        .try_emplace(subject, *tables_, subject, class_now, by_age.has_value(),
                                     profiles_.settings(patient.unit, class_now), cause)
                        .first->second;
    signals_.try_emplace(subject, *tables_);
    if (subject.patient) {
        const auto scores = scores_.try_emplace(subject.patient, *tables_).first;
        scores->second.on_birth_date(patient.birth_date, cause.time, found_);
        hand_on(monitor, cause);
    }
    gather(monitor);
    return monitor;
}

void SiteWatch::renew_settings(PatientMonitor& monitor, std::string_view by, const Cause& cause) {
    const auto known = patients_.find(monitor.subject().patient);
    const auto unit = known == patients_.end() ? std::string() : known->second.unit;
    monitor.on_unit_settings(profiles_.settings(unit, monitor.view().age_class), by, cause);
    gather(monitor);
}

// In no bed, and with no device: what stands of them is watched until it stands no more.
void SiteWatch::leave_if_gone(const Subject& subject, const Cause& cause) {
    if (!subject.patient) return;
    const auto known = patients_.find(subject.patient);
    const bool stays =
        known != patients_.end() && (known->second.in_bed || known->second.devices > 0);
    if (stays) return;
    leaving_.insert(subject);
    const auto scores = scores_.find(subject.patient);
    const auto monitor = monitors_.find(subject);
    if (scores == scores_.end() || monitor == monitors_.end()) return;
    scores->second.on_leave(cause.time, found_);
    hand_on(monitor->second, cause);
    gather(monitor->second);
}

void SiteWatch::leave_silent_places(const Cause& cause) {
    std::erase_if(places_, [&](const auto& place) {
        const auto& [device, heard] = place;
        const auto subject = place_of(device);
        const auto found = monitors_.find(subject);
        if (found == monitors_.end()) return true;
        if (cause.time - heard < place_kept) return false;
        (void)found->second.on_device_removed(device, left_behind, cause);
        signals_.at(subject).on_device_removed(device);
        gather(found->second);
        leaving_.insert(subject);
        return true;
    });
}

// Of whoever is erased nothing is said any more.
void SiteWatch::forget(PatientId erased) {
    const Subject subject{erased, {}};
    stop_watching(subject);
    patients_.erase(erased);
    leaving_.erase(subject);
    std::erase_if(events_, [&](const AlarmEvent& event) { return event.id.subject == subject; });
}

const ScoreState* SiteWatch::scores(PatientId patient) const {
    const auto found = scores_.find(patient);
    return found == scores_.end() ? nullptr : &found->second.state();
}

const PatientSignals* SiteWatch::signals(const Subject& subject) const {
    const auto found = signals_.find(subject);
    return found == signals_.end() ? nullptr : &found->second;
}

void SiteWatch::remember_position(const Cause& cause) {
    constexpr Nanoseconds every = std::chrono::seconds(10);
    if (!recent_.empty() && ticked_ - recent_.back().first < every) return;
    recent_.emplace_back(ticked_, cause.position);
    while (recent_.size() > 1 && ticked_ - recent_[1].first >= warm_up_time) recent_.pop_front();
}

std::optional<Position> SiteWatch::warm_up_from() const {
    if (recent_.empty()) return std::nullopt;
    return recent_.front().second;
}

void SiteWatch::warm_up(const store::Entry& entry) {
    if (entry.kind != store::EntryKind::batch || !decode(entry.body, batch_)) return;
    const auto subject = entry.subject ? Subject{entry.subject, {}} : place_of(batch_.device);
    const auto signals = signals_.find(subject);
    if (signals != signals_.end())
        signals->second.warm_up(batch_.device, batch_.readings, entry.commit_time,
                                monitors_.at(subject).settings());
}

void SiteWatch::stop_watching(const Subject& subject) {
    monitors_.erase(subject);
    signals_.erase(subject);
    scores_.erase(subject.patient);
}

void SiteWatch::hand_on(PatientMonitor& monitor, const Cause& cause) {
    for (const auto& finding : found_) monitor.on_finding(finding, cause);
    found_.clear();
}

void SiteWatch::gather(PatientMonitor& monitor) {
    for (auto& event : monitor.take_events()) events_.push_back(std::move(event));
}

}  // namespace vigil::monitor
