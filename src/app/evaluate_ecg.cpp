#include "app/evaluate_ecg.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "app/evaluate_ecg_recording.hpp"

namespace vigil::app {
namespace {

namespace fs = std::filesystem;

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

class Evaluator {
public:
    explicit Evaluator(const EvaluateEcgOptions& options) : options_(options) {
        result_.table = options.table == "bxb" ? ecg::ClassTable::bxb : ecg::ClassTable::papers;
        result_.from_s = options.from_s;
    }

    Result<void> run();
    const EcgEvaluation& result() const { return result_; }

private:
    // The error is of what ends it all.
    Result<void> evaluate(const std::string& name);
    Result<void> compare(const EcgRecording& recording, const EcgReading& reading,
                         EvaluatedRecord& record) const;
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
    const auto recording =
        read_recording(options_.folder, name, static_cast<std::size_t>(options_.leads));
    if (!recording) {
        skip(name, recording.error().message);
        return {};
    }
    const auto reading = read_ecg(*recording);
    if (!reading) {
        skip(name, reading.error().message);
        return {};
    }
    result_.reading_s += reading->processor_s;
    for (const auto& lead : recording->mv) result_.samples += lead.size();
    if (!options_.beats_out.empty())
        VIGIL_CHECK(write_beats(options_.beats_out, *recording, reading->beats));
    EvaluatedRecord record{.name = name,
                           .leads = recording->lead_names,
                           .beats = std::nullopt,
                           .rhythms = {},
                           .alarm = std::nullopt};
    if (const auto label = rhythm::alarm_label(recording->info))
        record.alarm = {.label = *label,
                        .verdict = judge_alarm(label->condition, reading->events, reading->beats,
                                               recording->frame_hz, reading->pulses)};
    const auto compared = compare(*recording, *reading, record);
    if (compared || record.alarm)
        result_.records.push_back(std::move(record));
    else
        skip(name, compared.error().message);
    return {};
}

// With the annotations. The error says why it cannot be.
Result<void> Evaluator::compare(const EcgRecording& recording, const EcgReading& reading,
                                EvaluatedRecord& record) const {
    VIGIL_TRY(annotations, read_reference(options_.folder, recording, options_.annotator));
    const double hz = recording.frame_hz, length_s = recording.length_s();
    if (options_.from_s >= length_s)
        return fail(Error::Kind::not_found, fmt::format("ends before {} s, where scoring begins: "
                                                        "see --from",
                                                        options_.from_s));
    const auto beats = ecg::reference_of(annotations, result_.table);
    const auto rhythms = rhythm::rhythms_of(annotations, hz, length_s);
    if (!rhythms.has_beats && !rhythms.has_rhythms)
        return fail(Error::Kind::not_found, "has neither beats nor rhythms annotated");
    if (rhythms.has_beats)
        record.beats = measure_beats(recording.name, beats, reading.beats, {},
                                     {.sample_hz = hz,
                                      .begin = std::llround(options_.from_s * hz),
                                      .end = std::llround(length_s * hz)});
    record.rhythms = measure_rhythms(rhythms, reading.beats, hz, reading.events,
                                     {.from_s = options_.from_s, .to_s = length_s});
    return {};
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
