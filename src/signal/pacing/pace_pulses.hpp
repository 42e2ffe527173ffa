#pragma once
// Takes the pulses of a pacemaker out of an ECG lead before beats are looked for: a pulse is no
// beat, and one that does not capture must not hide that there is none (IEC 60601-2-27: pulses of
// 0.1 to 2 ms). To be used on samples as they come from the device: behind a low-pass filter of 40
// Hz a pulse has the width of a QRS complex.

#include <cstdint>
#include <optional>
#include <vector>

namespace vigil::pacing {

class PacePulses {
public:
    explicit PacePulses(double sample_hz);  // 200 to 2000

    struct Out {
        float value_mv = 0;                 // of `delay()` samples ago, without the pulse
        std::optional<std::int64_t> pulse;  // number of the sample at which one was just found
    };
    // In mV; NaN: there is none, and it comes out so.
    Out add(float value_mv);

    // Samples: 4 at 250 Hz, 16 at 2000 Hz.
    std::int64_t delay() const { return 4 * half_; }

private:
    float at(std::int64_t number) const;
    bool is_pulse(std::int64_t centre) const;

    std::int64_t half_;  // samples from a pulse's middle to where it is over
    std::vector<float> recent_;
    std::int64_t count_ = 0, last_pulse_ = -1'000'000;
};

}  // namespace vigil::pacing
