#pragma once
// `vigil evaluate ecg`: the ECG reader against annotated recordings, a report anyone can make
// (docs/guides/evaluate-ecg.md).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "signal/evaluation/alarm_record.hpp"
#include "signal/evaluation/beat_accuracy.hpp"
#include "signal/evaluation/rhythm_accuracy.hpp"

namespace vigil::app {

struct EvaluateEcgOptions {
    std::string folder;             // of WFDB records
    std::string annotator = "atr";  // extension of the reference annotations
    std::string table = "papers";   // or "bxb"
    std::string beats_out;          // folder for what was found; empty: not written
    int leads = 2;                  // at most
    double from_s = ecg::learning_s;
};
int evaluate_ecg(const EvaluateEcgOptions& options, Output output);

struct EvaluatedRecord {
    std::string name;
    std::vector<std::string> leads;          // that were read
    std::optional<ecg::BeatAccuracy> beats;  // none: no beats are annotated
    rhythm::RhythmAccuracy rhythms;
    struct Alarm {  // that a bedside monitor gave
        rhythm::AlarmLabel label;
        rhythm::AlarmVerdict verdict;
    };
    std::optional<Alarm> alarm;
};

// What became of a folder.
struct EcgEvaluation {
    ecg::ClassTable table = ecg::ClassTable::papers;
    double from_s = 0;
    std::vector<EvaluatedRecord> records;
    struct Skipped {
        std::string record, why;
    };
    std::vector<Skipped> skipped;
    std::uint64_t samples = 0;  // of all leads
    double reading_s = 0;       // processor time that beats and rhythms took
};
std::string text_of(const EcgEvaluation& evaluation);
std::string json_of(const EcgEvaluation& evaluation);

}  // namespace vigil::app
