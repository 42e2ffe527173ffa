#pragma once
// Random numbers that are the same everywhere for the same seed: the distributions of <random> are
// left to each standard library, these are not.

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace vigil::simulate {

// xoshiro256** (Blackman and Vigna, ACM TOMS 47(4), 2021), seeded by splitmix64.
class Random {
public:
    // `stream` gives each part of one patient its own numbers, so that drawing more in one part
    // does not change the others.
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0) {
        std::uint64_t mix = seed * 0xD1342543DE82EF95U + stream * 0x9E3779B97F4A7C15U;
        for (auto& word : state_) {
            mix += 0x9E3779B97F4A7C15U;
            word = mix;
            word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9U;
            word = (word ^ (word >> 27)) * 0x94D049BB133111EBU;
            word ^= word >> 31;
        }
    }

    std::uint64_t bits() {
        const auto rotated = [](std::uint64_t x, int k) { return x << k | x >> (64 - k); };
        const auto result = rotated(state_[1] * 5, 7) * 9;
        const auto shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotated(state_[3], 45);
        return result;
    }
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }  // [0, 1)
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    bool chance(double probability) { return uniform() < probability; }
    std::uint64_t below(std::uint64_t count) { return bits() % count; }

    // Mean 0, deviation 1: the sum of four 16-bit uniforms. Bounded at 3.5 deviations, which suits
    // bodies and amplifiers, and cheap enough to draw for each sample.
    double normal() {
        const auto drawn = bits();
        double sum = -2;
        for (int i = 0; i < 4; ++i)
            sum += static_cast<double>((drawn >> (16 * i)) & 0xFFFF) * 0x1.0p-16;
        return sum * std::numbers::sqrt3;
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace vigil::simulate
