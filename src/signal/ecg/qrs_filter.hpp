#pragma once
// What a QRS complex has much of and P, T and the baseline have little: slope. One lead at 250 Hz.

#include <array>
#include <cstdint>

namespace vigil::ecg {

// Moving sums of 5 and 4 samples (20 and 16 ms: their zeros lie at 50 and 62.5 Hz, next to the
// mains), then a difference over 5: a band-pass of linear phase, about 4 to 24 Hz. Its magnitude
// through two moving sums of 13 samples is the energy: a triangle of 100 ms, as a QRS is long. The
// band and the window follow Hamilton (2002) and Elgendi (2013).
//
// All in integers of 1/4096 mV: sums never drift, and the same samples give the same energy.
class QrsFilter {
public:
    static constexpr int slope_delay = 6;    // samples, rounded
    static constexpr int energy_delay = 18;  // samples

    struct Output {
        float slope;   // mV, of the smoothed signal over 20 ms
        float energy;  // mV, mean magnitude of the slope
    };
    Output feed(float value_mv);

private:
    static constexpr std::size_t ring = 16, mask = ring - 1;
    std::array<std::int32_t, ring> input_{}, sum5_{}, sum4_{}, magnitude_{};
    std::array<std::int64_t, ring> box_{};
    std::size_t at_ = 0;
    std::int32_t running5_ = 0, running4_ = 0;
    std::int64_t box1_ = 0, box2_ = 0;
};

}  // namespace vigil::ecg
