#include "simulate/electrocardiogram.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigil::simulate {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double widths_drawn = 4;  // beyond, a Gaussian is below 0.04 % of its height

}  // namespace

// Heights in lead I, II and V1 of an ordinary adult; each patient's own are drawn round them.
Electrocardiogram::Electrocardiogram(std::uint64_t seed, double sample_hz)
    : random_(seed, 3),
      sample_hz_(sample_hz),
      sinus_{{{-0.165, 0.020, {0.07F, 0.13F, 0.06F}, false},    // P, right atrium
              {-0.135, 0.018, {0.04F, 0.07F, -0.04F}, false},   // P, left atrium
              {-0.030, 0.009, {-0.05F, -0.10F, 0.0F}, false},   // Q (r in V1)
              {0.000, 0.011, {0.65F, 1.15F, 0.25F}, false},     // R
              {0.030, 0.011, {-0.10F, -0.20F, -0.95F}, false},  // S
              {0.265, 0.050, {0.11F, 0.16F, 0.04F}, true},      // T, slow rise
              {0.310, 0.032, {0.10F, 0.15F, 0.03F}, true}}},    // T, steeper fall
      ventricular_{{{0.000, 0.034, {0.8F, 1.5F, -1.1F}, false},
                    {0.090, 0.036, {-0.3F, -0.7F, 0.5F}, false},
                    {0.290, 0.060, {-0.25F, -0.5F, 0.4F}, true}}},
      atrial_rate_hz_(random_.uniform(5, 7.5)) {
    const auto vary = [this](double deviation) { return 1 + deviation * random_.normal(); };
    const double voltage = std::clamp(vary(0.15), 0.6, 1.5);
    const auto vary_wave = [&](Wave& wave) {
        wave.width_s *= std::clamp(vary(0.05), 0.85, 1.15);
        for (auto& height : wave.height_mv)
            height *= static_cast<float>(voltage * std::clamp(vary(0.1), 0.7, 1.3));
    };
    std::ranges::for_each(sinus_, vary_wave);
    std::ranges::for_each(ventricular_, vary_wave);
}

void Electrocardiogram::draw(double from, std::size_t count, const std::deque<Beat>& beats,
                             const Respiration& breathing, const Circumstances& circumstances) {
    for (auto& lead : samples_) lead.assign(count, 0.0F);
    const double until = from + static_cast<double>(count) / sample_hz_;
    for (const auto& beat : beats)
        if (beat.time + 1 > from && beat.time - 0.4 < until) add_beat(beat, from, breathing);
    if (circumstances.rhythm == Rhythm::atrial_fibrillation) add_fibrillating_atria(from);
    add_ventricular_fibrillation(circumstances.rhythm == Rhythm::ventricular_fibrillation);
    add_noise(from, breathing, circumstances);
}

void Electrocardiogram::add_beat(const Beat& beat, double from, const Respiration& breathing) {
    // The chest's volume turns the heart's axis: the amplitude breathes along.
    const double scale = 1.03 - 0.08 * breathing.volume(beat.time);
    const double stretch = std::sqrt(std::clamp(beat.rr_s, 0.3, 1.5));
    if (beat.origin == Beat::Origin::ventricle) {
        for (const auto& wave : ventricular_) add_wave(wave, beat.time, stretch, from, scale);
        return;
    }
    constexpr std::size_t p_waves = 2;
    const bool conducted_from_atria = beat.origin == Beat::Origin::sinus;
    for (std::size_t i = conducted_from_atria ? 0 : p_waves; i < sinus_.size(); ++i)
        add_wave(sinus_[i], beat.time, stretch, from, scale);
}

// On evenly spaced samples a Gaussian is a product that grows by a geometric factor: two
// multiplications a sample, no exponential.
void Electrocardiogram::add_wave(const Wave& wave, double at, double stretch, double from,
                                 double scale) {
    const double centre = at + wave.centre_s * (wave.follows_interval ? stretch : 1) - from;
    const double width = wave.width_s * (wave.follows_interval ? stretch : 1);
    const auto count = static_cast<std::ptrdiff_t>(samples_[0].size());
    const auto first = std::max<std::ptrdiff_t>(
        0, static_cast<std::ptrdiff_t>(std::ceil((centre - widths_drawn * width) * sample_hz_)));
    const auto last = std::min<std::ptrdiff_t>(
        count - 1,
        static_cast<std::ptrdiff_t>(std::floor((centre + widths_drawn * width) * sample_hz_)));
    if (first > last) return;
    const double step = 1 / (sample_hz_ * width);
    const double x = (static_cast<double>(first) / sample_hz_ - centre) / width;
    double value = scale * std::exp(-0.5 * x * x);
    double factor = std::exp(-x * step - 0.5 * step * step);
    const double shrink = std::exp(-step * step);
    for (auto i = first; i <= last; ++i) {
        const auto height = static_cast<float>(value);
        for (std::size_t lead = 0; lead < lead_count; ++lead)
            samples_[lead][static_cast<std::size_t>(i)] += wave.height_mv[lead] * height;
        value *= factor;
        factor *= shrink;
    }
}

// Sawtooth of modulated rate and size: Stridh and Soernmo, IEEE TBME 48(1):105-111, 2001.
void Electrocardiogram::add_fibrillating_atria(double from) {
    constexpr std::array<float, lead_count> height_mv{0.03F, 0.06F, 0.10F};
    constexpr int harmonics = 3;
    for (std::size_t i = 0; i < samples_[0].size(); ++i) {
        const double t = from + static_cast<double>(i) / sample_hz_;
        const double phase = two_pi * atrial_rate_hz_ * t + 2 * std::sin(two_pi * 0.1 * t);
        const double size = 1 + 0.35 * std::sin(two_pi * 0.16 * t);
        // sin(2x) and sin(3x) from sin(x) and cos(x)
        const double s = std::sin(phase);
        const double c = std::cos(phase);
        const std::array<double, harmonics> tones{s, 2 * s * c, s * (3 - 4 * s * s)};
        double wave = 0;
        for (int n = 0; n < harmonics; ++n) wave -= tones[static_cast<std::size_t>(n)] / (n + 1);
        for (std::size_t lead = 0; lead < lead_count; ++lead)
            samples_[lead][i] += height_mv[lead] * static_cast<float>(size * wave);
    }
}

// Three oscillators of wandering rate between 3 and 8 Hz: coarse at first, fine within minutes.
void Electrocardiogram::add_ventricular_fibrillation(bool present) {
    constexpr double negligible = 0.005;
    if (!present) fibrillation_age_s_ = 0;
    if (!present && fibrillation_size_ < negligible) return;
    const double swell = 1 - std::exp(-1 / (0.15 * sample_hz_));
    constexpr std::array<std::array<float, 3>, lead_count> mix{
        {{0.5F, 0.3F, 0.2F}, {0.9F, 0.5F, 0.3F}, {0.4F, -0.6F, 0.4F}}};
    for (auto& rate : fibrillation_rate_hz_)
        rate = std::clamp(rate + 0.15 * random_.normal(), 3.0, 8.0);
    for (std::size_t i = 0; i < samples_[0].size(); ++i) {
        fibrillation_age_s_ += 1 / sample_hz_;
        const double wanted = present ? 0.15 + 0.45 * std::exp(-fibrillation_age_s_ / 180) : 0;
        fibrillation_size_ += (wanted - fibrillation_size_) * swell;
        std::array<double, 3> tones{};
        for (std::size_t n = 0; n < tones.size(); ++n) {
            fibrillation_phase_[n] += two_pi * fibrillation_rate_hz_[n] / sample_hz_;
            tones[n] = fibrillation_size_ * std::sin(fibrillation_phase_[n]);
        }
        for (std::size_t lead = 0; lead < lead_count; ++lead)
            for (std::size_t n = 0; n < tones.size(); ++n)
                samples_[lead][i] += mix[lead][n] * static_cast<float>(tones[n]);
    }
    for (auto& phase : fibrillation_phase_) phase = std::fmod(phase, two_pi);
}

// The four disturbances of the MIT-BIH Noise Stress Test database: baseline wander, mains, muscle
// and electrode motion.
void Electrocardiogram::add_noise(double from, const Respiration& breathing,
                                  const Circumstances& circumstances) {
    const auto count = samples_[0].size();
    const double noise = std::clamp(circumstances.noise, 0.0, 1.0);
    const double muscle_mv = 0.006 + 0.12 * noise * noise;
    const double mains_mv = 0.004;
    const double turn = two_pi * circumstances.mains_hz / sample_hz_;
    const double mains_start = std::fmod(two_pi * circumstances.mains_hz * from, two_pi);
    // Motion comes in jerks that die away over a second.
    if (random_.chance(noise * noise * 0.3)) motion_mv_ += 0.8 * random_.normal();
    const double motion_fade = std::exp(-1 / sample_hz_);
    const double chest = 0.03 * (breathing.volume(from) - 0.4);
    const double chest_end =
        0.03 * (breathing.volume(from + static_cast<double>(count) / sample_hz_) - 0.4);
    const double sine_step = std::sin(turn);
    const double cosine_step = std::cos(turn);
    double sine = std::sin(mains_start);
    double cosine = std::cos(mains_start);
    std::array<double, lead_count> pull{};
    for (std::size_t lead = 0; lead < lead_count; ++lead)
        pull[lead] = 0.4 * (1 + 6 * noise) * random_.normal();
    for (std::size_t i = 0; i < count; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(count);
        const double common = chest + (chest_end - chest) * share + mains_mv * sine + motion_mv_;
        const double next_sine = sine * cosine_step + cosine * sine_step;
        cosine = cosine * cosine_step - sine * sine_step;
        sine = next_sine;
        motion_mv_ *= motion_fade;
        for (std::size_t lead = 0; lead < lead_count; ++lead) {
            auto& wander = wander_[lead];
            // A damped spring, pulled at random once a block: slow, continuous, bounded.
            wander.velocity +=
                (pull[lead] - 2.5 * wander.velocity - 1.5 * wander.value) / sample_hz_;
            wander.value += wander.velocity / sample_hz_;
            samples_[lead][i] +=
                static_cast<float>(common + 0.15 * wander.value + muscle_mv * random_.normal());
        }
    }
}

}  // namespace vigil::simulate
