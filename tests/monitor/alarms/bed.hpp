#pragma once
// A bed with its monitor: readings come in second by second, as a log would bring them.

#include <string>
#include <string_view>
#include <vector>

#include "metric/unit.hpp"
#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {

inline const Catalogue& the_catalogue() {
    static const Catalogue catalogue;
    return catalogue;
}
inline const MonitorTables& the_tables() {
    static const MonitorTables tables(the_catalogue());
    return tables;
}

inline FiledReading numeric(std::string_view metric, Decimal value, Timestamp filed,
                            std::uint32_t status = 0) {
    FiledReading out;
    out.reading.metric = the_catalogue().find(metric)->id;
    out.reading.status = status;
    out.reading.value = NumericValue{value, the_catalogue().find(metric)->unit};
    out.filed_time = filed;
    return out;
}

class Bed {
public:
    explicit Bed(AgeClass age = AgeClass::adult, bool age_known = true,
                 Subject subject = {PatientId{7}, {}})
        : monitor(the_tables(), subject, age, age_known, the_tables().limits.defaults(age),
                  Cause{{0, 1}, start()}) {}

    static Timestamp start() { return from_unix_ns(1'800'000'000'000'000'000); }
    static Timestamp time(std::int64_t second) { return start() + std::chrono::seconds(second); }
    Cause cause() { return {{0, ++position}, time(now)}; }

    // The clock goes on, with a tick each second.
    void tick(std::int64_t to) {
        while (now < to) {
            ++now;
            monitor.on_tick(cause());
        }
    }
    void read(std::string_view metric, std::int64_t value, std::uint32_t device = 1,
              std::uint32_t status = 0) {
        monitor.on_reading(DeviceId{device}, numeric(metric, {value, 0}, time(now), status),
                           cause());
    }
    // Each second from now on, up to `to`: the value, after the tick.
    void values(std::string_view metric, std::int64_t value, std::int64_t to,
                std::uint32_t device = 1) {
        while (now < to) {
            tick(now + 1);
            read(metric, value, device);
        }
    }
    Result<void> act(AlarmAct::Body body, std::string by = "nia", std::string reason = "a reason") {
        return monitor.on_act({time(now), std::move(by), std::move(reason), std::move(body)},
                              cause());
    }
    void find(std::string_view condition, bool present = true, std::uint32_t device = 1) {
        monitor.on_finding(
            {the_tables().conditions.id_of(condition), DeviceId{device}, present, time(now), {}},
            cause());
    }
    const Alarm* alarm(std::string_view condition) const {
        for (const auto& alarm : monitor.alarms().alarms())
            if (alarm.condition.condition == the_tables().conditions.id_of(condition))
                return &alarm;
        return nullptr;
    }
    Subject subject() const { return monitor.subject(); }

    // "15 onset spo2_low" since the last call.
    std::vector<std::string> said() {
        std::vector<std::string> lines;
        for (const auto& event : monitor.take_events()) {
            events.push_back(event);
            auto line = std::to_string((event.time - start()) / std::chrono::seconds(1)) + " " +
                        std::string(to_string(event.type));
            if (const auto* condition = the_tables().conditions.find(event.condition.condition))
                line += " " + condition->key;
            lines.push_back(line);
        }
        return lines;
    }
    // Written down and read back, as a restart does.
    void restart() {
        auto restored = PatientMonitor::restore(the_tables(), monitor.snapshot(),
                                                the_tables().limits.defaults(AgeClass::adult));
        monitor = std::move(restored.value());
    }

    PatientMonitor monitor;
    std::vector<AlarmEvent> events;
    std::int64_t now = 0;
    std::uint64_t position = 1;
};

inline ConditionId condition(std::string_view key) {
    return the_tables().conditions.id_of(key);
}

}  // namespace vigil::monitor
