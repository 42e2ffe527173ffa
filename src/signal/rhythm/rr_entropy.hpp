#pragma once
// Two measures of how little intervals tell of those that follow: high in atrial fibrillation.

#include <array>
#include <cstdint>
#include <span>

namespace vigil::rhythm {

// Shannon entropy of the words that three heart rates in a row make, in a window of words: Zhou,
// Ding, Wu, Wang and Wu, PLoS ONE 10(9):e0136544, 2015. A rate is a symbol of 5/min, 0 to 63. The
// entropy of the words' shares is divided by its maximum, log2 of the window, and weighed by the
// share of different words: 0 to 1.
class SymbolicEntropy {
public:
    static constexpr std::size_t window_max = 127;  // as published

    // `window`: in words, 2 to window_max.
    explicit SymbolicEntropy(std::size_t window);

    void add(double rr_s);
    // Of a window that is not yet full: as if the words to come added nothing.
    double value() const;
    void clear();

private:
    void count(std::uint32_t word, int change);

    std::size_t window_;
    std::array<std::uint32_t, window_max> words_{};
    std::size_t next_ = 0, filled_ = 0;
    std::uint32_t word_ = 0;
    std::size_t rates_ = 0;
    std::array<std::uint32_t, window_max> distinct_{};  // each word of the window once
    std::array<std::uint8_t, window_max> counts_{};     // how often, beside it
    std::size_t distinct_count_ = 0;
    double sum_ = 0;  // of share * log2(share)
};

// Coefficient of sample entropy, of templates of one interval and a tolerance of 30 ms: Lake and
// Moorman, Am. J. Physiol. Heart Circ. Physiol. 300:H319-H325, 2011. Half a match is added to both
// counts, so that none at all has a value. At least 3 intervals, in seconds.
double coefficient_of_sample_entropy(std::span<const double> rr_s);

}  // namespace vigil::rhythm
