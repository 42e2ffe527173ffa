#pragma once
// What a score came to: never a plain number, but a number with its inputs, their times, what is
// missing, and the bounds of what that could make of it (clinical_scores §10 rule 1: an incomplete
// score has a lower and an upper bound, and is never shown as a total).

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "monitor/scores/tally.hpp"

namespace vigil::monitor {

// One value of one metric, as the patient's state or a person has it.
struct Measurement {
    struct Number {
        Decimal value;
        UnitId unit;  // 0: the metric's own
        bool operator==(const Number&) const = default;
    };
    MetricId metric;
    std::variant<Number, std::string> value;  // or the code or word of a level
    Timestamp time;
    DeviceId device{};
    bool by_person = false;
    std::uint16_t readings = 1;  // how many it is the median of
    Nanoseconds repeats{};       // between readings of an automatic cuff; 0: not known
    bool operator==(const Measurement&) const = default;
};

// A setting somebody made: dated and signed, else it does not count (NEWS2 SpO2 scale 2 is used
// only after a competent clinician decided so and wrote it down: RCP 2017).
struct ChosenSetting {
    std::string key, value;
    std::string by;
    Timestamp at;
    bool operator==(const ChosenSetting&) const = default;
};

struct PatientFacts {
    enum class Pregnancy : std::uint8_t { unknown, no, yes };
    std::optional<BirthDate> birth;
    Pregnancy pregnancy = Pregnancy::unknown;
    std::vector<ChosenSetting> settings;
    bool operator==(const PatientFacts&) const = default;
};

constexpr std::string_view pregnancy_setting = "pregnancy";
constexpr std::optional<PatientFacts::Pregnancy> parse_pregnancy(std::string_view word) {
    if (word == "unknown") return PatientFacts::Pregnancy::unknown;
    if (word == "no") return PatientFacts::Pregnancy::no;
    if (word == "yes") return PatientFacts::Pregnancy::yes;
    return std::nullopt;
}

// A set that a person took at one time, or a score that is kept up to date.
enum class Occasion : std::uint8_t { bedside_set, continuous };

enum class Applicability : std::uint8_t {
    applies,
    assumed_adult,  // the age is not known: computed as for an adult, and said so
    too_young,
    too_old,
    age_unknown,  // of a score for children
    pregnant
};
constexpr bool is_computed(Applicability applicability) {
    return applicability <= Applicability::assumed_adult;
}

enum class InputState : std::uint8_t {
    used,
    missing,
    too_old,
    implausible,  // outside the artefact limits of the metric's catalogue row
    unreadable,   // no such level here, no such unit, or a time that lies ahead
    undecided,    // used, but its points depend on another input that is missing
    apart         // both parts of a ratio are there, but not of the same minute
};
constexpr bool is_used(InputState state) {
    return state == InputState::used || state == InputState::undecided;
}

// Measured, but not known as what. (What is too old is as if it were not measured.)
constexpr bool is_open(InputState state) {
    return state == InputState::implausible || state == InputState::unreadable;
}

struct InputResult {
    InputState state = InputState::missing;
    std::optional<Measurement> measurement{};  // as it came; also of one that was not used
    std::optional<std::int64_t> value{};       // in steps of the input, or the level: what is used
    Nanoseconds age{}, age_max{};              // at the result's time; of the measurement
    bool operator==(const InputResult&) const = default;
};

struct SettingResult {
    std::uint8_t value = 0;
    std::optional<ChosenSetting> chosen;  // none: nobody chose, the first value holds
    bool operator==(const SettingResult&) const = default;
};

struct ScoreResult {
    Timestamp time;
    Occasion occasion = Occasion::continuous;
    Applicability applicability = Applicability::applies;
    std::vector<SettingResult> settings{};  // by setting of the table
    std::vector<InputResult> inputs{};      // by input
    Tally tally{};                          // points, bounds, bands; empty unless computed
    Facts facts{};                          // what the tally was made of

    bool complete() const { return tally.complete; }
    std::optional<std::int64_t> total() const { return complete() ? tally.least : std::nullopt; }
    bool operator==(const ScoreResult& other) const {
        return time == other.time && occasion == other.occasion &&
               applicability == other.applicability && settings == other.settings &&
               inputs == other.inputs && tally == other.tally;
    }
};

// A number of steps as the chart prints it: 361 at 0.1 is 36.1.
constexpr Decimal decimal_of(std::int64_t steps, std::int8_t exponent) {
    return {steps, exponent};
}

// The score of these measurements at this time. Of several measurements of a metric the newest
// counts (at equal times the last), unless the table wants the worst; of several metrics the first
// of the table that is up to date (clinical_scores §10 rule 5). In a bedside set what a person
// entered comes before what a device sent, for it is that person's set. Deterministic; measurements
// may be anything a device can say.
ScoreResult evaluate(const ScoreTable& table, const Catalogue& catalogue,
                     std::span<const Measurement> measurements, const PatientFacts& patient,
                     Timestamp at, Occasion occasion);

// By when the next observations are due, after those of the result: the longest interval that the
// band allows (of an incomplete score the band of its lower bound), after the newest value that a
// person entered (else the result's time). None where the band says nothing; the result's time
// where it says "continuous".
std::optional<Timestamp> next_observations_due(const ScoreTable& table, const ScoreResult& result);

}  // namespace vigil::monitor
