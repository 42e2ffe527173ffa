#include "signal/ecg/beat_shapes.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::ecg {
namespace {

constexpr int half_points = shape_points / 2;
constexpr int shift_max = 4, shift_step = 2;  // samples at 250 Hz
constexpr float alike = 0.9F;                 // correlation from which on it is the same shape
constexpr float newest_share_min = 0.08F;     // of a beat in the mean: it follows slow changes
constexpr float beats_max = 1000;
constexpr float forgetting_samples = 60 * 250;  // by so much time a shape loses a factor e

using Points = std::array<float, shape_points>;

float product(const Points& a, const Points& b) {
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

void blend(std::array<Points, leads_max>& mean, const std::array<Points, leads_max>& beat,
           float share) {
    for (std::size_t i = 0; i < leads_max; ++i)
        for (std::size_t k = 0; k < shape_points; ++k)
            mean[i][k] += share * (beat[i][k] - mean[i][k]);
}

}  // namespace

Shape shape_at(std::span<const LeadTrace> leads, std::int64_t middle) {
    Shape shape;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const auto& value = leads[i].value;
        float mean = 0;
        for (int k = 0; k < shape_points; ++k) {
            const auto at = middle + std::int64_t{2} * (k - half_points);
            const auto place = static_cast<std::size_t>(k);
            // 1 2 1: what lies above the half rate does not fold down.
            shape.voltage[i][place] = 0.5F * value[at] + 0.25F * (value[at - 1] + value[at + 1]);
            shape.slope[i][place] = leads[i].slope[at + QrsFilter::slope_delay];
            mean += shape.voltage[i][place] / shape_points;
        }
        for (auto& point : shape.voltage[i]) point -= mean;
    }
    return shape;
}

Likeness likeness(const Shape& a, const Shape& b, const LeadWeights& weights, std::size_t leads) {
    constexpr float nothing = 1e-9F;
    Likeness result{.all = 0, .least = 1, .most = -1};
    for (std::size_t i = 0; i < leads; ++i) {
        const float power =
            std::sqrt(product(a.slope[i], a.slope[i]) * product(b.slope[i], b.slope[i]));
        const float correlation = power > nothing ? product(a.slope[i], b.slope[i]) / power : 0;
        result.all += weights[i] * correlation;
        if (!counts(weights[i])) continue;
        result.least = std::min(result.least, correlation);
        result.most = std::max(result.most, correlation);
    }
    return result;
}

ShapeMatch BeatShapes::compare(std::span<const LeadTrace> leads, std::int64_t middle,
                               const LeadWeights& weights) const {
    ShapeMatch match;
    for (int shift = -shift_max; shift <= shift_max; shift += shift_step) {
        const auto shape = shape_at(leads, middle + shift);
        for (std::size_t i = 0; i < size_; ++i) {
            if (known_[i].beats < 2) continue;
            const auto found = likeness(shape, known_[i].mean, weights, leads_);
            if (found.all > match.known.all) match.known = found;
        }
        if (has_last_)
            match.last = std::max(match.last, likeness(shape, last_, weights, leads_).all);
    }
    return match;
}

BeatShapes::Home BeatShapes::take(std::span<const LeadTrace> leads, std::int64_t middle,
                                  const LeadWeights& weights) {
    Home home;
    float best = alike;
    for (int shift = -shift_max; shift <= shift_max; shift += shift_step) {
        const auto shape = shape_at(leads, middle + shift);
        for (std::size_t i = 0; i < size_; ++i) {
            const float found = likeness(shape, known_[i].mean, weights, leads_).all;
            if (found <= best) continue;
            best = found;
            home = {.place = i, .shift = shift, .is_new = false};
        }
    }
    last_ = shape_at(leads, middle);
    has_last_ = true;
    if (home.is_new) {
        home.place = size_ < shapes_max ? size_++ : place_for_new(middle);
        known_[home.place] = {.mean = last_, .beats = 1, .seen = middle, .id = next_id_++};
        place_fiducial(known_[home.place], weights);
        return home;
    }
    auto& known = known_[home.place];
    const auto shape = shape_at(leads, middle + home.shift);
    const float share = std::max(newest_share_min, 1 / (known.beats + 1));
    blend(known.mean.voltage, shape.voltage, share);
    blend(known.mean.slope, shape.slope, share);
    known.beats = std::min(known.beats + 1, beats_max);
    known.seen = middle;
    place_fiducial(known, weights);
    return home;
}

// The largest deflection in the lead that counts more. R and S may be about equal, and so may the
// leads: what was chosen stays until another is clearly larger, lest the beats of a shape jump.
void BeatShapes::place_fiducial(KnownShape& known, const LeadWeights& weights) const {
    constexpr float clearly = 1.25F;
    constexpr std::size_t reach = 7;  // points: 56 ms
    const auto size = [&](std::size_t lead, std::size_t point) {
        return std::abs(known.mean.voltage[lead][point]);
    };
    auto& lead = known.fiducial_lead;
    const std::size_t other = leads_ - 1 - lead;
    const bool is_first = known.beats <= 1;
    if (weights[other] > weights[lead] * (is_first ? 1 : clearly * clearly)) {
        lead = other;
        known.fiducial_point = half_points;
    }
    std::size_t largest = half_points;
    for (std::size_t k = half_points - reach; k <= half_points + reach; ++k)
        if (size(lead, k) > size(lead, largest)) largest = k;
    const auto distance = static_cast<int>(largest) - static_cast<int>(known.fiducial_point);
    constexpr int drift = 1;  // point: the same deflection
    if (std::abs(distance) <= drift ||
        size(lead, largest) > clearly * size(lead, known.fiducial_point))
        known.fiducial_point = largest;
}

// Of few beats, and not seen for long.
std::size_t BeatShapes::place_for_new(std::int64_t now) const {
    const auto worth = [now](const KnownShape& known) {
        return std::log(known.beats + 1) -
               static_cast<float>(now - known.seen) / forgetting_samples;
    };
    const auto least = std::ranges::min_element(known_, {}, worth);
    return static_cast<std::size_t>(least - known_.begin());
}

}  // namespace vigil::ecg
