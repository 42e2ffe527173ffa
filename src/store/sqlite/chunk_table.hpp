#pragma once
// Chunks as rows of vigil.db. Made for one piece of work on one connection.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/chunk.hpp"
#include "store/series.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// How large a chunk has been merged; stored.
enum class Tier : std::uint8_t { flushed = 0, hour = 1, day = 2 };

struct ChunkPlace {
    PatientId patient;
    DeviceId device;
    SampleClass which = SampleClass::vitals;
    std::uint32_t run = 0;  // of a waveform: metric * 65536 + channel; else 0
    Tier tier = Tier::flushed;
    auto operator<=>(const ChunkPlace&) const = default;
};

struct ChunkRow {
    std::int64_t id = 0;
    ChunkPlace place;
    Timestamp first, last;  // filed times, both inclusive
};

// The samples of one kind of one series.
struct SampleRun {
    MetricId metric;
    std::uint16_t channel = 0;
    std::vector<Sample> samples;
};

SampleClass class_of(ValueKind kind);
// Where a series of that kind goes.
ChunkPlace place_of(PatientId patient, const SeriesKey& key, ValueKind kind, Tier tier);
bool may_hold(const ChunkRow& row, const SeriesKey& key);

class ChunkTable {
public:
    ChunkTable(StoreBodies& bodies, Database& database) : bodies_(bodies), database_(database) {}

    // Runs in order and settled; as many chunks as their bounds ask for.
    Result<void> write(const ChunkPlace& place, std::span<const SampleRun> runs, Effort effort);
    Result<void> remove(std::int64_t id);
    // Files a whole chunk under somebody else.
    Result<void> hand_over(const ChunkRow& row, PatientId to);

    // Those of a device that may have samples in the span; in order of arrival: the larger tiers
    // first, then as they were written.
    Result<std::vector<ChunkRow>> find(PatientId patient, DeviceId device, Span span);
    Result<std::string> load(const ChunkRow& row);

private:
    Result<void> insert(const ChunkPlace& place, ChunkWriter& writer, Timestamp first,
                        Timestamp last);
    Result<void> write_sliced(const ChunkPlace& place, const SampleRun& run, Effort effort);

    StoreBodies& bodies_;
    Database& database_;
    std::optional<Statement> load_;  // prepared once, for many chunks
};

// Appends what the chunk holds of one series, whatever the kind, or what of it is filed within a
// span; of how many kinds it was: one kind is settled as it stands.
Result<std::size_t> read_series(std::string_view chunk, MetricId metric, std::uint16_t channel,
                                ColumnDecoder& decoder, std::vector<Sample>& out,
                                const std::optional<Span>& within = {});

}  // namespace vigil::store::sqlite
