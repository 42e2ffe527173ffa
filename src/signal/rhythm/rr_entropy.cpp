#include "signal/rhythm/rr_entropy.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace vigil::rhythm {
namespace {

std::uint32_t symbol(double rr_s) {
    constexpr double rate_step = 5;
    constexpr std::uint32_t symbol_max = 63;
    const double rate = rr_s > 0 ? 60 / rr_s : 0;
    return rate >= rate_step * symbol_max ? symbol_max
                                          : static_cast<std::uint32_t>(rate / rate_step);
}

}  // namespace

SymbolicEntropy::SymbolicEntropy(std::size_t window) : window_(window) {
    assert(window >= 2 && window <= window_max);
}

void SymbolicEntropy::clear() {
    *this = SymbolicEntropy(window_);
}

void SymbolicEntropy::add(double rr_s) {
    constexpr std::uint32_t three_symbols = (1U << 18) - 1;
    word_ = (word_ << 6 | symbol(rr_s)) & three_symbols;
    if (++rates_ < 3) return;
    if (filled_ == window_)
        count(words_[next_], -1);
    else
        ++filled_;
    words_[next_] = word_;
    next_ = (next_ + 1) % window_;
    count(word_, 1);
}

void SymbolicEntropy::count(std::uint32_t word, int change) {
    const auto term = [this](int times) {
        const double share = times / static_cast<double>(window_);
        return times > 0 ? share * std::log2(share) : 0;
    };
    std::size_t place = 0;
    while (place < distinct_count_ && distinct_[place] != word) ++place;
    if (place == distinct_count_) {
        distinct_[place] = word;
        counts_[place] = 0;
        ++distinct_count_;
    }
    const int before = counts_[place], after = before + change;
    sum_ += term(after) - term(before);
    counts_[place] = static_cast<std::uint8_t>(after);
    if (after > 0) return;
    --distinct_count_;
    distinct_[place] = distinct_[distinct_count_];
    counts_[place] = counts_[distinct_count_];
}

double SymbolicEntropy::value() const {
    const auto size = static_cast<double>(window_);
    return std::max(0.0, -static_cast<double>(distinct_count_) / (size * std::log2(size)) * sum_);
}

double coefficient_of_sample_entropy(std::span<const double> rr_s) {
    constexpr double tolerance_s = 0.03, half = 0.5;
    assert(rr_s.size() >= 3);
    const std::size_t templates = rr_s.size() - 1;
    std::size_t matches = 0, longer = 0;
    double sum = rr_s.back();
    for (std::size_t i = 0; i < templates; ++i) {
        sum += rr_s[i];
        for (std::size_t j = i + 1; j < templates; ++j) {
            if (!(std::abs(rr_s[i] - rr_s[j]) < tolerance_s)) continue;
            ++matches;
            longer += std::abs(rr_s[i + 1] - rr_s[j + 1]) < tolerance_s ? 1 : 0;
        }
    }
    const double mean = sum / static_cast<double>(rr_s.size());
    return -std::log((static_cast<double>(longer) + half) / (static_cast<double>(matches) + half)) +
           std::log(2 * tolerance_s) - std::log(mean);
}

}  // namespace vigil::rhythm
