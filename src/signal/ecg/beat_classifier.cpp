#include "signal/ecg/beat_classifier.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::ecg {
namespace {

constexpr float per_sample_s = 1.0F / 250;
constexpr float normal_beats_min = 5;  // until then nothing is known to be normal
// Log odds from which on a beat is called so. Those for S weigh a missed beat more than a false
// one: they are rare, and runs of them matter.
constexpr float ventricular_min = 0.75F, supraventricular_min = -0.5F;

constexpr float least_mv = 1e-6F;

float logarithm(float ratio) {
    return std::log(std::clamp(ratio, 0.05F, 20.0F));
}

template <std::size_t size>
float correlation(const std::array<float, size>& a, const std::array<float, size>& b) {
    float ab = 0, aa = 0, bb = 0, mean_a = 0, mean_b = 0;
    for (std::size_t i = 0; i < size; ++i) {
        mean_a += a[i] / size;
        mean_b += b[i] / size;
    }
    for (std::size_t i = 0; i < size; ++i) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    const float power = std::sqrt(aa * bb);
    return power > 1e-9F ? ab / power : 0;
}

template <std::size_t size>
float extent(const std::array<float, size>& a) {
    const auto [least, most] = std::ranges::minmax(a);
    return most - least;
}

// From where the slope first exceeds a share of its largest to where it last does. The filter
// spreads it by 36 ms.
float width_of(const QrsDetector& detector, const QrsComplex& complex) {
    constexpr int reach = 36;  // samples to either side
    constexpr float share = 0.15F, spread_s = 0.036F, least_s = 0.02F;
    std::array<float, 2 * reach + 1> slope{};
    const auto leads = detector.leads();
    for (std::size_t i = 0; i < leads.size(); ++i) {
        float most = 1e-6F;
        const auto at = [&](int k) {
            return std::abs(leads[i].slope[complex.middle + QrsFilter::slope_delay + k - reach]);
        };
        for (int k = 0; k <= 2 * reach; ++k) most = std::max(most, at(k));
        for (int k = 0; k <= 2 * reach; ++k)
            slope[static_cast<std::size_t>(k)] += complex.weights[i] * at(k) / most;
    }
    const auto peak = static_cast<std::size_t>(std::ranges::max_element(slope) - slope.begin());
    const float floor = share * slope[peak];
    // A complex has dips of slope at its turns: what is lower for 24 ms is its end.
    constexpr std::size_t quiet = 6;
    const auto edge = [&](int step) {
        std::size_t last = peak, below = 0;
        for (auto k = peak; k < slope.size() && below < quiet;
             k = step < 0 ? (k == 0 ? slope.size() : k - 1) : k + 1) {
            below = slope[k] > floor ? 0 : below + 1;
            if (below == 0) last = k;
        }
        return last;
    };
    const auto samples = static_cast<float>(edge(1) - edge(-1));
    return std::max(least_s, samples * per_sample_s - spread_s);
}

// How a lead lies to its level just before the complex. After a beat from a ventricle T points to
// the other side than the complex; after most others to the same.
struct Lie {
    float area, t_discordance;
};
Lie lie_of(const LeadTrace& lead, std::int64_t middle, std::span<const float> voltage,
           std::span<const float> after) {
    constexpr std::int64_t half = 14, before = 16;
    float net = 0, t = 0, area = 0;
    for (auto k = -half; k <= half; ++k)
        net += lead.value[middle + k] - lead.value[middle - before];
    for (const float point : after) t += point / static_cast<float>(after.size());
    for (const float point : voltage) area += std::abs(point);
    const auto [least, most] = std::ranges::minmax(voltage);
    const float of_deflection = t / (most - least + least_mv);
    return {.area = area + least_mv,
            .t_discordance = std::clamp(net > 0 ? -of_deflection : of_deflection, -1.0F, 1.0F)};
}

void set(BeatFeatureValues& values, BeatFeature feature, float value) {
    values[static_cast<std::size_t>(feature)] = value;
}

// None of what is not known yet.
float log_ratio(float value, float of) {
    return of > 0 ? logarithm(value / of) : 0;
}

void take_evidence(const QrsComplex& complex, BeatFeatureValues& values) {
    const auto take = [&](BeatFeature feature, Evidence evidence) {
        set(values, feature, complex.evidence[static_cast<std::size_t>(evidence)]);
    };
    take(BeatFeature::background, Evidence::background);
    take(BeatFeature::energy_before, Evidence::energy_before);
    take(BeatFeature::energy_after, Evidence::energy_after);
    take(BeatFeature::peak_before, Evidence::peak_before);
    take(BeatFeature::peak_width, Evidence::peak_width);
    take(BeatFeature::roughness, Evidence::roughness);
    take(BeatFeature::roughness_before, Evidence::roughness_before);
    take(BeatFeature::roughness_after, Evidence::roughness_after);
    take(BeatFeature::noise_peaks, Evidence::noise_peaks);
    take(BeatFeature::energy_least, Evidence::energy_least);
}

}  // namespace

BeatClassifier::Measures BeatClassifier::measure(const QrsDetector& detector,
                                                 const QrsComplex& complex) const {
    Measures measures;
    const auto leads = detector.leads();
    const auto middle = complex.middle;
    measures.width_s = width_of(detector, complex);
    measures.shape = shape_at(leads, middle + complex.home.shift);
    constexpr int after_from = 14, before_from = 60, step = 4;
    for (std::size_t i = 0; i < leads.size(); ++i) {
        measures.deflection += complex.weights[i] * extent(measures.shape.voltage[i]);
        const float base = leads[i].value[middle - 16];
        for (std::size_t k = 0; k < surround_points; ++k) {
            const auto offset = static_cast<std::int64_t>(k) * step;
            const auto at = [&](std::int64_t n) {
                return (leads[i].value[n] + leads[i].value[n + 1] + leads[i].value[n + 2]) / 3 -
                       base;
            };
            measures.surroundings.after[i][k] = at(middle + after_from + offset);
            measures.surroundings.before[i][k] = at(middle - before_from + offset);
        }
    }
    for (std::size_t i = 0; i < leads.size(); ++i) {
        const float weight = complex.weights[i];
        const auto lie =
            lie_of(leads[i], middle, measures.shape.voltage[i], measures.surroundings.after[i]);
        measures.area += weight * lie.area;
        measures.t_discordance += weight * lie.t_discordance;
        const auto& now = measures.surroundings;
        const auto& usually = normal_.surroundings;
        measures.t_likeness += weight * correlation(now.after[i], usually.after[i]);
        measures.p_likeness += weight * correlation(now.before[i], usually.before[i]);
        measures.t_size += weight * extent(now.after[i]);
        measures.t_size_of_normal += weight * extent(usually.after[i]);
    }
    return measures;
}

BeatClassifier::Kind& BeatClassifier::note_kind(const QrsDetector& detector,
                                                const QrsComplex& complex, const Measures& measures,
                                                float interval) {
    constexpr float forget = 0.998F;  // a beat: 500 beats are remembered
    constexpr float share_min = 0.05F, interval_max = 2;
    for (auto& kind : kinds_) kind.beats *= forget;
    if (interval > 0) {
        auto& before = kinds_[last_place_];
        before.pause += std::max(share_min, 1 / (before.beats + 1)) *
                        (std::min(interval, interval_max) - before.pause);
    }
    auto& kind = kinds_[complex.home.place];
    const auto& shape = detector.shapes()[complex.home.place];
    if (kind.id != shape.id) kind = {.id = shape.id};
    kind.beats += 1;
    const float share = std::max(share_min, 1 / kind.beats);
    const auto follow = [share](float& mean, float value) { mean += share * (value - mean); };
    if (interval > 0) follow(kind.interval, std::min(interval, interval_max));
    follow(kind.width_s, measures.width_s);
    follow(kind.p_likeness, measures.p_likeness);
    follow(kind.t_likeness, measures.t_likeness);
    return kind;
}

// Of the shapes seen often the one that comes in time rather than early, and is rather narrow.
std::size_t BeatClassifier::normal_place(const QrsDetector& detector) const {
    std::size_t best = 0;
    float best_worth = -100;
    for (std::size_t i = 0; i < detector.shapes().size(); ++i) {
        const auto& kind = kinds_[i];
        if (kind.id != detector.shapes()[i].id || kind.beats <= 0) continue;
        constexpr float early_weight = 4, width_weight = 10;
        const float worth = std::log(kind.beats) +
                            early_weight * std::min(kind.interval - 1, 0.0F) -
                            width_weight * kind.width_s;
        if (worth <= best_worth) continue;
        best_worth = worth;
        best = i;
    }
    return best;
}

void BeatClassifier::learn_normal(const QrsComplex& complex, const Measures& measures,
                                  std::size_t leads) {
    constexpr float share_min = 0.03F;
    normal_.beats = std::min(normal_.beats + 1, 1000.0F);
    const float share = std::max(share_min, 1 / normal_.beats);
    const auto follow = [share](float& mean, float value) { mean += share * (value - mean); };
    if (complex.interval > 0) {
        if (normal_.interval <= 0) normal_.interval = complex.interval;
        follow(normal_.interval, complex.interval);
    }
    follow(normal_.width_s, measures.width_s);
    follow(normal_.energy, complex.energy);
    follow(normal_.deflection, measures.deflection);
    follow(normal_.area, measures.area);
    for (std::size_t i = 0; i < leads; ++i)
        for (std::size_t k = 0; k < surround_points; ++k) {
            follow(normal_.surroundings.before[i][k], measures.surroundings.before[i][k]);
            follow(normal_.surroundings.after[i][k], measures.surroundings.after[i][k]);
        }
}

void BeatClassifier::compare_intervals(const QrsDetector& detector, const QrsComplex& complex,
                                       BeatFeatureValues& values) const {
    const float usual = detector.usual_interval();
    const bool timed = complex.interval > 0, twice = timed && last_interval_ > 0;
    set(values, BeatFeature::interval, timed ? logarithm(complex.interval / usual) : 0);
    set(values, BeatFeature::interval_of_last,
        timed ? log_ratio(complex.interval, last_interval_) : 0);
    set(values, BeatFeature::interval_of_normal,
        timed ? log_ratio(complex.interval, normal_.interval) : 0);
    set(values, BeatFeature::interval_s, timed ? complex.interval * per_sample_s : 3);
    set(values, BeatFeature::irregularity, detector.irregularity());
    set(values, BeatFeature::last_interval,
        last_interval_ > 0 ? logarithm(last_interval_ / usual) : 0);
    set(values, BeatFeature::two_intervals,
        twice ? log_ratio(complex.interval + last_interval_, 2 * normal_.interval) : 0);
}

void BeatClassifier::compare_shapes(const QrsDetector& detector, const QrsComplex& complex,
                                    const Measures& measures, std::size_t normal,
                                    BeatFeatureValues& values) const {
    const auto leads = detector.leads().size();
    const auto& normal_shape = detector.shapes()[normal].mean;
    const auto& own_shape = detector.shapes()[complex.home.place].mean;
    const auto alike = likeness(measures.shape, normal_shape, complex.weights, leads);
    set(values, BeatFeature::likeness, alike.all);
    set(values, BeatFeature::likeness_least, alike.least);
    set(values, BeatFeature::likeness_most, alike.most);
    float voltages = 0;
    for (std::size_t i = 0; i < leads; ++i)
        voltages +=
            complex.weights[i] * correlation(measures.shape.voltage[i], normal_shape.voltage[i]);
    set(values, BeatFeature::voltage_likeness, voltages);
    set(values, BeatFeature::shape_likeness,
        likeness(own_shape, normal_shape, complex.weights, leads).all);
    set(values, BeatFeature::last_likeness, last_likeness_);
    set(values, BeatFeature::likeness_with_last,
        has_last_ ? likeness(measures.shape, last_shape_, complex.weights, leads).all : 0);
}

void BeatClassifier::compare_sizes(const QrsComplex& complex, const Measures& measures,
                                   BeatFeatureValues& values) const {
    set(values, BeatFeature::width, log_ratio(measures.width_s, normal_.width_s));
    set(values, BeatFeature::width_s, measures.width_s);
    set(values, BeatFeature::energy, log_ratio(complex.energy, normal_.energy));
    set(values, BeatFeature::deflection, log_ratio(measures.deflection, normal_.deflection));
    set(values, BeatFeature::complex_area, log_ratio(measures.area, normal_.area));
    set(values, BeatFeature::p_likeness, measures.p_likeness);
    set(values, BeatFeature::t_likeness, measures.t_likeness);
    set(values, BeatFeature::t_size, log_ratio(measures.t_size, measures.t_size_of_normal));
    set(values, BeatFeature::t_discordance, measures.t_discordance);
    set(values, BeatFeature::score, std::clamp(complex.score, -5.0F, 10.0F));
}

void BeatClassifier::describe(const Kind& kind, BeatFeatureValues& values) const {
    float all_beats = 0;
    for (const auto& one : kinds_) all_beats += one.beats;
    constexpr float usual_beats = 10;
    set(values, BeatFeature::shape_share, kind.beats / all_beats);
    set(values, BeatFeature::shape_beats, logarithm(kind.beats / usual_beats));
    set(values, BeatFeature::shape_interval, logarithm(kind.interval));
    set(values, BeatFeature::shape_pause, logarithm(kind.pause));
    set(values, BeatFeature::shape_width, log_ratio(kind.width_s, normal_.width_s));
    set(values, BeatFeature::shape_p_likeness, kind.p_likeness);
    set(values, BeatFeature::shape_t_likeness, kind.t_likeness);
}

BeatFeatureValues BeatClassifier::features(const QrsDetector& detector, const QrsComplex& complex,
                                           const Measures& measures, const Kind& kind,
                                           std::size_t normal) const {
    BeatFeatureValues values{};
    compare_intervals(detector, complex, values);
    compare_shapes(detector, complex, measures, normal, values);
    compare_sizes(complex, measures, values);
    describe(kind, values);
    take_evidence(complex, values);
    return values;
}

// A beat and those of its shape before it have as much to say whether it is ventricular.
BeatClass BeatClassifier::decide(const BeatFeatureValues& values, Kind& kind) const {
    constexpr float odds_max = 4, share_min = 0.05F;
    const auto odds = class_odds(values);
    const float own = std::clamp(odds.ventricular, -odds_max, odds_max);
    kind.ventricular += std::max(share_min, 1 / (kind.beats + 1)) * (own - kind.ventricular);
    if (normal_.beats < normal_beats_min) return BeatClass::unclassifiable;
    if ((own + kind.ventricular) / 2 > ventricular_min) return BeatClass::ventricular;
    if (odds.supraventricular > supraventricular_min) return BeatClass::supraventricular;
    return BeatClass::normal;
}

BeatClassifier::Verdict BeatClassifier::classify(const QrsDetector& detector,
                                                 const QrsComplex& complex) {
    const auto measures = measure(detector, complex);
    const float interval = complex.interval > 0 ? complex.interval / detector.usual_interval() : 0;
    auto& kind = note_kind(detector, complex, measures, interval);
    const auto normal = normal_place(detector);
    const auto values = features(detector, complex, measures, kind, normal);
    if (watcher_) watcher_(complex, values);
    const Verdict verdict{.beat_class = decide(values, kind), .qrs_ms = measures.width_s * 1000};

    if (normal == complex.home.place) learn_normal(complex, measures, detector.leads().size());
    last_shape_ = measures.shape;
    has_last_ = true;
    last_likeness_ = values[static_cast<std::size_t>(BeatFeature::likeness)];
    last_interval_ = complex.interval;
    last_place_ = complex.home.place;
    return verdict;
}

}  // namespace vigil::ecg
