#pragma once
// What is trained on: annotated WFDB records of two leads, and how the reader sees them.

#include <string>
#include <vector>

#include "signal/ecg/beat.hpp"
#include "signal/evaluation/reference_beats.hpp"

namespace vigil::tools {

struct Recording {
    std::string name;
    double hz = 0;
    std::vector<std::vector<float>> leads;  // mV
    ecg::Reference reference;
    std::int64_t samples() const { return static_cast<std::int64_t>(leads[0].size()); }
};
std::vector<Recording> recordings_of(const std::string& folder);

// The two leads together, the first alone, the second alone.
enum class View : std::uint8_t { both, first, second };

// Every candidate of QRS complexes in it: what speaks for it, and whether a beat is annotated
// there. Every beat that was found: its features, and the annotated class; none where there is no
// beat.
struct Seen {
    std::vector<std::vector<float>> candidates;
    std::vector<bool> is_beat;
    std::vector<std::vector<float>> beats;
    std::vector<std::optional<ecg::BeatClass>> classes;
};
Seen look_at(const Recording& recording, View view);

std::vector<ecg::Beat> read(const Recording& recording, View view);

}  // namespace vigil::tools
