#pragma once
// SeriesStore on vigil.db: the head in memory, chunks and roll-ups in the file.

#include <memory>

#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "store/series.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// Both outlive the store; the file is finished before the store is destroyed.
Result<std::unique_ptr<SeriesStore>> open_series(StoreFile& file, const Catalogue& catalogue);

}  // namespace vigil::store::sqlite
