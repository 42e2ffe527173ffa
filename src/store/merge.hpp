#pragma once
// Brings what several chunks and the head hold of one series into one order, each sample once.

#include <vector>

#include "store/series.hpp"

namespace vigil::store {

// Sorts by filed time, sequence and order of arrival. Drops repeats (equal device time, value and
// sequence; promise 3 of docs/architecture.md). A sample marked `corrected` takes the place of what
// was filed at the same time under the same sequence before it, of the same value too. `samples` is
// in order of arrival among equals.
void settle(std::vector<Sample>& samples);

}  // namespace vigil::store
