#pragma once
// Whoever watches, and what is kept of events, in memory.

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "monitor/alarms/unit_profiles.hpp"
#include "share/alarms/watch.hpp"
#include "store/events.hpp"
#include "store/log.hpp"

namespace vigil::share {

class MemoryEvents final : public store::EventStore {
public:
    void keep(std::vector<store::KeptEvent> events, store::Applied, store::Done done) override {
        for (auto& event : events) all.push_back(std::move(event));
        done({});
    }
    Result<void> read(const store::Access& access, const store::EventQuery& query,
                      const std::function<bool(const store::KeptEvent&)>& visit) override {
        for (auto event = all.rbegin(); event != all.rend(); ++event)
            if (access.covers(event->subject) &&
                (!query.subject || *query.subject == event->subject) &&
                (!query.before || event->position < query.before->second) && !visit(*event))
                break;
        return {};
    }
    void forget(Timestamp, store::DoneWith<bool> done) override { done(false); }

    std::vector<store::KeptEvent> all;  // oldest first
};

// Shows what a test puts there; acts are in force, or refused, at once.
class StageWatch final : public Watch {
public:
    StageWatch(const Catalogue& catalogue, store::Log& log)
        : tables_(catalogue), log_(log), site_(tables_) {}

    const std::map<monitor::Subject, monitor::BedState>& beds() const override { return shown; }
    const monitor::MonitorTables& tables() const override { return tables_; }
    Timestamp as_of() const override { return now; }
    Nanoseconds behind(Timestamp) const override { return late; }
    void give(const monitor::AlarmAct& act, Done done) override {
        given.push_back(act);
        const auto body = monitor::encode(act);
        log_.append(store::EntryKind::act, monitor::subject(act).patient, {}, body);
        if (refusal) return done(tl::unexpected(*refusal));
        apply(monitor::subject(act).patient, body);
        if (std::holds_alternative<monitor::DisplayExpected>(act.body)) show(monitor::subject(act));
        done(site_.take_events());
    }
    void ask(std::function<void(const monitor::SiteWatch&)> question) override { question(site_); }

    // The patient is in a bed, and has been since the first entry of the log.
    void admit(const identity::Patient& patient) {
        const identity::Act act{
            .recorded = now, .by = "admin", .body = identity::PatientAdded{patient}};
        apply(patient.id, identity::encode(act));
        show({patient.id, {}});
    }

    std::map<monitor::Subject, monitor::BedState> shown;
    std::vector<monitor::AlarmAct> given;
    std::optional<Error> refusal;
    Timestamp now{};
    Nanoseconds late{};

private:
    void show(const monitor::Subject& subject) {
        if (const auto* monitor = site_.find(subject))
            shown[subject] = monitor::bed_of(*monitor, tables_, now);
    }
    void apply(PatientId subject, const std::string& act) {
        site_.apply({.position = {0, ++offset_},
                     .commit_time = now,
                     .kind = store::EntryKind::act,
                     .subject = subject,
                     .identity = {},
                     .body = act});
    }

    monitor::MonitorTables tables_;
    store::Log& log_;
    monitor::SiteWatch site_;
    std::uint64_t offset_ = 0;
};

}  // namespace vigil::share
