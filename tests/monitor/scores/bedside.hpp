#pragma once
// What tests of a patient's scores share: a bedside at which devices send and a nurse charts.

#include <string>
#include <string_view>
#include <vector>

#include "monitor/scores/score_state.hpp"
#include "monitor/scores/ward.hpp"

namespace vigil::monitor {

inline const DeviceId monitor_device{7};
inline const DeviceId nurse{9};

inline FiledReading reading(std::string_view key, std::string_view value, Timestamp time,
                            std::uint32_t status = 0) {
    FiledReading made;
    made.reading.metric = metric(key);
    made.reading.status = status;
    const auto decimal = parse_decimal(value);
    if (decimal)
        made.reading.value =
            NumericValue{.value = *decimal, .unit = {}, .special = SpecialValue::none};
    else
        made.reading.value = EventValue{.code = std::string(value), .text = {}};
    made.filed_time = time;
    return made;
}

// A bedside with a state, and what it said last.
class Bedside {
public:
    explicit Bedside(PatientFacts patient = adult()) : state(built_in()) {
        note(state.set_patient(std::move(patient), noon));
    }
    void take(DeviceId device, const std::vector<FiledReading>& readings, Timestamp now) {
        note(state.apply(device, readings, now));
    }
    void tick(Timestamp now) { note(state.advance(now)); }
    // A nurse charts a set at once.
    void chart(const News2Set& set, Timestamp time) {
        std::vector<FiledReading> all;
        const auto add = [&](const char* key, const std::string& value) {
            if (!value.empty()) all.push_back(reading(key, value, time, status::manual));
        };
        add("resp_rate", set.respiration_rate);
        add("spo2", set.spo2);
        add("oxygen_therapy", set.oxygen);
        add("nibp_sys", set.systolic);
        add("heart_rate", set.pulse);
        add("avpu", set.consciousness);
        add("temp_body", set.temperature);
        take(nurse, all, time);
    }
    std::vector<ScoreUpdate> of(std::string_view score) const {
        std::vector<ScoreUpdate> found;
        for (const auto& update : updates)
            if (update.table == index_of(score)) found.push_back(update);
        return found;
    }

    ScoreState state;
    std::vector<ScoreUpdate> updates;

private:
    void note(std::vector<ScoreUpdate> more) {
        for (auto& update : more) updates.push_back(std::move(update));
    }
};

inline const News2Set usual{"16", "97", "air", "122", "78", "A", "36.8"};

// A monitor's run of one value a second.
inline void run(Bedside& bedside, std::string_view key, const std::vector<std::string>& values,
                Timestamp from, std::uint32_t status = 0) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto now = from + std::chrono::seconds(i);
        bedside.take(monitor_device, {reading(key, values[i], now, status)}, now);
    }
}

}  // namespace vigil::monitor
