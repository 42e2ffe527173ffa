#pragma once
// A server's log, written entry by entry and watched as it grows.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/alarms/bed.hpp"
#include "monitor/site_watch.hpp"

namespace vigil::monitor {

inline constexpr PatientId ada{1}, ben{2};
inline constexpr DeviceId bedside_monitor{11}, oximeter{12};

// What stands in the log, entry by entry, as it is fed to a watch.
struct Site {
    struct Kept {
        store::EntryKind kind;
        Timestamp time;
        PatientId subject;
        std::string body;
    };

    explicit Site(bool with_patients = true) {
        if (!with_patients) return;
        add(ada, "ICU 1", "1957-02-03");
        add(ben, "ICU 1", "");
    }

    void put(store::EntryKind kind, PatientId subject, std::string body) {
        log.push_back({kind, Bed::time(now), subject, std::move(body)});
        apply(watch, log.size());
        for (auto& event : watch.take_events()) events.push_back(std::move(event));
    }
    store::Entry entry(std::size_t offset) const {
        const auto& kept = log[offset - 1];
        return {.position = {0, offset},
                .commit_time = kept.time,
                .kind = kept.kind,
                .subject = kept.subject,
                .identity = {},
                .body = kept.body};
    }
    void apply(SiteWatch& to, std::size_t offset) const { to.apply(entry(offset)); }
    void act(identity::Act::Body body) {
        const identity::Act made{
            .recorded = Bed::time(now), .by = "nurse", .body = std::move(body)};
        put(store::EntryKind::act, identity::subject(made), identity::encode(made));
    }
    void alarm_act(AlarmAct::Body body, std::string by = "nurse") {
        const AlarmAct made{.recorded = Bed::time(now),
                            .by = std::move(by),
                            .reason = "seen at the bed",
                            .body = std::move(body)};
        put(store::EntryKind::act, subject(made).patient, encode(made));
    }
    static identity::Patient patient(PatientId id, std::string unit, std::string birth_date) {
        return {.id = id,
                .display_name = "Test",
                .identifier = {},
                .birth_date = std::move(birth_date),
                .sex = {},
                .unit = std::move(unit),
                .bed = {},
                .registered = Bed::start()};
    }
    void add(PatientId id, std::string unit, std::string birth_date) {
        act(identity::PatientAdded{patient(id, std::move(unit), std::move(birth_date))});
    }
    void move(PatientId id, std::string unit) {
        act(identity::PatientChanged{patient(id, std::move(unit), "1957-02-03")});
    }
    void associate(DeviceId device, PatientId on, std::int64_t from_s,
                   std::optional<std::int64_t> to_s = {}, bool correction = false) {
        act(identity::DeviceAssociated{.device = device,
                                       .patient = on,
                                       .from = Bed::time(from_s),
                                       .to = to_s ? Bed::time(*to_s) : identity::end_of_time,
                                       .correction = correction});
    }
    void read(DeviceId device, PatientId filed_under, std::string_view metric, std::int64_t value,
              std::int64_t measured_s) {
        send(device, filed_under, {numeric(metric, {value, 0}, Bed::time(measured_s))});
    }
    void send(DeviceId device, PatientId filed_under, std::vector<FiledReading> readings) {
        Batch batch;
        batch.device = device;
        batch.receive_time = Bed::time(now);
        batch.readings = std::move(readings);
        std::string body;
        encode(batch, body);
        put(store::EntryKind::batch, filed_under, std::move(body));
    }
    void values(DeviceId device, PatientId of, std::string_view metric, std::int64_t value,
                std::int64_t to_s) {
        while (now < to_s) {
            ++now;
            read(device, of, metric, value, now);
        }
    }
    void idle(std::int64_t to_s) {
        while (now < to_s) {
            ++now;
            put(store::EntryKind::tick, {}, "");
        }
    }

    // "1:onset spo2_low", of a place "L12:…".
    std::vector<std::string> said() {
        std::vector<std::string> out;
        for (const auto& event : std::exchange(events, {})) {
            const auto& subject = event.id.subject;
            const auto whose = subject.patient ? std::to_string(subject.patient.value)
                                               : "L" + std::to_string(subject.location.value);
            const auto* row = the_tables().conditions.find(event.condition.condition);
            out.push_back(whose + ":" + std::string(to_string(event.type)) +
                          (row != nullptr ? " " + row->key : ""));
        }
        return out;
    }
    const Alarm* alarm(const Subject& of, std::string_view condition) const {
        const auto* monitor = watch.find(of);
        if (monitor == nullptr) return nullptr;
        for (const auto& each : monitor->alarms().alarms())
            if (the_tables().conditions.find(each.condition.condition)->key == condition)
                return &each;
        return nullptr;
    }

    SiteWatch watch{the_tables()};
    std::deque<Kept> log;
    std::vector<AlarmEvent> events;
    std::int64_t now = 0;
};

inline const Subject of_ada{ada, {}}, of_ben{ben, {}};

}  // namespace vigil::monitor
