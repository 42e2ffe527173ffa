#pragma once
// What happens to a simulated patient, as data: a list of moments and what changes then.
//
//     scenario desaturation: The airway slips, is noticed and put right
//       0s    over 2m   saturation -16  respiratory_rate +4
//       4m    over 90s  saturation 0    respiratory_rate 0
//       6m    play sensor_off
//
// A value is an offset from the patient's own baseline, so 0 means recovered.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "simulate/physiology.hpp"

namespace vigil::simulate {

struct Change {
    Quantity quantity;
    double offset;
};

struct Step {
    Nanoseconds at{}, over{};
    std::vector<Change> changes{};
    std::optional<Rhythm> rhythm{};
    std::optional<bool> leads{}, probe{}, link{};
};

struct Scenario {
    std::string name, description;
    std::vector<Step> steps;  // by `at`
};

// Reads scenarios as text; `play` names one that stands before in the same text or is built in.
Result<std::vector<Scenario>> parse_scenarios(std::string_view text);

const std::vector<Scenario>& built_in_scenarios();  // data/scenarios.txt
const Scenario* find_scenario(std::string_view name);

// Both at once, the second `delay` after the first.
Scenario together(const Scenario& first, const Scenario& second, Nanoseconds delay = {});

std::string_view name(Rhythm rhythm);  // "atrial_fibrillation"

// A scenario on its way.
class Course {
public:
    Course(Scenario scenario, Timestamp start);

    // Goes on to `now`: applies rhythm and attachments that are due and adds the offsets of now.
    void advance(Timestamp now, Quantities& offsets, Rhythm& rhythm, Attachments& attachments);
    // All steps are done and nothing is offset any more.
    bool over(Timestamp now) const;

private:
    struct Ramp {
        double from = 0, to = 0;
        Timestamp start{}, end{};
        double at(Timestamp now) const;
    };
    Scenario scenario_;
    Timestamp start_;
    std::size_t next_ = 0;
    std::array<Ramp, quantity_count> ramps_{};
};

}  // namespace vigil::simulate
