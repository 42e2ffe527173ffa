#include "monitor/signals/pulse_watch.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

constexpr double hz_min = 30, hz_max = 1000;  // of pleth::PulseDetector

double in_seconds(Nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

void PulseWatch::take(const FiledReading& filed, const Metric& metric) {
    const auto* block = std::get_if<WaveformBlock>(&filed.reading.value);
    if (block == nullptr) return;
    const auto scale = sample_scale(*block, metric);
    const auto hz = sample_hz(*block);
    if (!scale || !hz || *hz < hz_min || *hz > hz_max) return;
    const bool is_receipt_time = (filed.reading.status & status::clock) != 0;
    const auto goes_on = [&] {
        return line_ && line_->timeline.period() == block->period &&
               line_->timeline.take(filed.filed_time, *block, *scale, is_receipt_time);
    };
    if (!goes_on()) {
        line_.emplace(Line{.timeline = {filed.filed_time, block->period},
                           .detector = pleth::PulseDetector(*hz)});
        if (!line_->timeline.take(filed.filed_time, *block, *scale, is_receipt_time)) {
            line_.reset();
            return;
        }
    }
    std::vector<float> samples;
    line_->timeline.read(static_cast<std::size_t>(line_->timeline.end() - line_->timeline.next()),
                         samples);
    std::vector<pleth::Pulse> found;
    for (const auto sample : samples) line_->detector.add(sample, found);
    for (const auto& pulse : found) {
        line_->rate.add(pulse);
        line_->pulses.push_back(pulse);
        if (line_->pulses.size() > pulses_kept) line_->pulses.pop_front();
    }
}

double PulseWatch::seconds(Timestamp at) const {
    return in_seconds(at - line_->timeline.time_of(0));
}

bool PulseWatch::reaches(Timestamp to) const {
    return line_ && line_->timeline.time_of(line_->timeline.next()) >= to - behind_max;
}

std::optional<pleth::PulseEvidence> PulseWatch::evidence(Timestamp to, Nanoseconds span) const {
    if (!reaches(to)) return std::nullopt;
    if (line_->pulses.empty()) return pleth::PulseEvidence{};
    // A pulse is told of when the next has begun: as long as that one can still be on its way, the
    // pulse goes on, and what is known of it ends with the last.
    constexpr double told_after_s = 0.6, late = 1.5;
    const auto& last = line_->pulses.back();
    const double now_s = seconds(std::min(to, line_->timeline.time_of(line_->timeline.next())));
    const double end_s = last.peak_s + last.length_s;
    if (now_s - end_s > late * last.length_s + told_after_s) return pleth::PulseEvidence{};
    const std::vector<pleth::Pulse> pulses(line_->pulses.begin(), line_->pulses.end());
    return pleth::pulse_evidence(pulses, end_s - in_seconds(span), end_s);
}

std::optional<bool> PulseWatch::pulsates(Timestamp to, Nanoseconds within) const {
    if (!reaches(to)) return std::nullopt;
    return !line_->pulses.empty() &&
           line_->pulses.back().quality >= pleth::PulseRate::quality_min &&
           line_->pulses.back().peak_s >= seconds(to - within);
}

std::optional<double> PulseWatch::rate() const {
    if (!line_) return std::nullopt;
    return line_->rate.per_min(seconds(line_->timeline.time_of(line_->timeline.next())));
}

}  // namespace vigil::monitor
