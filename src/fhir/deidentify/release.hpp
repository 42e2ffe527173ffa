#pragma once
// What is decided of a release once everybody was seen: how exactly things are told, who is left
// out, and whether it passes its gate.

#include <vector>

#include "fhir/deidentify/gate.hpp"
#include "fhir/deidentify/generalise.hpp"
#include "fhir/deidentify/survey.hpp"

namespace vigil::fhir::deidentify {

struct ReleaseSettings {
    Method method = Method::safe_harbor;
    Times times = Times::relative;
    Gate gate;
    std::vector<Quasi> quasi{all_quasi.begin(), all_quasi.end()};
    GeneraliseLimits limits;
    int shift_days_max = 365;
    Timestamp as_of;  // the day of the release: who is over 89 by then is told as 90 or older
};

struct Decision {
    Levels levels;
    WithheldCodes withheld;
    std::vector<Quasi> measured;  // in the order of the columns
    Measures measures;
    std::vector<GateLine> lines;
    std::size_t persons = 0;          // with a Patient
    std::size_t without_patient = 0;  // who are only referred to: nothing of theirs is released
    std::size_t left_out = 0;         // for their class is too small
    std::size_t over_89 = 0;
    double loss = 0;
    bool passes = false;
};

// Sets what the survey's persons are made to, and who of them is released. The limited data set is
// not generalised: who receives it has signed for its dates and places.
Decision decide(Survey& survey, Pseudonyms& pseudonyms, const ReleaseSettings& settings);

// The age that a person is told to be from `facts`: whether over 89, and since when.
Person person_of_facts(const PersonFacts& facts, Timestamp as_of);

}  // namespace vigil::fhir::deidentify
