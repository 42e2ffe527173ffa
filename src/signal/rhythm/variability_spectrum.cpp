#include "signal/rhythm/variability_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "signal/rhythm/variability.hpp"

namespace vigil::rhythm {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;

struct Point {
    double t_s, ms;
};

// Takes out the straight line of least squares.
void detrend(std::vector<Point>& points) {
    double t = 0, x = 0;
    for (const auto& point : points) {
        t += point.t_s;
        x += point.ms;
    }
    const auto count = static_cast<double>(points.size());
    t /= count;
    x /= count;
    double tt = 0, tx = 0;
    for (const auto& point : points) {
        tt += (point.t_s - t) * (point.t_s - t);
        tx += (point.t_s - t) * (point.ms - x);
    }
    const double slope = tt > 0 ? tx / tt : 0;
    for (auto& point : points) point.ms -= x + slope * (point.t_s - t);
}

// Multiplies by a Hann window over [from, from + span] and makes up for the power it takes.
void taper(std::vector<Point>& points, double from, double span) {
    std::vector<double> weights;
    weights.reserve(points.size());
    double sum = 0, squares = 0, mean = 0;
    for (const auto& point : points) {
        const double weight = 0.5 - 0.5 * std::cos(two_pi * (point.t_s - from) / span);
        weights.push_back(weight);
        sum += weight;
        squares += weight * weight;
        mean += weight * point.ms;
    }
    mean /= sum;
    const double gain = std::sqrt(static_cast<double>(points.size()) / squares);
    for (std::size_t i = 0; i < points.size(); ++i)
        points[i].ms = (points[i].ms - mean) * weights[i] * gain;
}

// Lomb's periodogram at one frequency, as one-sided power density in ms²/Hz.
double density(const std::vector<Point>& points, double hz, double span) {
    double c = 0, s = 0, cc = 0, cs = 0;
    for (const auto& point : points) {
        const double cosine = std::cos(two_pi * hz * point.t_s);
        const double sine = std::sin(two_pi * hz * point.t_s);
        c += point.ms * cosine;
        s += point.ms * sine;
        cc += cosine * cosine;
        cs += cosine * sine;
    }
    const auto count = static_cast<double>(points.size());
    const double ss = count - cc;
    // The delay that makes sine and cosine orthogonal over these times, as an angle.
    const double angle = 0.5 * std::atan2(2 * cs, cc - ss);
    const double turn = std::cos(angle), lean = std::sin(angle);
    const double along = c * turn + s * lean, across = s * turn - c * lean;
    const double along_norm = cc * turn * turn + 2 * cs * turn * lean + ss * lean * lean;
    const double across_norm = count - along_norm;
    constexpr double negligible = 1e-9;
    double power = 0;
    if (along_norm > negligible) power += along * along / along_norm;
    if (across_norm > negligible) power += across * across / across_norm;
    return power * span / count;
}

}  // namespace

Result<VariabilitySpectrum> variability_spectrum(std::span<const RrInterval> intervals) {
    if (intervals.empty() || intervals.size() > spectrum_intervals_max)
        return fail(Error::Kind::unsupported, "no intervals, or too many for five minutes");
    const double from = intervals.front().end_s - intervals.front().length_s;
    const double span = intervals.back().end_s - from;
    if (!(span >= spectrum_s_min && span <= spectrum_s_max))
        return fail(Error::Kind::unsupported, "the spectrum is of four to six minutes");
    std::vector<Point> points;
    points.reserve(intervals.size());
    double normal_s = 0;
    for (const auto& interval : intervals) {
        if (!interval.normal_to_normal()) continue;
        points.push_back({interval.end_s - from, interval.length_s * 1000});
        normal_s += interval.length_s;
    }
    VariabilitySpectrum result;
    result.share = std::min(1.0, normal_s / span);
    if (result.share < normal_share_min)
        return fail(Error::Kind::unsupported,
                    "too little of the time is between normal beats for a spectrum");
    detrend(points);
    taper(points, 0, span);
    // Half the distance of independent frequencies, so that a line between two loses nothing.
    const double step = 0.5 / span;
    for (double hz = vlf_from_hz; hz <= hf_to_hz; hz += step) {
        const double power = density(points, hz, span) * step;
        (hz < lf_from_hz   ? result.vlf_ms2
         : hz < hf_from_hz ? result.lf_ms2
                           : result.hf_ms2) += power;
    }
    constexpr double nothing_ms2 = 1e-9;
    const double both = result.lf_ms2 + result.hf_ms2;
    if (!(both > nothing_ms2)) return fail(Error::Kind::unsupported, "the intervals do not vary");
    result.lf_nu = 100 * result.lf_ms2 / both;
    result.hf_nu = 100 * result.hf_ms2 / both;
    if (result.hf_ms2 > nothing_ms2) result.lf_hf = result.lf_ms2 / result.hf_ms2;
    return result;
}

}  // namespace vigil::rhythm
