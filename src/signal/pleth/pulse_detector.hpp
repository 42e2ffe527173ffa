#pragma once
// The pulses of a photoplethysmogram or an arterial pressure wave, as the samples come.
//
// Peaks by two moving averages, of the width of a systolic peak and of a beat: Elgendi, Norton,
// Brearley, Abbott and Schuurmans, PLoS ONE 8(10):e76585, 2013, whose widths, band and offset these
// are. How good a pulse is, by its likeness to those before it: Li and Clifford, Physiol. Meas.
// 33:1491-1501, 2012.

#include <array>
#include <cstdint>
#include <vector>

#include "signal/biquad.hpp"
#include "signal/rhythm/running_median.hpp"

namespace vigil::pleth {

struct Pulse {
    double foot_s = 0, peak_s = 0;  // seconds since the start of the signal
    double length_s = 0;            // from its peak to that of the next
    float foot = 0, amplitude = 0;  // in the signal's unit; amplitude: peak above foot
    float quality = 0;              // 0 to 1: likeness to the pulses before it, of usual size
};

// In percent of the light that comes through: only of a signal that has kept its constant part.
double perfusion_index_percent(const Pulse& pulse);

class PulseDetector {
public:
    explicit PulseDetector(double sample_hz);  // 30 to 1000

    // NaN, infinite or beyond 1e9: there is no sample. A pulse is told of when the next one has
    // begun.
    void add(float value, std::vector<Pulse>& out);

private:
    static constexpr double history_s = 4;
    static constexpr std::size_t template_points = 32;
    struct Peak {
        std::int64_t at = 0, foot_at = 0;
        float value = 0, foot = 0;
    };

    void reset();
    void look_at(std::int64_t centre, std::vector<Pulse>& out);
    std::int64_t foot_of(const Peak& peak) const;
    void found(Peak peak, std::vector<Pulse>& out);
    void close(const Peak& next, std::vector<Pulse>& out);
    float likeness(std::int64_t from, std::int64_t to);
    std::size_t place(std::int64_t number) const {
        return static_cast<std::size_t>(number) % raw_.size();
    }
    double mean_energy(std::int64_t from, std::int64_t to) const;  // both inclusive

    double hz_;
    std::int64_t peak_width_, beat_width_;
    Biquad high_, low_, smooth_;
    std::vector<float> raw_;              // smoothed, for places and heights
    std::vector<double> energy_sum_;      // of all squares so far
    std::int64_t count_ = 0, begun_ = 0;  // samples so far, and at the last gap
    double mean_energy_ = 0;
    bool in_block_ = false;
    std::int64_t block_from_ = 0;
    bool has_last_ = false;
    Peak last_;
    rhythm::RunningMedian<9> amplitudes_;
    std::array<float, template_points> template_{};
    int template_count_ = 0;
};

}  // namespace vigil::pleth
