#include "signal/rhythm/beat_conditions.hpp"

#include <algorithm>

namespace vigil::rhythm {

BeatConditions::BeatConditions(double sample_hz, const ArrhythmiaSettings& settings)
    : sample_hz_(sample_hz),
      asystole_s_(settings.asystole_s),
      ventricular_(settings),
      rate_(settings) {}

void BeatConditions::change(const ArrhythmiaSettings& settings) {
    asystole_s_ = settings.asystole_s;
    ventricular_.change(settings);
    rate_.change(settings);
}

void BeatConditions::add(const ecg::Beat& beat, int shape, std::vector<RhythmEvent>& out) {
    constexpr float wide_ms = 120;
    const double at = seconds(beat, sample_hz_);
    if (last_s_ && !(at > *last_s_)) return;
    const TimedBeat timed{.at_s = at,
                          .rr_s = last_s_ ? at - *last_s_ : 0,
                          .beat_class = beat.beat_class,
                          .shape = shape,
                          .mean_rr_s = rate_.mean_rr_s()};
    now_s_ = std::max(now_s_, at);
    ventricular_.add(timed, now_s_, out);
    rate_.add(timed, beat.qrs_ms < wide_ms, now_s_, out);
    last_s_ = at;
    watched_from_s_ = std::max(watched_from_s_.value_or(at), at);
}

void BeatConditions::advance(double now_s, bool usable, std::vector<RhythmEvent>& out) {
    if (!(now_s >= now_s_)) return;
    if (!usable) {
        if (watched_from_s_ || last_s_) {
            ventricular_.interrupt(now_s, out);
            rate_.interrupt(now_s, out);
        }
        watched_from_s_.reset();
        last_s_.reset();
    } else {
        if (!watched_from_s_) watched_from_s_ = now_s_;
        if (now_s - *watched_from_s_ >= asystole_s_) ventricular_.interrupt(now_s, out);
        rate_.advance(*watched_from_s_, now_s, out);
    }
    ventricular_.advance(now_s, out);
    now_s_ = now_s;
}

}  // namespace vigil::rhythm
