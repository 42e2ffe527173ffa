#include "signal/rhythm/rr_interval.hpp"

#include <cmath>

namespace vigil::rhythm {

bool RrInterval::normal_to_normal() const {
    const bool as_expected =
        expected_s <= 0 || std::abs(length_s - expected_s) <= rr_deviation_max * expected_s;
    return from == ecg::BeatClass::normal && to == ecg::BeatClass::normal && length_s >= rr_s_min &&
           length_s <= rr_s_max && as_expected;
}

std::optional<RrInterval> RrSeries::add(const ecg::Beat& beat) {
    if (!last_) {
        last_ = beat;
        follows_ = false;
        return std::nullopt;
    }
    const double end = seconds(beat, sample_hz_);
    const double length = end - seconds(*last_, sample_hz_);
    if (!(length > 0)) return std::nullopt;
    constexpr std::size_t enough = 5;
    const RrInterval interval{.end_s = end,
                              .length_s = length,
                              .from = last_->beat_class,
                              .to = beat.beat_class,
                              .follows = follows_,
                              .expected_s = expected_.count() < enough ? 0 : expected_.value()};
    if (length >= rr_s_min && length <= rr_s_max) expected_.add(length);
    last_ = beat;
    follows_ = true;
    return interval;
}

}  // namespace vigil::rhythm
