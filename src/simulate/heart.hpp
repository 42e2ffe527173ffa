#pragma once
// The heart's clock: when it beats, where each beat starts from and how much blood it moves.

#include <cstdint>
#include <deque>

#include "simulate/physiology.hpp"
#include "simulate/random.hpp"
#include "simulate/respiration.hpp"

namespace vigil::simulate {

struct Beat {
    enum class Origin : std::uint8_t { sinus, fibrillating_atria, ventricle };

    double time = 0;    // R peak, seconds since the simulation's start
    double rr_s = 0.8;  // since the beat before
    Origin origin = Origin::sinus;
    double stroke = 1;  // volume, relative to this patient's ordinary beat
};

class Heart {
public:
    explicit Heart(std::uint64_t seed);

    struct Orders {
        Rhythm rhythm = Rhythm::sinus;
        double rate_per_min = 72;
        double ectopy = 0;       // share of beats, 0..1
        double variability = 1;  // 0: a metronome; 1: a healthy young adult
    };
    // Draws beats until `until`, forgets those before `from` − 10 s. Only `until` − now is drawn
    // ahead, so a change of rhythm shows after at most that.
    void advance(double from, double until, const Orders& orders, const Respiration& breathing);

    const std::deque<Beat>& beats() const { return beats_; }
    // Beats a minute over the last eight intervals, as a monitor averages; 0 after four seconds
    // without a beat. `effective`: only those that reach the finger (pulse deficit).
    double rate_per_min(double now, bool effective) const;

private:
    double sinus_interval(const Orders& orders, const Respiration& breathing);
    double fibrillation_interval(const Orders& orders);
    void beat(double interval, Beat::Origin origin, double efficiency, double nominal_s);
    void premature_beat(double interval, double nominal_s);

    Random random_;
    std::deque<Beat> beats_;
    Rhythm rhythm_ = Rhythm::sinus;
    double last_ = 0;  // the last beat's time
    double mayer_phase_, mayer_rate_hz_ = 0.1;
    double slow_ = 0;                // very low frequency drift of the interval, relative
    double tachycardia_rate_ = 170;  // drawn at each onset
};

}  // namespace vigil::simulate
