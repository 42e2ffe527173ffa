#pragma once
// The binary waveform frames of docs/reference/live-stream.md.

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "metric/reading.hpp"

namespace vigil::share {

// Gathers blocks into one frame.
class WaveformFrame {
public:
    static constexpr std::size_t blocks_max = 65535;
    static constexpr std::size_t samples_max = 65535;  // a longer block is cut in parts

    void add(std::uint32_t series_index, const WaveformBlock& block, Timestamp filed_time,
             bool after_gap, bool replayed);
    bool empty() const { return count_ == 0; }
    // Bytes of the frame; the gatherer is empty afterwards.
    std::string take();

private:
    std::string bytes_;
    std::size_t count_ = 0;
};

}  // namespace vigil::share
