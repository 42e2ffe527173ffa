#include "signal/rhythm/rhythm_watch.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::rhythm {

Result<RhythmWatch> RhythmWatch::make(double sample_hz, std::size_t leads,
                                      const ArrhythmiaSettings& settings) {
    VIGIL_TRY(reader, ecg::BeatReader::make(sample_hz, leads));
    return RhythmWatch(sample_hz, std::move(reader), leads, settings);
}

RhythmWatch::RhythmWatch(double sample_hz, ecg::BeatReader reader, std::size_t leads,
                         const ArrhythmiaSettings& settings)
    : sample_hz_(sample_hz),
      reader_(std::move(reader)),
      leads_(leads, Lead{.quality = quality::LeadQuality(sample_hz),
                         .window = FibrillationWindow(sample_hz),
                         .state = {}}),
      conditions_(sample_hz, settings),
      series_(sample_hz) {}

std::int64_t RhythmWatch::sample_of_tick(std::int64_t tick) const {
    return std::llround(static_cast<double>(tick) * sample_hz_ / ticks_a_second);
}

// Cut where the ticks are, whatever comes at once.
void RhythmWatch::feed(std::span<const float> first, std::span<const float> second,
                       std::vector<ecg::Beat>& beats, std::vector<RhythmEvent>& events) {
    for (std::size_t at = 0; at < first.size();) {
        const auto left = static_cast<std::size_t>(sample_of_tick(ticks_ + 1) - fed_);
        const auto count = std::min(left, first.size() - at);
        const auto from = std::min(at, second.size());
        feed_piece(first.subspan(at, count),
                   second.subspan(from, std::min(count, second.size() - from)), beats);
        at += count;
        if (count == left) tick();
    }
    hand_out(events);
}

void RhythmWatch::feed_piece(std::span<const float> first, std::span<const float> second,
                             std::vector<ecg::Beat>& beats) {
    const std::array<std::span<const float>, ecg::leads_max> samples{first, second};
    for (std::size_t i = 0; i < leads_.size(); ++i)
        for (const float sample : samples[i]) {
            leads_[i].quality.add(sample);
            leads_[i].window.add(sample);
        }
    const auto before = beats.size();
    reader_.feed(first, second, beats);
    fed_ += static_cast<std::int64_t>(first.size());
    take_beats(std::span(beats).subspan(before));
}

void RhythmWatch::take_beats(std::span<const ecg::Beat> beats) {
    constexpr int shape_not_told = -1;
    for (const auto& beat : beats) {
        conditions_.add(beat, shape_not_told, known_);
        if (const auto interval = series_.add(beat)) atrial_.add(*interval, known_);
    }
}

void RhythmWatch::tick() {
    constexpr double report_s = 0.3;  // a beat is reported so long after its R wave
    ++ticks_;
    const double now_s = static_cast<double>(fed_) / sample_hz_;
    if (ticks_ % ticks_a_second == 0) second(now_s);
    conditions_.advance(std::max(0.0, now_s - report_s), usable_, known_);
}

void RhythmWatch::second(double now_s) {
    std::array<std::optional<FibrillationMeasures>, ecg::leads_max> measures;
    usable_ = false;
    for (std::size_t i = 0; i < leads_.size(); ++i) {
        auto& [quality, window, state] = leads_[i];
        state = {.grade = grade(quality.indices()), .is_off = quality.is_off()};
        // Its ten seconds grade it too late: by then a lead that came off would be asystole.
        if (state.grade == quality::Grade::unusable || state.is_off) continue;
        usable_ = true;
        measures[i] = window.measure();
    }
    if (!usable_) series_.gap();
    fibrillation_.add(now_s, std::span(measures).first(leads_.size()), known_);
}

void RhythmWatch::hand_out(std::vector<RhythmEvent>& events) {
    for (auto& event : known_) {
        suppression_.mark(event);
        events.push_back(event);
    }
    known_.clear();
}

void RhythmWatch::finish(std::vector<ecg::Beat>& beats, std::vector<RhythmEvent>& events) {
    const auto before = beats.size();
    reader_.finish(beats);
    take_beats(std::span(beats).subspan(before));
    atrial_.finish(known_);
    hand_out(events);
}

}  // namespace vigil::rhythm
