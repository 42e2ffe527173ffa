#include "signal/rhythm/fibrillation_window.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <numbers>
#include <span>

namespace vigil::rhythm {
namespace {

constexpr float value_max_mv = 100;
constexpr double kept_hz_min = 100;

// Of each window of 3 s, a second apart, with its ends tapered by a quarter of a second.
double crossing_share(std::span<const float> x, double hz) {
    constexpr double part_s = 3, taper_s = 0.25, threshold = 0.2;
    const auto part = static_cast<std::size_t>(part_s * hz), step = static_cast<std::size_t>(hz);
    const auto taper = static_cast<std::size_t>(taper_s * hz);
    std::vector<float> rise(taper);
    for (std::size_t i = 0; i < taper; ++i)
        rise[i] =
            static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(i) /
                                                    static_cast<double>(taper)));
    double sum = 0, count = 0;
    std::vector<float> size(part);
    for (std::size_t from = 0; from + part <= x.size(); from += step) {
        for (std::size_t i = 0; i < part; ++i) size[i] = std::abs(x[from + i]);
        for (std::size_t i = 0; i < taper; ++i) {
            size[i] *= rise[i];
            size[part - 1 - i] *= rise[i];
        }
        const float limit = static_cast<float>(threshold) * *std::ranges::max_element(size);
        const auto beyond = std::ranges::count_if(size, [limit](float v) { return v > limit; });
        sum += static_cast<double>(beyond) / static_cast<double>(part);
        ++count;
    }
    return sum / count;
}

double mean_period(std::span<const float> x) {  // in samples
    double size = 0, change = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        size += std::abs(x[i]);
        if (i > 0) change += std::abs(x[i] - x[i - 1]);
    }
    return change > 0 ? 2 * std::numbers::pi * size / change : 0;
}

double leakage(std::span<const float> x, double period) {
    const auto half = static_cast<std::size_t>(std::max(1.0, std::round(period / 2)));
    if (half >= x.size()) return 1;
    double sum = 0, sizes = 0;
    for (std::size_t i = half; i < x.size(); ++i) {
        sum += std::abs(x[i] + x[i - half]);
        sizes += std::abs(x[i]) + std::abs(x[i - half]);
    }
    return sizes > 0 ? sum / sizes : 1;
}

double phase_space_share(std::span<const float> x, double hz) {
    constexpr std::size_t cells = 40;
    constexpr double points_hz = 50, delay_s = 0.5;
    const float low = std::ranges::min(x), high = std::ranges::max(x);
    if (!(high > low)) return 0;
    const float scale = static_cast<float>(cells) / (high - low);
    const auto cell = [low, scale](float value) {
        return std::min(cells - 1, static_cast<std::size_t>((value - low) * scale));
    };
    const auto stride = static_cast<std::size_t>(std::max(1.0, std::round(hz / points_hz)));
    const auto delay = static_cast<std::size_t>(delay_s * hz);
    std::bitset<cells * cells> visited;
    for (std::size_t i = delay; i < x.size(); i += stride)
        visited.set(cell(x[i - delay]) * cells + cell(x[i]));
    return static_cast<double>(visited.count()) / (cells * cells);
}

double slope_concentration(std::span<const float> x) {
    constexpr double steepest = 0.2;
    std::vector<float> slopes(x.size() - 1);
    for (std::size_t i = 1; i < x.size(); ++i) slopes[i - 1] = std::abs(x[i] - x[i - 1]);
    const auto from = slopes.begin() + static_cast<std::ptrdiff_t>(
                                           (1 - steepest) * static_cast<double>(slopes.size()));
    std::ranges::nth_element(slopes, from);
    double all = 0, top = 0;
    for (auto slope = slopes.begin(); slope != slopes.end(); ++slope) {
        all += *slope;
        if (slope >= from) top += *slope;
    }
    return all > 0 ? top / all : 1;
}

}  // namespace

FibrillationWindow::FibrillationWindow(double sample_hz)
    : divisor_(static_cast<std::size_t>(std::max(1.0, std::floor(sample_hz / kept_hz_min)))),
      kept_hz_(sample_hz / static_cast<double>(divisor_)),
      low_(Biquad::low_pass(30, sample_hz)),
      high_(Biquad::high_pass(1, sample_hz)),
      ring_(static_cast<std::size_t>(window_s * kept_hz_)) {}

void FibrillationWindow::add(float value_mv) {
    if (!(std::abs(value_mv) <= value_max_mv)) {
        started_ = false;
        filled_ = 0;
        return;
    }
    if (!started_) {
        low_.settle(value_mv);
        high_.settle(value_mv);
        started_ = true;
    }
    const double value = high_.feed(low_.feed(value_mv));
    if (phase_ = (phase_ + 1) % divisor_; phase_ != 0) return;
    ring_[next_] = static_cast<float>(value);
    next_ = (next_ + 1) % ring_.size();
    filled_ = std::min(filled_ + 1, ring_.size());
}

std::vector<float> FibrillationWindow::in_order() const {
    std::vector<float> x(ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
    x.insert(x.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
    return x;
}

std::optional<FibrillationMeasures> FibrillationWindow::measure() const {
    if (filled_ < ring_.size()) return std::nullopt;
    const auto x = in_order();
    const auto [low, high] = std::ranges::minmax(x);
    const double period = mean_period(x);
    return FibrillationMeasures{
        .peak_to_peak_mv = static_cast<double>(high) - static_cast<double>(low),
        .crossing_share = rhythm::crossing_share(x, kept_hz_),
        .leakage = rhythm::leakage(x, period),
        .phase_space_share = rhythm::phase_space_share(x, kept_hz_),
        .slope_concentration = rhythm::slope_concentration(x),
        .period_s = period / kept_hz_};
}

}  // namespace vigil::rhythm
