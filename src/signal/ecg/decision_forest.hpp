#pragma once
// A sum of small decision trees: how the detector weighs what it knows of a candidate.

#include <array>
#include <cstdint>
#include <span>

namespace vigil::ecg {

// Three questions deep: 7 splits, of which 3 are asked, and 8 answers. Split k leads to 2k + 1
// where the feature is less than the threshold, else to 2k + 2.
struct DecisionTree {
    struct Split {
        std::uint8_t feature;
        float threshold;
    };
    std::array<Split, 7> splits;
    std::array<float, 8> leaves;
};

// `features` holds every feature that the trees ask for.
constexpr float sum_of(std::span<const DecisionTree> trees, std::span<const float> features) {
    float sum = 0;
    for (const auto& tree : trees) {
        std::size_t at = 0;
        while (at < tree.splits.size()) {
            const auto& split = tree.splits[at];
            at = 2 * at + (features[split.feature] < split.threshold ? 1 : 2);
        }
        sum += tree.leaves[at - tree.splits.size()];
    }
    return sum;
}

}  // namespace vigil::ecg
