#pragma once
// The ST level of a lead: how far the signal stands 60 or 80 ms after the J point from where it
// stood before the QRS complex, in the median of the last normal beats (AHA/ACCF/HRS
// recommendations, Wagner et al., Circulation 119:e262-e270, 2009; IEC 60601-2-27 for the band).

#include <optional>

#include "base/result.hpp"
#include "signal/ecg/beat.hpp"
#include "signal/rhythm/running_median.hpp"
#include "signal/sample_ring.hpp"

namespace vigil::st {

struct StBeat {
    double at_s = 0;        // of the beat
    double level_mv = 0;    // at the ST point, above the isoelectric line
    double j_level_mv = 0;  // at the J point
    double j_ms = 0;        // J point after the beat's fiducial point
    double st_ms = 0;       // ST point after the J point: 80, or 60 from 120/min on
};

class StLevel {
public:
    // A high-pass filter of more than 0.05 Hz bends the ST segment: refused (unsupported). Of a
    // signal whose filter is not known, say so by its value (monitoring mode: 0.5). sample_hz: 100
    // to 2000.
    static Result<StLevel> make(double sample_hz, double high_pass_hz);

    // In mV; NaN: there is none.
    void add(float value_mv) { samples_.add(value_mv); }

    // Each beat of the lead, within two seconds of its sample being added. Measures the beat before
    // it, since only then both ends of its baseline are known; none if that is not normal or could
    // not be measured.
    std::optional<StBeat> beat(const ecg::Beat& beat);

    // Median of the last 15 measured beats; none of fewer than 5, or if the last is 60 s old.
    std::optional<double> level_mv(double now_s) const;

private:
    static constexpr std::size_t beats_kept = 15, beats_min = 5;
    struct Complex {
        ecg::Beat beat;
        std::int64_t isoelectric = 0;  // the middle of its window, before the QRS complex
        double isoelectric_mv = 0;
    };

    explicit StLevel(double sample_hz);
    float slope(std::int64_t at) const;
    std::optional<std::int64_t> first_quiet(std::int64_t r, double from_ms, double to_ms,
                                            int step) const;
    std::optional<Complex> baseline(const ecg::Beat& beat) const;
    double baseline_mv(const Complex& from, const Complex& to, std::int64_t sample) const;
    std::optional<StBeat> measure(const Complex& from, const Complex& to) const;
    std::int64_t samples(double ms) const;

    double hz_;
    SampleRing samples_;
    std::optional<Complex> before_, earlier_;  // earlier: the one before, if it adjoins
    rhythm::RunningMedian<beats_kept> levels_;
    double last_s_ = 0;
};

}  // namespace vigil::st
