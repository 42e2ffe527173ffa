#pragma once
// Roll-ups as rows of vigil.db: the minutes of a day, the hours of a month, the days of a year.

#include <span>
#include <vector>

#include "base/result.hpp"
#include "store/head.hpp"
#include "store/rollup.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// The UTC day, month or year whose buckets stand in one row.
Span slot_of(Resolution level, Timestamp time);

class RollupTable {
public:
    RollupTable(StoreBodies& bodies, Database& database) : bodies_(bodies), database_(database) {}

    // In order of time: the buckets that start in the span.
    Result<std::vector<Rollup>> read(const FiledSeries& series, Resolution level, Span span);
    // Puts these in place of what starts in the span, which lies in one slot.
    Result<void> replace(const FiledSeries& series, Resolution level, Span span,
                         std::span<const Rollup> rollups);

private:
    StoreBodies& bodies_;
    Database& database_;
    ColumnEncoder encoder_;
    ColumnDecoder decoder_;
};

}  // namespace vigil::store::sqlite
