#include "simulate/circulation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigil::simulate {
namespace {

constexpr double filling_pressure_mmhg = 7;  // where pressure settles when the heart stands still
constexpr double artery_delay_s = 0.10;      // R peak to the foot of the radial pulse
constexpr double recent_s = 3;

double ejection_s(double rr_s) {
    return 0.3 * std::sqrt(std::clamp(rr_s, 0.3, 1.4));
}

// The wave reflected from legs and arms shows as the bump after the notch.
double reflected_share(const Beat& beat, double t) {
    const double since = t - beat.time - artery_delay_s - ejection_s(beat.rr_s);
    const double x = (since - 0.11) / 0.030;
    return x > -4 && x < 4 ? beat.stroke * std::exp(-0.5 * x * x) : 0;
}

// The two-element windkessel (Frank 1899; Westerhof et al., Med. Biol. Eng. Comput. 47:131-141,
// 2009): pressure decays with one time constant, each beat pours in its share. The constant and the
// share follow from the systolic, diastolic and rate that are asked for.
struct Windkessel {
    double decay_s;
    double inflow_mmhg;  // that one ordinary beat adds

    explicit Windkessel(const Circulation::Orders& orders) {
        const double period = 60 / std::clamp(orders.rate_per_min, 30.0, 150.0);
        const double systolic = std::max(orders.systolic, filling_pressure_mmhg + 4);
        const double diastolic =
            std::clamp(orders.diastolic, filling_pressure_mmhg + 2, systolic - 2);
        const double ratio =
            (systolic - filling_pressure_mmhg) / (diastolic - filling_pressure_mmhg);
        const double falling = period - 0.9 * ejection_s(period);
        decay_s = falling / std::log(ratio);
        const double mean = diastolic + 0.44 * (systolic - diastolic);
        inflow_mmhg = period * (mean - filling_pressure_mmhg) / decay_s;
    }
};

}  // namespace

Circulation::Circulation(std::uint64_t seed, double sample_hz)
    : random_(seed, 4),
      sample_hz_(sample_hz),
      delay_s_(random_.uniform(0.19, 0.25)),
      recent_(static_cast<std::size_t>(recent_s * sample_hz), 80.0F) {}

void Circulation::draw(double from, std::size_t count, const std::deque<Beat>& beats,
                       const Respiration& breathing, const Orders& orders) {
    pressure_.resize(count);
    plethysmogram_.resize(count);
    draw_pressure(from, beats, orders);
    draw_plethysmogram(from, beats, breathing, orders);
}

void Circulation::draw_pressure(double from, const std::deque<Beat>& beats, const Orders& orders) {
    const Windkessel windkessel(orders);
    const double dt = 1 / sample_hz_;
    const double notch_mmhg = 0.09 * (orders.systolic - orders.diastolic);
    // The beat that is pouring in, or the last one that did.
    auto beat = beats.begin();
    for (std::size_t i = 0; i < pressure_.size(); ++i) {
        const double t = from + static_cast<double>(i) * dt;
        while (beat != beats.end() && std::next(beat) != beats.end() &&
               std::next(beat)->time + artery_delay_s <= t)
            ++beat;
        double inflow = 0;
        double reflected = 0;
        if (beat != beats.end() && beat->time + artery_delay_s <= t) {
            const double since = t - beat->time - artery_delay_s;
            const double ejection = ejection_s(beat->rr_s);
            if (since < ejection)
                inflow = windkessel.inflow_mmhg * beat->stroke * std::numbers::pi / (2 * ejection) *
                         std::sin(std::numbers::pi * since / ejection);
            reflected = notch_mmhg * reflected_share(*beat, t);
            if (beat != beats.begin())
                reflected += notch_mmhg * reflected_share(*std::prev(beat), t);
        }
        artery_mmhg_ += dt * (inflow - (artery_mmhg_ - filling_pressure_mmhg) / windkessel.decay_s);
        pressure_[i] = static_cast<float>(artery_mmhg_ + reflected);
        recent_[recent_at_] = pressure_[i];
        recent_at_ = (recent_at_ + 1) % recent_.size();
    }
}

// Each pulse as two Gaussians, the direct and the reflected wave (Tang et al., Sensors 20:3806,
// 2020), after its transit to the finger, on a baseline that breathes.
void Circulation::draw_plethysmogram(double from, const std::deque<Beat>& beats,
                                     const Respiration& breathing, const Orders& orders) {
    const double size = std::clamp(0.16 * std::sqrt(std::max(0.0, orders.perfusion)), 0.0, 0.6);
    const double noise = 0.002 + 0.05 * orders.noise * orders.noise;
    const double dt = 1 / sample_hz_;
    if (random_.chance(orders.noise * orders.noise * 0.4)) probe_motion_ += 0.3 * random_.normal();
    const double motion_fade = std::exp(-2 * dt);
    const double chest = 0.03 * breathing.volume(from);
    const double chest_end =
        0.03 * breathing.volume(from + static_cast<double>(plethysmogram_.size()) * dt);
    for (std::size_t i = 0; i < plethysmogram_.size(); ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(plethysmogram_.size());
        plethysmogram_[i] = static_cast<float>(0.3 + chest + (chest_end - chest) * share +
                                               probe_motion_ + noise * random_.normal());
        probe_motion_ *= motion_fade;
    }
    struct Part {
        double centre_s, width_s, height;
    };
    constexpr std::array<Part, 2> parts{{{0.14, 0.065, 1.0}, {0.36, 0.11, 0.42}}};
    for (const auto& beat : beats) {
        const double stretch = std::sqrt(std::clamp(beat.rr_s, 0.3, 1.4));
        for (const auto& part : parts) {
            const double width = part.width_s * stretch;
            const double centre = beat.time + delay_s_ + part.centre_s * stretch - from;
            const auto first = std::max(0.0, std::ceil((centre - 4 * width) * sample_hz_));
            const auto last = std::min(static_cast<double>(plethysmogram_.size()) - 1,
                                       std::floor((centre + 4 * width) * sample_hz_));
            if (first > last) continue;
            const double step = dt / width;
            const double x = (first * dt - centre) / width;
            double value = size * part.height * beat.stroke * std::exp(-0.5 * x * x);
            double factor = std::exp(-x * step - 0.5 * step * step);
            const double shrink = std::exp(-step * step);
            for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(last);
                 ++i) {
                plethysmogram_[i] += static_cast<float>(value);
                value *= factor;
                factor *= shrink;
            }
        }
    }
}

Circulation::Pressures Circulation::measured() const {
    const auto [low, high] = std::ranges::minmax_element(recent_);
    double sum = 0;
    for (const auto sample : recent_) sum += sample;
    return {*high, *low, sum / static_cast<double>(recent_.size())};
}

double Circulation::output(double now, const std::deque<Beat>& beats, const Orders& orders) const {
    constexpr double window_s = 6;
    double strokes = 0;
    for (const auto& beat : beats)
        if (beat.time <= now && beat.time > now - window_s) strokes += beat.stroke;
    const double per_minute = strokes * 60 / window_s;
    return std::min(1.3, per_minute / std::clamp(orders.rate_per_min, 30.0, 150.0));
}

}  // namespace vigil::simulate
