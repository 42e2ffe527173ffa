#include "boosting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace vigil::tools {

Table::Table(const std::vector<std::vector<float>>& rows, const std::vector<bool>& used)
    : rows_(rows.size()), bins_(used.size()), cuts_(used.size()) {
    for (std::size_t column = 0; column < used.size(); ++column) {
        std::vector<float> values;
        for (const auto& row : rows) values.push_back(row[column]);
        auto sorted = values;
        std::ranges::sort(sorted);
        auto& cuts = cuts_[column];
        for (std::size_t bin = 1; used[column] && bin < bins_max; ++bin) {
            const float cut = sorted[sorted.size() * bin / bins_max];
            if (cut > sorted.front() && (cuts.empty() || cut > cuts.back())) cuts.push_back(cut);
        }
        for (const float value : values)
            bins_[column].push_back(
                static_cast<std::uint8_t>(std::ranges::upper_bound(cuts, value) - cuts.begin()));
    }
}

// One forest as it grows.
class Growth {
public:
    Growth(const Table& table, const std::vector<bool>& labels, const std::vector<float>& weights,
           const BoostingSettings& settings);
    Forest forest() && { return std::move(forest_); }

private:
    static constexpr std::size_t depth = 3, leaves = 8, parents = 4;
    struct Sums {
        double gradient = 0, curvature = 0;
        Sums& operator+=(const Sums& other) {
            gradient += other.gradient;
            curvature += other.curvature;
            return *this;
        }
    };
    struct Split {
        double gain = 0;
        std::size_t column = 0, cut = 0;
        bool found = false;
    };

    void grow();
    void derive();
    void draw();
    std::array<Split, parents> best_splits(std::size_t nodes) const;
    void look_for(const std::array<Sums, Table::bins_max>& bins, std::size_t column,
                  Split& best) const;
    double worth(const Sums& sums) const {
        return sums.gradient * sums.gradient / (sums.curvature + settings_.l2);
    }

    const Table& table_;
    const std::vector<bool>& labels_;
    const std::vector<float>& weights_;
    const BoostingSettings& settings_;
    std::mt19937 random_{1};
    std::vector<std::uint32_t> used_, drawn_;  // rows
    std::vector<std::size_t> columns_;         // drawn
    std::vector<float> odds_;
    std::vector<Sums> derivatives_;
    std::vector<std::uint8_t> node_;
    Forest forest_;
};

Growth::Growth(const Table& table, const std::vector<bool>& labels,
               const std::vector<float>& weights, const BoostingSettings& settings)
    : table_(table),
      labels_(labels),
      weights_(weights),
      settings_(settings),
      derivatives_(table.rows_),
      node_(table.rows_) {
    double yes = 1, no = 1;
    for (std::uint32_t row = 0; row < table.rows_; ++row) {
        if (!(weights[row] > 0)) continue;
        used_.push_back(row);
        (labels[row] ? yes : no) += static_cast<double>(weights[row]);
    }
    forest_.bias = static_cast<float>(std::log(yes / no));
    odds_.assign(table.rows_, forest_.bias);
    for (int tree = 0; tree < settings.trees; ++tree) grow();
}

void Growth::derive() {
    for (const auto row : used_) {
        const double p = 1 / (1 + std::exp(-static_cast<double>(odds_[row])));
        const auto weight = static_cast<double>(weights_[row]);
        derivatives_[row] = {.gradient = weight * ((labels_[row] ? 1 : 0) - p),
                             .curvature = weight * p * (1 - p)};
        node_[row] = 0;
    }
}

void Growth::draw() {
    std::uniform_real_distribution<double> part(0, 1);
    drawn_.clear();
    columns_.clear();
    for (const auto row : used_)
        if (part(random_) < settings_.row_share) drawn_.push_back(row);
    for (std::size_t column = 0; column < table_.cuts_.size(); ++column)
        if (part(random_) < settings_.feature_share && !table_.cuts_[column].empty())
            columns_.push_back(column);
}

void Growth::look_for(const std::array<Sums, Table::bins_max>& bins, std::size_t column,
                      Split& best) const {
    Sums all, left;
    for (const auto& bin : bins) all += bin;
    for (std::size_t cut = 0; cut < table_.cuts_[column].size(); ++cut) {
        left += bins[cut];
        const Sums right{.gradient = all.gradient - left.gradient,
                         .curvature = all.curvature - left.curvature};
        if (std::min(left.curvature, right.curvature) < settings_.leaf_min) continue;
        const double gain = worth(left) + worth(right) - worth(all);
        if (gain > best.gain) best = {.gain = gain, .column = column, .cut = cut, .found = true};
    }
}

std::array<Growth::Split, Growth::parents> Growth::best_splits(std::size_t nodes) const {
    std::array<Split, parents> best{};
    std::array<std::array<Sums, Table::bins_max>, parents> bins;
    for (const auto column : columns_) {
        bins = {};
        const auto& of_row = table_.bins_[column];
        for (const auto row : drawn_) bins[node_[row]][of_row[row]] += derivatives_[row];
        for (std::size_t node = 0; node < nodes; ++node) look_for(bins[node], column, best[node]);
    }
    return best;
}

void Growth::grow() {
    derive();
    draw();
    ecg::DecisionTree tree{};
    for (std::size_t level = 0; level < depth; ++level) {
        const std::size_t nodes = std::size_t{1} << level, first = nodes - 1;
        const auto best = best_splits(nodes);
        for (std::size_t node = 0; node < nodes; ++node) {
            const auto& split = best[node];
            auto& asked = tree.splits[first + node];
            if (!split.found) {  // all to the left
                asked = {.feature = 0, .threshold = std::numeric_limits<float>::max()};
                continue;
            }
            asked = {.feature = static_cast<std::uint8_t>(split.column),
                     .threshold = table_.cuts_[split.column][split.cut]};
        }
        for (const auto row : used_) {
            const auto& split = best[node_[row]];
            const bool right = split.found && table_.bins_[split.column][row] > split.cut;
            node_[row] = static_cast<std::uint8_t>(2 * node_[row] + (right ? 1 : 0));
        }
    }
    std::array<Sums, leaves> sums{};
    for (const auto row : drawn_) sums[node_[row]] += derivatives_[row];
    for (std::size_t leaf = 0; leaf < leaves; ++leaf)
        tree.leaves[leaf] = static_cast<float>(settings_.shrinkage * sums[leaf].gradient /
                                               (sums[leaf].curvature + settings_.l2));
    for (const auto row : used_) odds_[row] += tree.leaves[node_[row]];
    forest_.trees.push_back(tree);
}

Forest Table::train(const std::vector<bool>& labels, const std::vector<float>& weights,
                    const BoostingSettings& settings) const {
    return Growth(*this, labels, weights, settings).forest();
}

}  // namespace vigil::tools
