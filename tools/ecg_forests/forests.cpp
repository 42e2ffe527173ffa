#include "forests.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <string_view>

#include "signal/ecg/beat_features.hpp"
#include "signal/ecg/qrs_candidate.hpp"

namespace vigil::tools {
namespace {

constexpr std::string_view head = R"(// Trained, not written: tools/ecg_forests makes this file
// (docs/decisions/0041-ecg-beats.md).
)";
constexpr std::string_view before = R"(
// clang-format off
// NOLINTBEGIN(modernize-use-std-numbers): a threshold that is near one of them is not meant as it
)";
constexpr std::string_view after = R"(
// NOLINTEND(modernize-use-std-numbers)
// clang-format on

}  // namespace

)";

std::string number(float value) {
    auto text = fmt::format("{:.5g}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text + "F";
}

std::string source_of(const Forest& forest, std::string_view name) {
    auto text = fmt::format("constexpr float {}_bias = {};\n\n", name, number(forest.bias));
    text += fmt::format("constexpr std::array<DecisionTree, {}> {}_trees{{{{\n",
                        forest.trees.size(), name);
    for (const auto& tree : forest.trees) {
        std::string splits, leaves;
        for (const auto& split : tree.splits)
            splits += fmt::format("{}{{{}, {}}}", splits.empty() ? "" : ", ", split.feature,
                                  number(split.threshold));
        for (const float leaf : tree.leaves) leaves += (leaves.empty() ? "" : ", ") + number(leaf);
        text += fmt::format("{{{{{{{}}}}}, {{{}}}}},\n", splits, leaves);
    }
    return text + "}};\n";
}

}  // namespace

Forests& in_use() {
    static Forests forests;
    return forests;
}

void write_sources(const Forests& forests, const std::filesystem::path& folder) {
    std::ofstream(folder / "qrs_forest.cpp")
        << head << R"(#include "signal/ecg/decision_forest.hpp"
#include "signal/ecg/qrs_candidate.hpp"

namespace vigil::ecg {
namespace {

// The features are numbered as Evidence is.)"
        << before << source_of(forests.candidate, "candidate") << after
        << R"(float log_odds(const EvidenceValues& values) {
    return candidate_bias + sum_of(candidate_trees, values);
}

}  // namespace vigil::ecg
)";
    std::ofstream(folder / "class_forest.cpp")
        << head << R"(#include "signal/ecg/beat_features.hpp"
#include "signal/ecg/decision_forest.hpp"

namespace vigil::ecg {
namespace {

// The features are numbered as BeatFeature is.)"
        << before << source_of(forests.ventricular, "ventricular") << "\n"
        << source_of(forests.supraventricular, "supraventricular") << after
        << R"(ClassOdds class_odds(const BeatFeatureValues& values) {
    return {.ventricular = ventricular_bias + sum_of(ventricular_trees, values),
            .supraventricular = supraventricular_bias + sum_of(supraventricular_trees, values)};
}

}  // namespace vigil::ecg
)";
}

}  // namespace vigil::tools

namespace vigil::ecg {

float log_odds(const EvidenceValues& values) {
    const auto& forest = tools::in_use().candidate;
    if (!forest.trees.empty()) return forest.odds(values);
    constexpr float half_log = -0.8F, steep = 4;  // of the level of this lead's complexes
    return steep * (values[static_cast<std::size_t>(Evidence::energy)] - half_log);
}

ClassOdds class_odds(const BeatFeatureValues& values) {
    const auto& forests = tools::in_use();
    return {.ventricular = forests.ventricular.odds(values),
            .supraventricular = forests.supraventricular.odds(values)};
}

}  // namespace vigil::ecg
