#pragma once
// Chunks and head seen as one.

#include <functional>
#include <vector>

#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "store/head.hpp"
#include "store/rollup.hpp"
#include "store/sqlite/chunk_table.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// One read: a view of the head, then a snapshot of the file. In that order: what was flushed in
// between is in both and taken once, never in neither.
class SeriesReading {
public:
    static Result<SeriesReading> begin(StoreBodies& bodies, Database& database, PatientId patient,
                                       Head::View view);

    // All samples of the view's keys in the span, in order of filed time, until told to stop.
    Result<void> scan(Span span, const std::function<bool(const SeriesKey&, const Sample&)>& visit);
    // Buckets of one series that start in the span.
    Result<std::vector<Rollup>> rollups(const SeriesKey& key, const Metric& metric, Span span,
                                        Resolution resolution);
    // The same from the samples, whatever roll-ups stand.
    Result<std::vector<Rollup>> summed_up(const SeriesKey& key, const Metric& metric, Span span,
                                          Resolution resolution);

private:
    // Something with samples between two filed times, both inclusive: a chunk or a part of the
    // head.
    struct Piece {
        Timestamp first, last;
        const ChunkRow* row = nullptr;
        const Head::Part* part = nullptr;
    };
    SeriesReading(StoreBodies& bodies, Database& database, PatientId patient, Head::View view)
        : bodies_(bodies), database_(database), patient_(patient), view_(std::move(view)) {}

    Result<std::vector<ChunkRow>> rows(Span span);
    Result<bool> visit_cluster(std::span<const Piece> pieces, Span span,
                               const std::function<bool(const SeriesKey&, const Sample&)>& visit);
    Result<std::vector<Timestamp>> open_days_in(const SeriesKey& key, Span span);

    StoreBodies& bodies_;
    Database& database_;
    PatientId patient_;
    Head::View view_;
    ColumnDecoder decoder_;
};

}  // namespace vigil::store::sqlite
