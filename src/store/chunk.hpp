#pragma once
// A compressed run of one device's series: the unit of storage, sealing and erasure. Series whose
// samples share their times share the columns of times. docs/reference/chunk.md has the layout.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/column.hpp"
#include "store/series.hpp"

namespace vigil::store {

// What a hostile run can make us allocate: rows of a run, and waveform samples of all its blocks.
constexpr std::size_t chunk_rows_max = std::size_t{1} << 18;
constexpr std::size_t chunk_samples_max = std::size_t{1} << 23;

// Which alternative of Sample::value a run holds; stored, as index + 1.
enum class ValueKind : std::uint8_t { numeric = 1, coded, text, event, waveform };
ValueKind kind_of(const Sample& sample);

// One run of a chunk: the samples of one kind of one series.
struct ChunkRun {
    MetricId metric;
    std::uint16_t channel = 0;
    ValueKind kind = ValueKind::numeric;
    std::size_t count = 0;
    Timestamp first, last;  // filed times, both inclusive
};

class ChunkWriter {
public:
    explicit ChunkWriter(Effort effort) : effort_(effort) {}
    // Not empty, within the bounds above, of one kind, in order of filed time and sequence. Receive
    // times are rounded to whole seconds after the filed time.
    void add(MetricId metric, std::uint16_t channel, std::span<const Sample> samples);
    std::string finish();

private:
    struct Times {
        std::vector<std::int64_t> filed, device, delay_s;
        bool operator==(const Times&) const = default;
    };
    struct Run {
        ChunkRun run;
        std::size_t times = 0;
        std::string values;
    };
    void column(std::string& out, std::span<const Sample> samples, auto&& number_of);
    void numeric(std::string& out, std::span<const Sample> samples);
    void words(std::string& out, std::span<const Sample> samples);
    void waveform(std::string& out, std::span<const Sample> samples);
    std::size_t times_of(std::span<const Sample> samples);
    std::string encoded(const Times& times);

    Effort effort_;
    ColumnEncoder encoder_;
    std::vector<Times> times_;
    std::vector<Run> runs_;
    std::vector<std::int64_t> numbers_;
};

// A numeric run as columns of equal length: what roll-ups are made of.
struct NumericColumns {
    std::vector<std::int64_t> filed_ns, mantissa;
    Column<std::int32_t> exponent, unit, special;
    Column<std::int64_t> status;
    NumericValue number(std::size_t i) const {
        return {.value = {mantissa[i], static_cast<std::int8_t>(exponent[i])},
                .unit = UnitId{static_cast<std::uint16_t>(unit[i])},
                .special = static_cast<SpecialValue>(special[i])};
    }
};

// Borrows the bytes, which come from a disk and are not trusted.
class ChunkReader {
public:
    static Result<ChunkReader> open(std::string_view bytes);
    std::span<const ChunkRun> runs() const { return runs_; }
    // Appends the samples of runs()[index], or those of them that are filed within a span.
    Result<void> samples(std::size_t index, ColumnDecoder& decoder, std::vector<Sample>& out,
                         const std::optional<Span>& within = {}) const;
    // Their filed times alone, in order.
    Result<void> times(std::size_t index, ColumnDecoder& decoder,
                       std::vector<std::int64_t>& filed_ns) const;
    Result<void> statuses(std::size_t index, ColumnDecoder& decoder,
                          Column<std::int64_t>& out) const;
    Result<void> columns(std::size_t index, ColumnDecoder& decoder, NumericColumns& out) const;

private:
    struct Place {
        std::string_view times, values;
    };
    std::vector<ChunkRun> runs_;
    std::vector<Place> places_;
};

}  // namespace vigil::store
