#pragma once
// How far an ECG lead can be trusted, over the last ten seconds: Li, Mark and Clifford, Physiol.
// Meas. 29:15-32, 2008 (bSQI, kSQI, pSQI, basSQI); Clifford, Behar, Li and Rezek, Physiol. Meas.
// 33:1419-1433, 2012 (sSQI). Fixed limits do not carry over between data sets, so these only grade:
// what they let pass is looked at further, by its beats (beats_quality.hpp).

#include <array>
#include <cstdint>

#include "signal/biquad.hpp"

namespace vigil::quality {

enum class Grade : std::uint8_t {
    good,       // for shape, ST level and all that is derived
    rate_only,  // beats can be counted, shapes are not to be relied on
    unusable,
};

struct LeadIndices {
    double seconds = 0;    // of the window that have been seen, up to 10
    double missing = 0;    // share of samples that there were not: lead off
    double flat = 0;       // share of seconds in which the signal did not move at all
    double clipped = 0;    // share of samples that stand at the end of the scale
    int steps = 0;         // seconds over which the baseline jumps by 2 mV or more
    double kurtosis = 0;   // kSQI: 3 of Gaussian noise, above 5 of an ECG
    double skewness = 0;   // sSQI
    double qrs_power = 0;  // pSQI: power of 5 to 15 Hz over that of 5 to 40 Hz
    double baseline = 0;   // basSQI: 1 - power below 1 Hz over that below 40 Hz
    double noise_mv = 0;   // mean size above 20 Hz: complexes are short, muscle goes on
    double peak_to_peak_mv = 0;
};

// Ventricular fibrillation has no peaks and asystole nothing: neither is ever unusable for that.
Grade grade(const LeadIndices& indices);

class LeadQuality {
public:
    static constexpr std::size_t window_s = 10;

    explicit LeadQuality(double sample_hz);  // 100 to 2000

    // In mV; NaN, infinite or beyond 1 V: there is no sample.
    void add(float value_mv);
    // Of whole seconds.
    LeadIndices indices() const;
    // There was no sample in the last whole second, or all were equal: nothing is attached. A heart
    // that stands still leaves noise.
    bool is_off() const;

private:
    // What is summed over a second.
    struct Second {
        std::uint32_t count = 0, missing = 0, at_top = 0, at_bottom = 0;
        float top = 0, bottom = 0;                                  // of the samples as they came
        double sum = 0, square = 0, cube = 0, fourth = 0;           // of 0.5 to 40 Hz
        double qrs_square = 0, above_square = 0;                    // of 5 to 15 Hz, of 5 to 40 Hz
        double noise = 0;                                           // above 20 Hz, without its sign
        double slow = 0, slow_square = 0, all = 0, all_square = 0;  // below 1 Hz, below 40 Hz
    };
    void count_in(float value_mv);

    std::uint32_t samples_a_second_;
    Biquad monitoring_high_, monitoring_low_, qrs_high_, qrs_low_, noise_high_, slow_low_,
        slower_low_;
    std::array<Second, window_s> seconds_{};
    std::uint64_t whole_ = 0;  // seconds so far
    Second now_;
    float last_ = 0;
    std::uint32_t equal_ = 0;  // samples in a row of one value
    bool started_ = false;
};

}  // namespace vigil::quality
