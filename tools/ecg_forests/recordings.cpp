#include "recordings.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

#include "codec/wfdb/record.hpp"
#include "signal/ecg/beat_reader.hpp"

namespace vigil::tools {
namespace {

namespace fs = std::filesystem;

Result<std::string> text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Error::Kind::not_found, "cannot be read", path.string());
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

Result<Recording> recording_of(const fs::path& folder, const std::string& name) {
    VIGIL_TRY(record, wfdb::decode_record(
                          name, [&](std::string_view file) { return text_of(folder / file); }));
    VIGIL_TRY(bytes, text_of(folder / (name + ".atr")));
    VIGIL_TRY(annotations, wfdb::decode_annotations(bytes));
    Recording recording{.name = name,
                        .hz = record.frame_hz,
                        .leads = {},
                        .reference = ecg::reference_of(annotations.list, ecg::ClassTable::papers)};
    for (const auto& signal : record.signals) {
        auto& lead = recording.leads.emplace_back();
        for (const auto sample : signal.samples)
            lead.push_back(sample == wfdb::missing ? std::numeric_limits<float>::quiet_NaN()
                                                   : static_cast<float>(signal.physical(sample)));
    }
    if (recording.leads.size() < 2)
        return fail(Error::Kind::unsupported, "has fewer than two leads", name);
    return recording;
}

struct Leads {
    std::span<const float> first, second;
    std::size_t count() const { return second.empty() ? 1 : 2; }
};
Leads leads_of(const Recording& recording, View view) {
    if (view == View::both) return {recording.leads[0], recording.leads[1]};
    return {recording.leads[view == View::first ? 0 : 1], {}};
}

// The beat annotated closest to a time within 150 ms; its place in the reference.
std::optional<std::size_t> nearest(const Recording& recording, double at_s) {
    constexpr double window_s = 0.15;
    const auto& beats = recording.reference.beats;
    const auto at = [&](std::size_t place) {
        return std::abs(static_cast<double>(beats[place].sample) / recording.hz - at_s);
    };
    auto place =
        static_cast<std::size_t>(std::ranges::lower_bound(beats, std::llround(at_s * recording.hz),
                                                          {}, &ecg::ReferenceBeat::sample) -
                                 beats.begin());
    if (place == beats.size() || (place > 0 && at(place - 1) < at(place))) {
        if (place == 0) return std::nullopt;
        --place;
    }
    if (at(place) > window_s) return std::nullopt;
    return place;
}

// Of the candidates near a beat the one nearest to it is the beat.
void label_candidates(const Recording& recording, const std::vector<double>& at_s, Seen& seen) {
    std::vector<std::size_t> best(recording.reference.beats.size(), at_s.size());
    const auto distance = [&](std::size_t candidate, std::size_t place) {
        return std::abs(at_s[candidate] -
                        static_cast<double>(recording.reference.beats[place].sample) /
                            recording.hz);
    };
    for (std::size_t i = 0; i < at_s.size(); ++i) {
        const auto place = nearest(recording, at_s[i]);
        if (place &&
            (best[*place] == at_s.size() || distance(i, *place) < distance(best[*place], *place)))
            best[*place] = i;
    }
    seen.is_beat.assign(at_s.size(), false);
    for (const auto candidate : best)
        if (candidate < at_s.size()) seen.is_beat[candidate] = true;
}

}  // namespace

std::vector<Recording> recordings_of(const std::string& folder) {
    std::vector<Recording> list;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".hea") continue;
        if (auto recording = recording_of(folder, entry.path().stem().string()))
            list.push_back(std::move(*recording));
    }
    std::ranges::sort(list, {}, &Recording::name);
    return list;
}

Seen look_at(const Recording& recording, View view) {
    const auto leads = leads_of(recording, view);
    auto reader = ecg::BeatReader::make(recording.hz, leads.count());
    Seen seen;
    std::vector<double> candidates_s;
    reader->detector().watch([&](const ecg::Candidate& candidate) {
        seen.candidates.emplace_back(candidate.evidence.begin(), candidate.evidence.end());
        candidates_s.push_back(static_cast<double>(candidate.peak - ecg::QrsFilter::energy_delay) /
                               ecg::analysis_hz);
    });
    reader->classifier().watch(
        [&](const ecg::QrsComplex& complex, const ecg::BeatFeatureValues& values) {
            seen.beats.emplace_back(values.begin(), values.end());
            const auto place =
                nearest(recording, static_cast<double>(complex.middle) / ecg::analysis_hz);
            auto& beat_class = seen.classes.emplace_back();
            if (place) beat_class = recording.reference.beats[*place].beat_class;
        });
    std::vector<ecg::Beat> beats;
    reader->feed(leads.first, leads.second, beats);
    label_candidates(recording, candidates_s, seen);
    return seen;
}

std::vector<ecg::Beat> read(const Recording& recording, View view) {
    const auto leads = leads_of(recording, view);
    auto reader = ecg::BeatReader::make(recording.hz, leads.count());
    std::vector<ecg::Beat> beats;
    reader->feed(leads.first, leads.second, beats);
    reader->finish(beats);
    return beats;
}

}  // namespace vigil::tools
