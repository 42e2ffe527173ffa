#include "signal/evaluation/reference_rhythms.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace vigil::rhythm {
namespace {

constexpr double rr_s_max = 0.6;  // 100/min
constexpr std::size_t run_beats = 5;
constexpr double run_s = rr_s_max * (run_beats - 1);
constexpr double asystole_s = 4;

struct TimedBeat {
    double at_s = 0;
    bool ventricular = false;
};

bool overlap(const Episode& a, const Episode& b) {
    return a.from_s < b.to_s && b.from_s < a.to_s;
}

// Of annotations, in seconds.
class Reader {
public:
    Reader(std::span<const wfdb::Annotation> annotations, double sample_hz, double end_s)
        : annotations_(annotations), hz_(sample_hz), end_s_(end_s) {}

    // Of any of the names, which are without their bracket.
    std::vector<Episode> rhythm(std::initializer_list<std::string_view> names) const {
        std::vector<Episode> found;
        bool open = false;
        for (const auto& each : annotations_) {
            if (each.code != wfdb::code::rhythm_change) continue;
            const std::string_view text(each.text);
            const auto name = text.substr(0, text.find_last_not_of(std::string_view("\0 ", 2)) + 1);
            if (open) found.back().to_s = at(each);
            open = std::ranges::any_of(names, [name](std::string_view wanted) {
                return name.starts_with('(') && name.substr(1) == wanted;
            });
            if (open) found.push_back({.from_s = at(each), .to_s = end_s_});
        }
        return found;
    }

    std::vector<Episode> fibrillation() const {
        auto found = rhythm({"VFL", "VF", "VFIB"});
        for (const auto& span :
             ecg::reference_of(annotations_, ecg::ClassTable::papers).fibrillation)
            found.push_back({.from_s = static_cast<double>(span.begin) / hz_,
                             .to_s = static_cast<double>(span.end) / hz_});
        return found;
    }

    std::vector<TimedBeat> beats() const {
        std::vector<TimedBeat> found;
        for (const auto& each : annotations_)
            if (const auto beat_class = ecg::class_of(each.code, ecg::ClassTable::papers))
                found.push_back(
                    {.at_s = at(each), .ventricular = *beat_class == ecg::BeatClass::ventricular});
        return found;
    }

    bool has_rhythms() const {
        return std::ranges::any_of(annotations_, [](const wfdb::Annotation& each) {
            return each.code == wfdb::code::rhythm_change;
        });
    }

private:
    double at(const wfdb::Annotation& annotation) const {
        return std::clamp(static_cast<double>(annotation.sample) / hz_, 0.0, end_s_);
    }

    std::span<const wfdb::Annotation> annotations_;
    double hz_, end_s_;
};

// In the order of time, what overlaps put together.
std::vector<AlarmEpisode> together(std::vector<AlarmEpisode> list) {
    std::ranges::sort(list, {}, [](const AlarmEpisode& each) { return each.span.from_s; });
    std::vector<AlarmEpisode> merged;
    for (const auto& each : list) {
        if (merged.empty() || each.span.from_s > merged.back().span.to_s) {
            merged.push_back(each);
            continue;
        }
        merged.back().span.to_s = std::max(merged.back().span.to_s, each.span.to_s);
        merged.back().wanted = merged.back().wanted || each.wanted;
    }
    return merged;
}

std::vector<AlarmEpisode> fast_runs(std::span<const TimedBeat> beats) {
    std::vector<AlarmEpisode> found;
    for (std::size_t i = 0; i < beats.size();) {
        std::size_t end = i + 1;
        while (beats[i].ventricular && end < beats.size() && beats[end].ventricular &&
               beats[end].at_s - beats[end - 1].at_s < rr_s_max)
            ++end;
        if (beats[i].ventricular && end - i >= run_beats)
            found.push_back({.span = {.from_s = beats[i].at_s, .to_s = beats[end - 1].at_s}});
        i = end;
    }
    return found;
}

std::vector<AlarmEpisode> tachycardia(const Reader& reader, std::span<const TimedBeat> beats) {
    auto found = fast_runs(beats);
    for (const auto& span : reader.rhythm({"VT"})) {
        const bool has_beats = std::ranges::any_of(beats, [&](const TimedBeat& beat) {
            return span.from_s <= beat.at_s && beat.at_s < span.to_s;
        });
        found.push_back({.span = span, .wanted = !has_beats && span.to_s - span.from_s >= run_s});
    }
    return together(std::move(found));
}

std::vector<AlarmEpisode> standstill(const Reader& reader, std::span<const TimedBeat> beats,
                                     std::span<const AlarmEpisode> fibrillation,
                                     std::span<const Episode> noise) {
    std::vector<AlarmEpisode> found;
    for (const auto& span : reader.rhythm({"ASYS"})) found.push_back({.span = span});
    for (std::size_t i = 1; i < beats.size(); ++i) {
        const Episode gap{.from_s = beats[i - 1].at_s, .to_s = beats[i].at_s};
        if (gap.to_s - gap.from_s < asystole_s) continue;
        const bool is_told =
            std::ranges::any_of(fibrillation,
                                [&](const AlarmEpisode& f) { return overlap(f.span, gap); }) ||
            std::ranges::any_of(noise, [&](const Episode& n) { return overlap(n, gap); });
        if (!is_told) found.push_back({.span = gap});
    }
    return together(std::move(found));
}

}  // namespace

ReferenceRhythms rhythms_of(std::span<const wfdb::Annotation> annotations, double sample_hz,
                            double end_s) {
    const Reader reader(annotations, sample_hz, end_s);
    const auto beats = reader.beats();
    std::vector<AlarmEpisode> fibrillation;
    for (const auto& span : reader.fibrillation()) fibrillation.push_back({.span = span});
    ReferenceRhythms result{
        .has_rhythms = reader.has_rhythms() || !fibrillation.empty(),
        .has_beats = !beats.empty(),
        .atrial_fibrillation = reader.rhythm({"AFIB", "AF"}),
        .atrial_flutter = reader.rhythm({"AFL"}),
        .noise = reader.rhythm({"NOISE"}),
        .ventricular_fibrillation = together(std::move(fibrillation)),
        .ventricular_tachycardia = tachycardia(reader, beats),
        .asystole = {},
    };
    result.asystole = standstill(reader, beats, result.ventricular_fibrillation, result.noise);
    return result;
}

}  // namespace vigil::rhythm
