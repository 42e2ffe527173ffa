#pragma once
// Chunks and head seen as one.

#include <functional>
#include <span>
#include <string>
#include <string_view>
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
    // Their numbers, of each key in order of filed time.
    Result<void> numbers(Span span, const SeriesStore::NumberVisitor& visit);
    // SeriesStore::count.
    Result<std::uint64_t> count(Span span, std::uint32_t without);
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
        : bodies_(bodies),
          database_(database),
          chunks_(bodies, database),
          patient_(patient),
          view_(std::move(view)) {}

    using Keys = std::span<const SeriesKey>;
    using SampleVisitor = std::function<bool(const SeriesKey&, const Sample&)>;
    Result<std::vector<ChunkRow>> rows(Keys keys, Span span, bool vitals_only);
    // Pieces of these series whose times overlap are one cluster; until told to stop, then it is
    // false.
    Result<bool> each_cluster(Keys keys, Span span, bool vitals_only,
                              const std::function<Result<bool>(std::span<const Piece>)>& visit);
    Result<bool> visit_cluster(Keys keys, std::span<const Piece> pieces, Span span,
                               const SampleVisitor& visit);
    // The samples of a series in some pieces, in order, each once: at least those of the span.
    Result<std::vector<Sample>> settled(const SeriesKey& key, std::span<const Piece> pieces,
                                        Span span);
    Result<std::uint64_t> count_of(const SeriesKey& key, const ChunkRow& row, Span span,
                                   std::uint32_t without);
    Result<std::string_view> clear(const ChunkRow& row);
    // Numbers as they lie: the rows [from, to) of a chunk's columns, or what is in memory or had to
    // be put in order first.
    using ColumnsVisitor = std::function<bool(const SeriesKey&, const NumericColumns&,
                                              std::size_t from, std::size_t to)>;
    Result<void> each_number(Span span, const ColumnsVisitor& columns,
                             const SeriesStore::NumberVisitor& numbers);
    Result<bool> visit_columns(const SeriesKey& key, const ChunkRow& row, Span span,
                               const ColumnsVisitor& visit);
    Result<std::vector<Timestamp>> open_days_in(const SeriesKey& key, Span span);

    StoreBodies& bodies_;
    Database& database_;
    ChunkTable chunks_;
    PatientId patient_;
    Head::View view_;
    ColumnDecoder decoder_;
    NumericColumns columns_;
    std::int64_t loaded_ = 0;  // the chunk whose clear text follows
    std::string text_;
};

}  // namespace vigil::store::sqlite
