#pragma once
// What the beats do to arterial pressure and to the light through a finger.

#include <array>
#include <deque>
#include <span>
#include <vector>

#include "simulate/heart.hpp"
#include "simulate/random.hpp"
#include "simulate/respiration.hpp"

namespace vigil::simulate {

class Circulation {
public:
    Circulation(std::uint64_t seed, double sample_hz);

    struct Orders {
        double systolic = 122, diastolic = 74;  // what an ordinary beat at this rate makes
        double rate_per_min = 72;               // that rate
        double perfusion = 3;                   // perfusion index, %
        double noise = 0;                       // of the finger probe, 0..1
    };
    // Draws [from, from + count / sample_hz) of both waves.
    void draw(double from, std::size_t count, const std::deque<Beat>& beats,
              const Respiration& breathing, const Orders& orders);

    std::span<const float> pressure_mmhg() const { return pressure_; }
    std::span<const float> plethysmogram() const { return plethysmogram_; }  // 0..1, rest at 0.3

    // Over the last three seconds.
    struct Pressures {
        double systolic, diastolic, mean;
    };
    Pressures measured() const;
    // Blood moved a minute, relative to this patient's ordinary output: 0 in arrest.
    double output(double now, const std::deque<Beat>& beats, const Orders& orders) const;

private:
    void draw_pressure(double from, const std::deque<Beat>& beats, const Orders& orders);
    void draw_plethysmogram(double from, const std::deque<Beat>& beats,
                            const Respiration& breathing, const Orders& orders);

    Random random_;
    double sample_hz_;
    double artery_mmhg_ = 80;  // the windkessel's state
    double probe_motion_ = 0;
    double delay_s_;  // R peak to finger: pre-ejection and transit
    std::vector<float> pressure_, plethysmogram_;
    std::vector<float> recent_;  // a ring of three seconds of pressure
    std::size_t recent_at_ = 0;
};

}  // namespace vigil::simulate
