#pragma once
// Telling less until everybody stands in a class large enough: the same hierarchy level for all
// persons (full-domain generalisation, Samarati 2001), and persons left out whose class is still
// too small. Every combination of levels is tried, from the least loss on; what loses the least
// wins. Simple on purpose: who receives the data can be told what was done in a line.

#include <cstdint>
#include <vector>

#include "fhir/deidentify/gate.hpp"
#include "fhir/deidentify/risk.hpp"

namespace vigil::fhir::deidentify {

struct GeneraliseLimits {
    double left_out_max = 0.05;  // share of the persons
    double sampling_fraction = 1;
};

struct Generalised {
    std::vector<std::uint8_t> levels;  // of each column
    Classes classes;
    Measures measures;         // of who is left
    std::size_t left_out = 0;  // persons
    // 0: nothing is lost, 1: everything. A level counts as its share of its column's, columns
    // alike; a person left out counts as all of theirs.
    double loss = 0;
};

// `limits`: where nothing reaches k and the marketer's risk within them, all is told at the last
// level and whoever is in a small class left out; what then fails, the gate says.
Generalised generalise(const RiskTable& table, const Gate& gate, const GeneraliseLimits& limits);

// All at the first level, and nobody left out.
Generalised as_it_is(const RiskTable& table, double sampling_fraction);

}  // namespace vigil::fhir::deidentify
