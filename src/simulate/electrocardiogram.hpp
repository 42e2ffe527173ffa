#pragma once
// The surface ECG of a series of beats.
//
// The dynamical model of McSharry, Clifford, Tarassenko and Smith (IEEE TBME 50(3):289-294, 2003)
// moves a point round a limit cycle on which P, Q, R, S and T stand as Gaussian attractors. Its
// solution without the slow restoring term is a sum of Gaussians over the beat's phase (Clifford et
// al., Int. J. Bioelectromagnetism 7(1), 2005; several leads: Sameni et al., EURASIP J. Adv. Signal
// Process. 2007:043407). That sum is what is drawn here, each lead with its own amplitudes, the T
// wave's distance following the square root of the interval (Bazett).

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "simulate/heart.hpp"
#include "simulate/random.hpp"

namespace vigil::simulate {

enum class Lead : std::uint8_t { I, II, V1 };
constexpr std::size_t lead_count = 3;

class Electrocardiogram {
public:
    Electrocardiogram(std::uint64_t seed, double sample_hz);

    struct Circumstances {
        Rhythm rhythm = Rhythm::sinus;
        double noise = 0;  // 0..1, physiology.hpp
        double mains_hz = 50;
    };
    // Draws the samples of [from, from + count / sample_hz) in mV; spans of earlier calls must not
    // be skipped, since noise and fibrillation go on from where they were.
    void draw(double from, std::size_t count, const std::deque<Beat>& beats,
              const Respiration& breathing, const Circumstances& circumstances);

    std::span<const float> samples(Lead lead) const {
        return samples_[static_cast<std::size_t>(lead)];
    }

private:
    // A Gaussian on the beat's time axis: centre and width in seconds, its height in each lead.
    struct Wave {
        double centre_s, width_s;
        std::array<float, lead_count> height_mv;
        bool follows_interval;
    };
    // A slow random walk that is drawn in to zero.
    struct Drift {
        double value = 0, velocity = 0;
    };

    void add_wave(const Wave& wave, double at, double stretch, double from, double scale);
    void add_beat(const Beat& beat, double from, const Respiration& breathing);
    void add_fibrillating_atria(double from);
    void add_ventricular_fibrillation(bool present);
    void add_noise(double from, const Respiration& breathing, const Circumstances& circumstances);

    Random random_;
    double sample_hz_;
    std::array<Wave, 7> sinus_;
    std::array<Wave, 3> ventricular_;
    std::array<std::vector<float>, lead_count> samples_;

    double atrial_rate_hz_;
    double fibrillation_age_s_ = 0, fibrillation_size_ = 0;
    std::array<double, 3> fibrillation_phase_{};
    std::array<double, 3> fibrillation_rate_hz_{4.2, 5.1, 6.3};
    std::array<Drift, lead_count> wander_;
    double motion_mv_ = 0;
};

}  // namespace vigil::simulate
