#include "fhir/deidentify/generalise.hpp"

#include <algorithm>

namespace vigil::fhir::deidentify {
namespace {

using Levels8 = std::vector<std::uint8_t>;

// Every combination, the first column slowest.
std::vector<Levels8> all_levels(const RiskTable& table) {
    std::vector<Levels8> all{Levels8(table.columns.size(), 0)};
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const auto before = all.size();
        for (std::size_t level = 1; level < table.columns[column].levels.size(); ++level)
            for (std::size_t i = 0; i < before; ++i) {
                all.push_back(all[i]);
                all.back()[column] = static_cast<std::uint8_t>(level);
            }
    }
    return all;
}

double generalisation_loss(const RiskTable& table, const Levels8& levels) {
    double loss = 0;
    for (std::size_t column = 0; column < levels.size(); ++column) {
        const auto last = table.columns[column].levels.size() - 1;
        if (last > 0) loss += levels[column] / static_cast<double>(last);
    }
    return levels.empty() ? 0 : loss / static_cast<double>(levels.size());
}

Generalised at(const RiskTable& table, Levels8 levels, std::uint32_t class_min,
               double sampling_fraction) {
    Generalised made;
    made.classes = classes_of(table, levels);
    made.measures = measure(table, made.classes, class_min, sampling_fraction);
    made.left_out = table.persons - made.measures.persons;
    const auto share = table.persons == 0 ? 0
                                          : static_cast<double>(made.left_out) /
                                                static_cast<double>(table.persons);
    made.loss = share + (1 - share) * generalisation_loss(table, levels);
    made.levels = std::move(levels);
    return made;
}

// Cheaper than all measures: whether so many persons are in small classes, and how many classes.
bool may_reach(const RiskTable& table, const Levels8& levels, const Gate& gate,
               const GeneraliseLimits& limits) {
    const auto classes = classes_of(table, levels);
    std::size_t persons = 0, count = 0;
    for (const auto size : classes.sizes)
        if (size >= gate.class_min()) {
            persons += size;
            ++count;
        }
    const auto left_out = static_cast<double>(table.persons - persons);
    if (persons == 0 || left_out > limits.left_out_max * static_cast<double>(table.persons))
        return false;
    return !gate.marketer_max ||
           static_cast<double>(count) < *gate.marketer_max * static_cast<double>(persons);
}

}  // namespace

Generalised as_it_is(const RiskTable& table, double sampling_fraction) {
    return at(table, Levels8(table.columns.size(), 0), 1, sampling_fraction);
}

Generalised generalise(const RiskTable& table, const Gate& gate, const GeneraliseLimits& limits) {
    auto all = all_levels(table);
    std::ranges::sort(all, {}, [&table](const Levels8& levels) {
        return std::pair(generalisation_loss(table, levels), levels);
    });
    std::optional<Generalised> best;
    for (const auto& levels : all) {
        if (best && generalisation_loss(table, levels) >= best->loss) break;
        if (!may_reach(table, levels, gate, limits)) continue;
        auto made = at(table, levels, gate.class_min(), limits.sampling_fraction);
        if (!best || made.loss < best->loss) best = std::move(made);
    }
    if (!best) best = at(table, all.back(), gate.class_min(), limits.sampling_fraction);
    return std::move(*best);
}

}  // namespace vigil::fhir::deidentify
