#include "app/evaluate_ecg.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include "app/read_file.hpp"
#include "base/json_writer.hpp"
#include "codec/wfdb/annotations.hpp"
#include "codec/wfdb/record.hpp"
#include "signal/ecg/beat_reader.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view annotator_out =
    "vigil";  // extension of the annotations that are written

Result<std::vector<std::string>> records_of(const std::string& folder) {
    std::error_code failure;
    if (!fs::is_directory(folder, failure))
        return fail(Error::Kind::not_found, "there is no such folder", folder);
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder, failure))
        if (entry.path().extension() == ".hea") names.push_back(entry.path().stem().string());
    if (failure) return fail(Error::Kind::not_found, "the folder cannot be read", folder);
    if (names.empty())
        return fail(
            Error::Kind::not_found,
            "there are no WFDB records in the folder: name one with files NAME.hea, NAME.dat "
            "and NAME.atr",
            folder);
    std::ranges::sort(names);
    return names;
}

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

double millivolts_per_unit(std::string_view units) {
    constexpr double volt = 1000, microvolt = 0.001;
    if (units == "V") return volt;
    return units == "uV" ? microvolt : 1;
}

std::vector<float> samples_of(const wfdb::RecordedSignal& signal) {
    const double scale = millivolts_per_unit(signal.signal.units);
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

// Beats by the frames of the record, as its annotations count.
Result<void> write_beats(const std::string& folder, const std::string& name,
                         std::span<const ecg::Beat> beats, double frame_hz) {
    std::string lines;
    wfdb::Annotations annotations;
    for (const auto& beat : beats) {
        JsonWriter json(lines);
        json.begin_object()
            .member("sample", beat.sample)
            .member("time", ecg::seconds(beat, frame_hz))
            .member("class", std::string_view(std::string(1, letter(beat.beat_class))))
            .end_object();
        lines += '\n';
        annotations.list.push_back({.sample = beat.sample, .code = code_of(beat.beat_class)});
    }
    VIGIL_CHECK(write_file(fs::path(folder) / (name + ".jsonl"), lines));
    return write_file(fs::path(folder) / fmt::format("{}.{}", name, annotator_out),
                      wfdb::encode(annotations));
}

class Evaluator {
public:
    explicit Evaluator(const EvaluateEcgOptions& options) : options_(options) {
        result_.table = options.table == "bxb" ? ecg::ClassTable::bxb : ecg::ClassTable::papers;
        result_.from_s = options.from_s;
    }

    Result<void> run();
    const EcgEvaluation& result() const { return result_; }

private:
    Result<void> evaluate(const std::string& name);
    std::vector<ecg::Beat> read(std::span<const wfdb::RecordedSignal* const> leads,
                                ecg::BeatReader& reader, double frame_hz);
    void skip(const std::string& name, std::string why) {
        result_.skipped.push_back({.record = name, .why = std::move(why)});
    }

    const EvaluateEcgOptions& options_;
    EcgEvaluation result_;
};

Result<void> Evaluator::run() {
    VIGIL_TRY(names, records_of(options_.folder));
    if (!options_.beats_out.empty()) {
        std::error_code failure;
        fs::create_directories(options_.beats_out, failure);
        if (failure)
            return fail(Error::Kind::internal,
                        "the folder for the beats cannot be made: " + failure.message(),
                        options_.beats_out);
    }
    const bool is_watched = ::isatty(STDERR_FILENO) != 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (is_watched)
            fmt::print(stderr, "\rreading {} ({} of {}) ", names[i], i + 1, names.size());
        VIGIL_CHECK(evaluate(names[i]));
    }
    if (is_watched) fmt::print(stderr, "\r{:40}\r", "");
    if (!result_.records.empty()) return {};
    return fail(Error::Kind::not_found,
                fmt::format("none of the {} records could be scored; the first, {}: {}",
                            names.size(), result_.skipped[0].record, result_.skipped[0].why),
                options_.folder);
}

// A record that cannot be scored is named and left out; what cannot be written ends it all.
Result<void> Evaluator::evaluate(const std::string& name) {
    const fs::path folder(options_.folder);
    const auto reference_path = folder / (name + "." + options_.annotator);
    const auto reference_bytes = read_file(reference_path.string());
    const bool is_annotated = reference_bytes.has_value();
    if (!is_annotated && options_.beats_out.empty()) {
        skip(name, "has no annotations " + reference_path.filename().string());
        return {};
    }
    const auto record = wfdb::decode_record(
        name, [&](std::string_view file) { return read_file((folder / file).string()); });
    if (!record) {
        skip(name, record.error().message);
        return {};
    }
    const auto leads = ecg_leads(*record, static_cast<std::size_t>(options_.leads));
    if (leads.empty()) {
        skip(name, fmt::format("has no ECG: no signal in volts of at least {} samples a second",
                               ecg::sample_hz_min));
        return {};
    }
    auto reader = ecg::BeatReader::make(leads[0]->hz, leads.size());
    if (!reader) {
        skip(name, reader.error().message);
        return {};
    }
    const auto beats = read(leads, *reader, record->frame_hz);
    if (!options_.beats_out.empty())
        VIGIL_CHECK(write_beats(options_.beats_out, name, beats, record->frame_hz));
    if (!is_annotated) {
        skip(name, "has no annotations " + reference_path.filename().string());
        return {};
    }
    const auto annotations = wfdb::decode_annotations(*reference_bytes);
    if (!annotations) {
        skip(name, annotations.error().message);
        return {};
    }
    const double frames =
        static_cast<double>(leads[0]->samples.size()) / leads[0]->hz * record->frame_hz;
    const ecg::ComparisonSettings settings{
        .sample_hz = record->frame_hz,
        .begin = std::llround(options_.from_s * record->frame_hz),
        .end = std::llround(frames)};
    if (settings.begin >= settings.end) {
        skip(name,
             fmt::format("ends before {} s, where scoring begins: see --from", options_.from_s));
        return {};
    }
    auto reference = annotations->list;
    if (annotations->resolution_hz > 0)
        for (auto& annotation : reference)
            annotation.sample = std::llround(static_cast<double>(annotation.sample) *
                                             record->frame_hz / annotations->resolution_hz);
    result_.records.push_back(
        ecg::measure_beats(name, ecg::reference_of(reference, result_.table), beats, {}, settings));
    auto& names = result_.leads.emplace_back();
    for (const auto* lead : leads) names.push_back(lead->signal.description);
    return {};
}

std::vector<ecg::Beat> Evaluator::read(std::span<const wfdb::RecordedSignal* const> leads,
                                       ecg::BeatReader& reader, double frame_hz) {
    const auto first = samples_of(*leads[0]);
    const auto second = leads.size() > 1 ? samples_of(*leads[1]) : std::vector<float>();
    std::vector<ecg::Beat> beats;
    const auto began = std::clock();
    reader.feed(first, second, beats);
    reader.finish(beats);
    result_.reading_s += static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    result_.samples += first.size() + second.size();
    const double frames_per_sample = frame_hz / leads[0]->hz;
    if (frames_per_sample == 1) return beats;
    for (auto& beat : beats) {  // several samples a frame
        const double at = ecg::seconds(beat, leads[0]->hz) * frame_hz;
        beat.sample = std::llround(at);
        beat.fraction = static_cast<float>(at - static_cast<double>(beat.sample));
    }
    return beats;
}

}  // namespace

int evaluate_ecg(const EvaluateEcgOptions& options, Output output) {
    Evaluator evaluator(options);
    const auto ran = evaluator.run();
    for (const auto& skipped : evaluator.result().skipped)
        fmt::print(stderr, "vigil: {}: {}: left out\n", skipped.record, skipped.why);
    if (!ran) return report(ran.error());
    fmt::print("{}", output.json ? json_of(evaluator.result()) : text_of(evaluator.result()));
    return 0;
}

}  // namespace vigil::app
