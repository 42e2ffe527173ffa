#include "signal/rhythm/variability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigil::rhythm {

void Moments::add(double value) {
    ++count_;
    const double apart = value - mean_;
    mean_ += apart / static_cast<double>(count_);
    square_sum_ += apart * (value - mean_);
}

double Moments::variance() const {
    return count_ < 2 ? 0 : square_sum_ / static_cast<double>(count_ - 1);
}

void VariabilityMeter::add(const RrInterval& interval) {
    if (!first_s_) first_s_ = interval.end_s - interval.length_s;
    last_s_ = std::max(last_s_, interval.end_s);
    const double segment = std::floor(interval.end_s / segment_s);
    if (segment != segment_) {
        close_segment();
        segment_ = segment;
    }
    if (!interval.normal_to_normal()) {
        before_ms_.reset();
        return;
    }
    const double nn_ms = interval.length_s * 1000;
    nn_.add(nn_ms);
    normal_s_ += interval.length_s;
    ++histogram_[static_cast<std::size_t>(std::lround(interval.length_s * bin_per_s))];
    in_segment_.add(nn_ms);
    segment_normal_s_ += interval.length_s;
    if (before_ms_ && interval.follows) {
        // Beats lie on a grid of samples: what is 50 ms on it is not more by a rounding error.
        constexpr double rounding_ms = 1e-6;
        const double difference = nn_ms - *before_ms_;
        difference_.add(difference);
        difference_square_sum_ += difference * difference;
        nn50_ += std::abs(difference) > 50 + rounding_ms ? 1 : 0;
    }
    before_ms_ = nn_ms;
}

void VariabilityMeter::close_segment() {
    if (segment_normal_s_ >= normal_share_min * segment_s && in_segment_.count() >= 2) {
        segment_means_.add(in_segment_.mean());
        segment_deviations_.add(std::sqrt(in_segment_.variance()));
    }
    in_segment_ = {};
    segment_normal_s_ = 0;
}

Result<Variability> VariabilityMeter::result() const {
    if (nn_.count() < 2)
        return fail(Error::Kind::unsupported, "fewer than two normal-to-normal intervals");
    const double share = std::min(1.0, normal_s_ / (last_s_ - *first_s_));
    if (share < normal_share_min)
        return fail(Error::Kind::unsupported,
                    fmt::format("normal-to-normal intervals cover {:.0f} % of the time, {:.0f} % "
                                "are needed",
                                100 * share, 100 * normal_share_min));
    VariabilityMeter closed = *this;  // the last segment counts if it is full enough
    closed.close_segment();
    Variability result;
    result.share = share;
    result.nn_count = nn_.count();
    result.mean_nn_ms = nn_.mean();
    result.sdnn_ms = std::sqrt(nn_.variance());
    result.nn50 = nn50_;
    result.segment_count = closed.segment_means_.count();
    if (closed.segment_means_.count() >= 2) {
        result.sdann_ms = std::sqrt(closed.segment_means_.variance());
        result.sdnn_index_ms = closed.segment_deviations_.mean();
    }
    result.triangular_index = static_cast<double>(nn_.count()) /
                              static_cast<double>(*std::ranges::max_element(histogram_));
    if (const auto pairs = static_cast<double>(difference_.count()); pairs > 0) {
        result.rmssd_ms = std::sqrt(difference_square_sum_ / pairs);
        result.pnn50_percent = 100 * static_cast<double>(nn50_) / pairs;
        const double across = difference_.variance() / 2;
        result.sd1_ms = std::sqrt(across);
        result.sd2_ms = std::sqrt(std::max(0.0, 2 * nn_.variance() - across));
    }
    return result;
}

}  // namespace vigil::rhythm
