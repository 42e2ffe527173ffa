#include "app/evaluate_ecg_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>

#include "app/read_file.hpp"
#include "base/json_writer.hpp"
#include "codec/wfdb/record.hpp"
#include "signal/rhythm/rhythm_watch.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view annotator_out =
    "vigil";  // extension of the annotations that are written

// ECG is what is measured in volts and sampled as fast as an ECG is: pressures and pleth are not.
std::vector<const wfdb::RecordedSignal*> ecg_leads(const wfdb::Record& record, std::size_t most) {
    std::vector<const wfdb::RecordedSignal*> leads;
    for (const auto& signal : record.signals) {
        if (!signal.signal.units.ends_with('V') || signal.hz < ecg::sample_hz_min) continue;
        const bool same = leads.empty() || (leads[0]->hz == signal.hz &&
                                            leads[0]->samples.size() == signal.samples.size());
        if (same && leads.size() < most) leads.push_back(&signal);
    }
    return leads;
}

// By the names that PhysioNet's databases use; a pleth before a pressure, which is invasive.
const wfdb::RecordedSignal* pulse_signal(const wfdb::Record& record) {
    constexpr double hz_min = 30, hz_max = 1000;  // of pleth::PulseDetector
    for (const std::string_view wanted : {"PLETH", "ABP", "ART"})
        for (const auto& signal : record.signals)
            if (signal.signal.description == wanted && signal.hz >= hz_min && signal.hz <= hz_max)
                return &signal;
    return nullptr;
}

double millivolts_per_unit(std::string_view units) {
    constexpr double volt = 1000, microvolt = 0.001;
    if (units == "V") return volt;
    return units == "uV" ? microvolt : 1;
}

std::vector<float> samples_of(const wfdb::RecordedSignal& signal, double scale) {
    std::vector<float> samples;
    samples.reserve(signal.samples.size());
    for (const auto sample : signal.samples)
        samples.push_back(sample == wfdb::missing
                              ? std::numeric_limits<float>::quiet_NaN()
                              : static_cast<float>(signal.physical(sample) * scale));
    return samples;
}

std::uint8_t code_of(ecg::BeatClass beat_class) {
    constexpr std::uint8_t supraventricular = 9, fusion = 6, unclassifiable = 13;
    switch (beat_class) {
        case ecg::BeatClass::supraventricular:
            return supraventricular;
        case ecg::BeatClass::ventricular:
            return wfdb::code::premature_ventricular;
        case ecg::BeatClass::fusion:
            return fusion;
        case ecg::BeatClass::unclassifiable:
            return unclassifiable;
        case ecg::BeatClass::normal:
            break;
    }
    return wfdb::code::normal;
}

Result<void> write_file(const fs::path& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << bytes;
    file.close();
    if (!file) return fail(Error::Kind::internal, "cannot be written", path.string());
    return {};
}

}  // namespace

Result<EcgRecording> read_recording(const std::string& folder, const std::string& name,
                                    std::size_t leads) {
    VIGIL_TRY(record, wfdb::decode_record(name, [&](std::string_view file) {
                  return read_file((fs::path(folder) / file).string());
              }));
    const auto found = ecg_leads(record, leads);
    if (found.empty())
        return fail(Error::Kind::unsupported,
                    fmt::format("has no ECG: no signal in volts of at least {} samples a second",
                                ecg::sample_hz_min));
    EcgRecording recording{.name = name,
                           .frame_hz = record.frame_hz,
                           .hz = found[0]->hz,
                           .lead_names = {},
                           .mv = {},
                           .pulse_hz = 0,
                           .pulse = {},
                           .info = record.info};
    for (const auto* lead : found) {
        recording.lead_names.push_back(lead->signal.description);
        recording.mv.push_back(samples_of(*lead, millivolts_per_unit(lead->signal.units)));
    }
    if (const auto* pulse = pulse_signal(record)) {
        recording.pulse_hz = pulse->hz;
        recording.pulse = samples_of(*pulse, 1);
    }
    return recording;
}

Result<EcgReading> read_ecg(const EcgRecording& recording) {
    VIGIL_TRY(watch, rhythm::RhythmWatch::make(recording.hz, recording.mv.size()));
    EcgReading reading;
    const auto second = recording.mv.size() > 1 ? std::span<const float>(recording.mv[1])
                                                : std::span<const float>();
    const auto began = std::clock();
    watch.feed(recording.mv[0], second, reading.beats, reading.events);
    watch.finish(reading.beats, reading.events);
    reading.processor_s = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    if (recording.pulse_hz > 0) {
        pleth::PulseDetector pulses(recording.pulse_hz);
        for (const float sample : recording.pulse) pulses.add(sample, reading.pulses);
    }
    if (recording.frame_hz == recording.hz) return reading;
    for (auto& beat : reading.beats) {  // several samples a frame
        const double at = ecg::seconds(beat, recording.hz) * recording.frame_hz;
        beat.sample = std::llround(at);
        beat.fraction = static_cast<float>(at - static_cast<double>(beat.sample));
    }
    return reading;
}

Result<std::vector<wfdb::Annotation>> read_reference(const std::string& folder,
                                                     const EcgRecording& recording,
                                                     const std::string& annotator) {
    const auto file = recording.name + "." + annotator;
    const auto bytes = read_file((fs::path(folder) / file).string());
    if (!bytes) return fail(Error::Kind::not_found, "has no annotations " + file);
    VIGIL_TRY(annotations, wfdb::decode_annotations(*bytes));
    if (annotations.resolution_hz > 0)
        for (auto& annotation : annotations.list)
            annotation.sample = std::llround(static_cast<double>(annotation.sample) *
                                             recording.frame_hz / annotations.resolution_hz);
    return std::move(annotations.list);
}

Result<void> write_beats(const std::string& folder, const EcgRecording& recording,
                         const std::vector<ecg::Beat>& beats) {
    std::string lines;
    wfdb::Annotations annotations;
    for (const auto& beat : beats) {
        JsonWriter json(lines);
        json.begin_object()
            .member("sample", beat.sample)
            .member("time", ecg::seconds(beat, recording.frame_hz))
            .member("class", std::string_view(std::string(1, letter(beat.beat_class))))
            .end_object();
        lines += '\n';
        annotations.list.push_back({.sample = beat.sample, .code = code_of(beat.beat_class)});
    }
    VIGIL_CHECK(write_file(fs::path(folder) / (recording.name + ".jsonl"), lines));
    return write_file(fs::path(folder) / fmt::format("{}.{}", recording.name, annotator_out),
                      wfdb::encode(annotations));
}

}  // namespace vigil::app
