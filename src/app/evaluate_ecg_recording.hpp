#pragma once
// A recording as `vigil evaluate ecg` takes it, and what is read in it.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "codec/wfdb/annotations.hpp"
#include "signal/ecg/beat.hpp"
#include "signal/pleth/pulse_detector.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::app {

struct EcgRecording {
    std::string name;
    double frame_hz = 0, hz = 0;          // of the record; of the leads
    std::vector<std::string> lead_names;  // one or two
    std::vector<std::vector<float>> mv;   // of each lead; NaN where there is none
    double pulse_hz = 0;                  // 0: there is no pleth and no arterial pressure
    std::vector<float> pulse;             // in the signal's own unit
    std::vector<std::string> info;        // comments of the header
    double length_s() const { return static_cast<double>(mv[0].size()) / hz; }
};
// At most so many leads. The error says why the record cannot be read.
Result<EcgRecording> read_recording(const std::string& folder, const std::string& name,
                                    std::size_t leads);

// With the record's frames as the beats' samples, as its annotations count.
struct EcgReading {
    std::vector<ecg::Beat> beats;
    std::vector<rhythm::RhythmEvent> events;
    std::vector<pleth::Pulse> pulses;
    double processor_s = 0;  // without the pulses
};
Result<EcgReading> read_ecg(const EcgRecording& recording);

// The reference of a record, its times in frames. `malformed`, or `not_found` without the file.
Result<std::vector<wfdb::Annotation>> read_reference(const std::string& folder,
                                                     const EcgRecording& recording,
                                                     const std::string& annotator);

// FOLDER/NAME.jsonl, a beat a line, and FOLDER/NAME.vigil, the same as WFDB annotations.
Result<void> write_beats(const std::string& folder, const EcgRecording& recording,
                         const std::vector<ecg::Beat>& beats);

}  // namespace vigil::app
