#pragma once
// What tests of scores share: the built-in tables, patients of some age, and measurements as one
// would say them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metric/unit.hpp"
#include "monitor/scores/score_result.hpp"
#include "monitor/scores/score_set.hpp"

namespace vigil::monitor {

inline const Catalogue& catalogue() {
    static const Catalogue all;
    return all;
}

inline const ScoreSet& built_in() {
    static const ScoreSet set(catalogue());
    return set;
}

inline const ScoreTable& table_of(std::string_view key) {
    const auto* table = built_in().find(key);
    if (table == nullptr) throw std::out_of_range(std::string(key));
    return *table;
}

inline std::size_t index_of(std::string_view key) {
    return static_cast<std::size_t>(&table_of(key) - built_in().tables().data());
}

inline Timestamp at(std::string_view time) {
    return parse_rfc3339(time).value().instant;
}

inline const Timestamp noon = at("2026-03-01T12:00:00Z");

inline MetricId metric(std::string_view key) {
    const auto* found = catalogue().find(key);
    if (found == nullptr) throw std::out_of_range(std::string(key));
    return found->id;
}

inline Measurement number(std::string_view key, std::string_view value, Timestamp time = noon,
                          std::string_view unit = {}) {
    return {.metric = metric(key),
            .value = Measurement::Number{parse_decimal(value).value(),
                                         unit.empty() ? UnitId{} : units::find(unit).value()},
            .time = time};
}

inline Measurement word(std::string_view key, std::string_view value, Timestamp time = noon) {
    return {.metric = metric(key), .value = std::string(value), .time = time, .by_person = true};
}

inline PatientFacts born(std::int16_t year, std::uint8_t month = 6, std::uint8_t day = 15) {
    PatientFacts patient;
    patient.birth = BirthDate{year, month, day};
    return patient;
}

inline PatientFacts adult() {
    return born(1956);
}

inline PatientFacts on_scale_2() {
    auto patient = adult();
    patient.settings.push_back(
        {"spo2_scale", "2", "Dr Amara Okafor", noon - std::chrono::hours(1)});
    return patient;
}

// The points by input, in the order of the chart; -1 where they are not certain.
inline std::vector<int> points_of(const ScoreResult& result) {
    std::vector<int> points;
    for (std::size_t i = 0; i < result.tally.inputs.size(); ++i) {
        const auto& span = result.tally.inputs[i];
        points.push_back(is_used(result.inputs[i].state) && span.certain() ? span.least : -1);
    }
    return points;
}

inline std::string band_of(const ScoreTable& table, const ScoreResult& result) {
    const auto& band = result.tally.band_least;
    return band ? table.bands[*band].key : "none";
}

inline std::string risk_of(const ScoreTable& table, const ScoreResult& result) {
    const auto& band = result.tally.band_least;
    return band ? table.bands[*band].risk : "none";
}

inline ScoreResult set_of(std::string_view score, const std::vector<Measurement>& measurements,
                          const PatientFacts& patient) {
    return evaluate(table_of(score), catalogue(), measurements, patient, noon,
                    Occasion::bedside_set);
}

// A bedside set of NEWS2, in the order of the chart; an empty text: not measured.
struct News2Set {
    std::string respiration_rate, spo2, oxygen, systolic, pulse, consciousness, temperature;

    std::vector<Measurement> measurements(Timestamp time = noon) const {
        std::vector<Measurement> all;
        if (!respiration_rate.empty()) all.push_back(number("resp_rate", respiration_rate, time));
        if (!spo2.empty()) all.push_back(number("spo2", spo2, time));
        if (!oxygen.empty()) all.push_back(word("oxygen_therapy", oxygen, time));
        if (!systolic.empty()) all.push_back(number("nibp_sys", systolic, time));
        if (!pulse.empty()) all.push_back(number("heart_rate", pulse, time));
        if (!consciousness.empty()) all.push_back(word("avpu", consciousness, time));
        if (!temperature.empty()) all.push_back(number("temp_body", temperature, time));
        return all;
    }
};

}  // namespace vigil::monitor
