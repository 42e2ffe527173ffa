#pragma once
// All whom a server watches: the consumer of the log that feeds each monitor with what is theirs.
// Pure and deterministic like its parts: (state, entry) → (state, events).

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/act.hpp"
#include "identity/associations.hpp"
#include "identity/registry.hpp"
#include "monitor/alarms/patient_monitor.hpp"
#include "monitor/alarms/unit_profiles.hpp"
#include "monitor/scores/patient_scores.hpp"
#include "monitor/signals/patient_signals.hpp"
#include "store/log.hpp"

namespace vigil::monitor {

// Who is watched: whoever is in a bed, or has a device on them; and, at its own place, a device
// that is on nobody and sends, whose alarms sound all the same.
class SiteWatch {
public:
    // The tables outlive it.
    explicit SiteWatch(const MonitorTables& tables);

    // Where there is neither a snapshot nor all of the log: whoever is here now is watched from now
    // on. Before the first entry.
    void begin(const identity::Registry& registry, const Cause& cause);

    // Every entry, in the log's order, whatever its kind: its commit time is the clock. What
    // cannot be read is passed over and counted.
    void apply(const store::Entry& entry);
    // The same of everybody: the log cannot commit.
    void find_everywhere(const Finding& finding, const Cause& cause);
    // What was concluded since the last call, in order: to be appended to the log.
    std::vector<AlarmEvent> take_events() { return std::exchange(events_, {}); }

    // Null: nobody watches them.
    const PatientMonitor* find(const Subject& subject) const;
    // The early-warning scores of a patient; null: nobody watches them.
    const ScoreState* scores(PatientId patient) const;
    // What their waveforms say: rhythm, rate, beats, how good each lead is. The same.
    const PatientSignals* signals(const Subject& subject) const;
    const std::map<Subject, PatientMonitor>& monitors() const { return monitors_; }
    const UnitProfiles& profiles() const { return profiles_; }
    std::uint64_t unread() const { return unread_; }
    // When the last message that was applied came in.
    Timestamp received() const { return batch_.receive_time; }

    // Take the events first. With a sealer what is a person's stands sealed under their key, and is
    // not there any more once that is destroyed.
    std::string snapshot(store::Sealer* sealer = nullptr) const;
    static Result<SiteWatch> restore(const MonitorTables& tables, std::string_view bytes,
                                     store::Sealer* sealer = nullptr);

    // The state of detectors is not in a snapshot: after `restore`, and before the entries that
    // follow it, they read the entries from here up to where it was taken, and tell nothing of it.
    // What was told of a rhythm stands meanwhile. None: there is nothing to read.
    std::optional<Position> warm_up_from() const;
    void warm_up(const store::Entry& entry);
    static constexpr Nanoseconds warm_up_time = std::chrono::minutes(1);

    // A place from which nothing has come for so long is watched no more.
    static constexpr Nanoseconds place_kept = std::chrono::minutes(1);

private:
    struct Stored;  // of a snapshot
    Result<void> take_people(Stored& all, store::Sealer* sealer);
    Result<void> take_monitors(Stored& all, store::Sealer* sealer);

    struct Patient {
        std::string unit{}, birth_date{};
        bool in_bed = false;
        std::size_t devices = 0;  // on them now
    };
    struct Device {
        identity::DeviceAssociations associations{};
        PatientId on{};
        Timestamp turn = Timestamp::max();  // when its association begins or ends by itself
    };

    void tick(const Cause& cause);
    void on_batch(const store::Entry& entry, const Cause& cause);
    void on_act(const store::Entry& entry, const Cause& cause);
    void take(const identity::Act& act, const Cause& cause);
    void take(const identity::Patient& patient, std::string_view by, const Cause& cause);
    void take(const identity::Act& act, const identity::DeviceAssociated& body, const Cause& cause);
    void take(const AlarmAct& act, const Cause& cause);
    void change_profiles(const AlarmAct& act, const Cause& cause);

    PatientMonitor& watch(const Subject& subject, const Cause& cause);
    void place_device(DeviceId number, const Person& who, const Cause& cause);
    void renew_settings(PatientMonitor& monitor, std::string_view by, const Cause& cause);
    void leave_if_gone(const Subject& subject, const Cause& cause);
    void leave_silent_places(const Cause& cause);
    void gather(PatientMonitor& monitor);
    // What was found of somebody is told to the alarms of theirs.
    void hand_on(PatientMonitor& monitor, const Cause& cause);
    void remember_position(const Cause& cause);
    void stop_watching(const Subject& subject);
    void schedule(DeviceId number, Device& device, Timestamp now);
    void forget(PatientId erased);

    const MonitorTables* tables_;
    UnitProfiles profiles_;
    EventRecorder site_events_{Subject{}};  // of the profiles
    std::map<PatientId, Patient> patients_;
    std::map<DeviceId, Device> devices_;
    std::map<Subject, PatientMonitor> monitors_;
    std::map<PatientId, PatientScores> scores_;  // of those who have a monitor
    std::map<Subject, PatientSignals> signals_;  // the same, and of places
    std::vector<Finding> found_;                 // within a call
    // Where the log stood then, every ten seconds of the last minute or so.
    std::deque<std::pair<Timestamp, Position>> recent_;
    std::set<std::pair<Timestamp, DeviceId>> turns_;
    std::map<DeviceId, Timestamp> places_;  // when something came from there last
    std::set<Subject> leaving_;             // watched until nothing of theirs stands any more
    Timestamp ticked_ = Timestamp::min();   // the second of the last tick
    std::vector<AlarmEvent> events_;
    Batch batch_;
    std::uint64_t unread_ = 0;
};

}  // namespace vigil::monitor
