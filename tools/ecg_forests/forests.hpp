#pragma once
// The reader's forests, exchangeable: this program brings its own log_odds and class_odds, which
// stand in the place of those of src/signal/ecg.

#include <filesystem>

#include "boosting.hpp"

namespace vigil::tools {

struct Forests {
    Forest candidate;  // empty: by its energy alone
    Forest ventricular, supraventricular;
};
// What the reader goes by now.
Forests& in_use();

// qrs_forest.cpp and class_forest.cpp, into src/signal/ecg.
void write_sources(const Forests& forests, const std::filesystem::path& folder);

}  // namespace vigil::tools
