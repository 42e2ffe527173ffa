#pragma once
// Gradient boosting of small decision trees on the logistic loss: Friedman, Ann. Stat.
// 29(5):1189-1232 (2001), with second derivatives in the leaves, and of each tree only a share of
// the rows and features (stochastic gradient boosting, Friedman 2002). What makes it generalise
// from few patients: each tree sees other features.

#include <cstdint>
#include <span>
#include <vector>

#include "signal/ecg/decision_forest.hpp"

namespace vigil::tools {

struct Forest {
    float bias = 0;
    std::vector<ecg::DecisionTree> trees{};
    float odds(std::span<const float> features) const {
        return bias + ecg::sum_of(trees, features);
    }
};

struct BoostingSettings {
    int trees = 0;
    double shrinkage = 0.1;
    double l2 = 20;                                // added to the second derivatives of a leaf
    double leaf_min = 5;                           // least sum of them in one
    double feature_share = 0.15, row_share = 0.4;  // of each tree, drawn anew
};

// Rows of features, cut at quantiles.
class Table {
public:
    // Each row has as many numbers. `columns` that are not `used` are never asked for.
    Table(const std::vector<std::vector<float>>& rows, const std::vector<bool>& used);

    // `weights`: 0 leaves a row out. The same input gives the same forest.
    Forest train(const std::vector<bool>& labels, const std::vector<float>& weights,
                 const BoostingSettings& settings) const;

private:
    friend class Growth;
    static constexpr std::size_t bins_max = 64;
    std::size_t rows_ = 0;
    std::vector<std::vector<std::uint8_t>> bins_;  // of a column, of a row
    std::vector<std::vector<float>> cuts_;         // bin b: from cuts[b - 1], below cuts[b]
};

}  // namespace vigil::tools
