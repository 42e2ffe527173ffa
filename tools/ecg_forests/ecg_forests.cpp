// Trains the forests by which heart beats are found and classified, on annotated recordings, and
// says how well they do on patients that they have never seen:
//
//   ecg_forests FOLDER            leaves out one record at a time and reads it with the others'
//   forests ecg_forests FOLDER --write DIR    also writes qrs_forest.cpp and class_forest.cpp
//   there, of all
//
// FOLDER holds WFDB records of two leads with beats in NAME.atr. docs/decisions/0041-ecg-beats.md.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>

#include "forests.hpp"
#include "recordings.hpp"
#include "signal/ecg/beat_features.hpp"
#include "signal/ecg/qrs_candidate.hpp"
#include "signal/evaluation/beat_accuracy.hpp"

namespace vigil::tools {
namespace {

constexpr std::array views{View::both, View::first, View::second};

// One row a candidate, or a beat, of all records and views.
struct Rows {
    std::vector<std::vector<float>> values;
    std::vector<std::size_t> record;
    std::vector<float> weight;
    std::vector<bool> label;
};

// What there is most of is thinned out and weighs the more: every `every`th.
class Thinned {
public:
    explicit Thinned(std::size_t every) : every_(every) {}
    float weight() { return count_++ % every_ == 0 ? static_cast<float>(every_) : 0; }

private:
    std::size_t every_, count_ = 0;
};

void add(Rows& rows, const std::vector<float>& values, std::size_t record, float weight,
         bool label) {
    if (!(weight > 0)) return;
    rows.values.push_back(values);
    rows.record.push_back(record);
    rows.weight.push_back(weight);
    rows.label.push_back(label);
}

struct Collected {
    Rows candidates, ventricular, supraventricular;
};

Collected collect(const std::vector<Recording>& recordings) {
    using enum ecg::BeatClass;
    Collected all;
    Thinned beats(4), peaks(3), normal_beats(5), others(5);
    constexpr float alone = 0.5F;  // one lead says less than two
    constexpr float missed = 2;    // a beat that is missed costs more than one too many
    for (std::size_t record = 0; record < recordings.size(); ++record)
        for (const auto view : views) {
            const auto seen = look_at(recordings[record], view);
            for (std::size_t i = 0; i < seen.candidates.size(); ++i)
                add(all.candidates, seen.candidates[i], record,
                    seen.is_beat[i] ? missed * beats.weight() : peaks.weight(), seen.is_beat[i]);
            const float share = view == View::both ? 1 : alone;
            for (std::size_t i = 0; i < seen.beats.size(); ++i) {
                // What is no beat is not to be called one of these either.
                const auto beat_class = seen.classes[i].value_or(normal);
                if (beat_class == fusion || beat_class == unclassifiable) continue;
                const bool is_v = beat_class == ventricular, is_s = beat_class == supraventricular;
                add(all.ventricular, seen.beats[i], record,
                    share * (is_v ? 1 : normal_beats.weight()), is_v);
                if (!is_v)
                    add(all.supraventricular, seen.beats[i], record, is_s ? 1 : others.weight(),
                        is_s);
            }
        }
    return all;
}

// A patient with a thousand ectopic beats is not to say what those of all others look like: what a
// record has of a kind counts with the square root of it.
void balance(Rows& rows) {
    std::map<std::pair<std::size_t, bool>, double> sums;
    for (std::size_t i = 0; i < rows.values.size(); ++i)
        sums[{rows.record[i], rows.label[i]}] += static_cast<double>(rows.weight[i]);
    constexpr double usual = 1000;
    for (std::size_t i = 0; i < rows.values.size(); ++i)
        rows.weight[i] *=
            static_cast<float>(std::sqrt(usual / sums[{rows.record[i], rows.label[i]}]));
}

// Of all records, and of all but one each.
struct Trained {
    Forest all;
    std::vector<Forest> without;
};

Trained train(const Rows& rows, std::size_t records, const std::vector<bool>& used,
              const BoostingSettings& settings) {
    const Table table(rows.values, used);
    Trained trained{.all = table.train(rows.label, rows.weight, settings), .without = {}};
    for (std::size_t left_out = 0; left_out < records; ++left_out) {
        auto weights = rows.weight;
        for (std::size_t i = 0; i < weights.size(); ++i)
            if (rows.record[i] == left_out) weights[i] = 0;
        trained.without.push_back(table.train(rows.label, weights, settings));
    }
    return trained;
}

constexpr BoostingSettings candidate_trees{
    .trees = 40, .shrinkage = 0.2, .l2 = 5, .leaf_min = 1, .feature_share = 0.7, .row_share = 0.7};
constexpr BoostingSettings ventricular_trees{.trees = 100};
constexpr BoostingSettings supraventricular_trees{
    .trees = 60, .l2 = 5, .leaf_min = 1, .feature_share = 1, .row_share = 1};

// How sure it is a beat is known too well of the records that the candidates' forest was trained
// on.
std::vector<bool> ventricular_features() {
    std::vector<bool> used(ecg::beat_features, true);
    used[static_cast<std::size_t>(ecg::BeatFeature::score)] = false;
    return used;
}

// A supraventricular beat is told by its time and likeness; by the noise around only the few
// patients are told that have many.
std::vector<bool> supraventricular_features() {
    auto used = ventricular_features();
    for (auto i = static_cast<std::size_t>(ecg::BeatFeature::background); i < used.size(); ++i)
        used[i] = false;
    return used;
}

void show(std::string_view name, const ecg::BeatAccuracy& accuracy) {
    const auto percentages = percentages_of(accuracy);
    const auto of = [&](ecg::Measure measure) {
        const auto value = percentages[static_cast<std::size_t>(measure)];
        return value ? fmt::format("{:.2f}", *value) : "-";
    };
    using enum ecg::Measure;
    fmt::print("{:8} QRS Se {:>6} +P {:>6}   VEB Se {:>6} +P {:>6}   SVEB Se {:>6} +P {:>6}\n",
               name, of(qrs_sensitivity), of(qrs_positive_predictivity), of(veb_sensitivity),
               of(veb_positive_predictivity), of(sveb_sensitivity), of(sveb_positive_predictivity));
}

// Each record read by the forests that `of` gives for it.
template <class Of>
void evaluate(const std::vector<Recording>& recordings, View view, bool each, std::string_view name,
              Of&& of) {
    std::vector<ecg::BeatAccuracy> list;
    for (std::size_t i = 0; i < recordings.size(); ++i) {
        const auto& recording = recordings[i];
        in_use() = of(i);
        list.push_back(
            measure_beats(recording.name, recording.reference, read(recording, view), {},
                          {.sample_hz = recording.hz,
                           .begin = static_cast<std::int64_t>(ecg::learning_s * recording.hz),
                           .end = recording.samples()}));
        if (each) show(recording.name, list.back());
    }
    show(name, gross(list));
    std::fflush(stdout);
}

int run(const std::string& folder, const std::string& output) {
    const auto recordings = recordings_of(folder);
    if (recordings.size() < 2) {
        fmt::print(stderr, "{}: needs two records or more\n", folder);
        return 1;
    }
    // What is met depends on what is decided: once by energy alone, once by what was learnt so.
    const std::vector<bool> evidence(ecg::evidences, true);
    in_use().candidate = train(collect(recordings).candidates, 0, evidence, candidate_trees).all;
    const auto candidates =
        train(collect(recordings).candidates, recordings.size(), evidence, candidate_trees);
    in_use().candidate = candidates.all;
    auto rows = collect(recordings);
    balance(rows.ventricular);
    const auto ventricular =
        train(rows.ventricular, recordings.size(), ventricular_features(), ventricular_trees);
    const auto supraventricular = train(rows.supraventricular, recordings.size(),
                                        supraventricular_features(), supraventricular_trees);

    const Forests all{.candidate = candidates.all,
                      .ventricular = ventricular.all,
                      .supraventricular = supraventricular.all};
    const auto without = [&](std::size_t i) {
        return Forests{.candidate = candidates.without[i],
                       .ventricular = ventricular.without[i],
                       .supraventricular = supraventricular.without[i]};
    };
    fmt::print("Each record by the forests of the others, two leads:\n");
    evaluate(recordings, View::both, true, "gross", without);
    evaluate(recordings, View::first, false, "1st lead", without);
    fmt::print("By the forests of all, on the records that they were trained on:\n");
    evaluate(recordings, View::both, false, "gross", [&](std::size_t) { return all; });
    if (!output.empty()) write_sources(all, output);
    return 0;
}

}  // namespace
}  // namespace vigil::tools

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    const bool writes = arguments.size() == 3 && arguments[1] == "--write";
    if (arguments.size() != 1 && !writes) {
        fmt::print(stderr, "usage: ecg_forests FOLDER [--write DIR]\n");
        return 2;
    }
    return vigil::tools::run(std::string(arguments[0]), writes ? std::string(arguments[2]) : "");
}
