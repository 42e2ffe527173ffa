#include "store/sqlite/chunk_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.hpp"

namespace vigil::store::sqlite {

namespace {

// No chunk of a tier is longer: a search by first time need not look further back.
constexpr std::array<Nanoseconds, 3> tier_length{std::chrono::hours(1), std::chrono::hours(1),
                                                 std::chrono::hours(24)};

// Half of what a reader accepts, so that no run of blocks comes near it.
constexpr std::size_t rows_max = chunk_rows_max / 2;
constexpr std::size_t samples_max = chunk_samples_max / 2;

std::size_t wave_samples(const Sample& sample) {
    const auto* block = std::get_if<WaveformBlock>(&sample.value);
    return block == nullptr ? 0 : block->samples.size();
}

bool fits(const SampleRun& run) {
    std::size_t samples = 0;
    for (const auto& sample : run.samples) samples += wave_samples(sample);
    return run.samples.size() <= rows_max && samples <= samples_max;
}

std::uint32_t checksum(PatientId patient, DeviceId device, std::string_view body) {
    const std::array<std::uint32_t, 2> numbers{patient.value, device.value};
    return crc32c(body, crc32c({reinterpret_cast<const char*>(numbers.data()), sizeof numbers}));
}

}  // namespace

SampleClass class_of(ValueKind kind) {
    return kind == ValueKind::numeric    ? SampleClass::vitals
           : kind == ValueKind::waveform ? SampleClass::waveforms
                                         : SampleClass::events;
}

ChunkPlace place_of(PatientId patient, const SeriesKey& key, ValueKind kind, Tier tier) {
    return {.patient = patient,
            .device = key.device,
            .which = class_of(kind),
            .run = kind == ValueKind::waveform ? std::uint32_t{key.metric.value} << 16 | key.channel
                                               : 0,
            .tier = tier};
}

bool may_hold(const ChunkRow& row, const SeriesKey& key) {
    return row.place.device == key.device &&
           (row.place.run == 0 ||
            row.place.run == (std::uint32_t{key.metric.value} << 16 | key.channel));
}

Result<void> ChunkTable::insert(const ChunkPlace& place, ChunkWriter& writer, Timestamp first,
                                Timestamp last) {
    const auto body = bodies_.sealed(place.patient, writer.finish());
    VIGIL_TRY(row, database_.prepare("INSERT INTO chunks(patient, device, class, run, tier, "
                                     "first_time, last_time, checksum, body) "
                                     "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return row.bind(1, place.patient.value)
        .bind(2, place.device.value)
        .bind(3, static_cast<int>(place.which))
        .bind(4, place.run)
        .bind(5, static_cast<int>(place.tier))
        .bind(6, unix_ns(first))
        .bind(7, unix_ns(last))
        .bind(8, checksum(place.patient, place.device, body))
        .bind_blob(9, body)
        .run();
}

Result<void> ChunkTable::write(const ChunkPlace& place, std::span<const SampleRun> runs,
                               Effort effort) {
    ChunkWriter writer(effort);
    std::optional<Span> covered;
    for (const auto& run : runs) {
        if (run.samples.empty()) continue;
        if (!fits(run)) {
            VIGIL_CHECK(write_sliced(place, run, effort));
            continue;
        }
        writer.add(run.metric, run.channel, run.samples);
        const Span span{run.samples.front().filed_time, run.samples.back().filed_time};
        covered = covered ? Span{std::min(covered->from, span.from), std::max(covered->to, span.to)}
                          : span;
    }
    if (!covered) return {};
    return insert(place, writer, covered->from, covered->to);
}

Result<void> ChunkTable::write_sliced(const ChunkPlace& place, const SampleRun& run,
                                      Effort effort) {
    const std::span<const Sample> all(run.samples);
    for (std::size_t start = 0; start < all.size();) {
        std::size_t end = start, samples = 0;
        do samples += wave_samples(all[end++]);
        while (end < all.size() && end - start < rows_max &&
               samples + wave_samples(all[end]) <= samples_max);
        ChunkWriter writer(effort);
        writer.add(run.metric, run.channel, all.subspan(start, end - start));
        VIGIL_CHECK(insert(place, writer, all[start].filed_time, all[end - 1].filed_time));
        start = end;
    }
    return {};
}

Result<void> ChunkTable::remove(std::int64_t id) {
    VIGIL_TRY(row, database_.prepare("DELETE FROM chunks WHERE id = ?"));
    return row.bind(1, id).run();
}

Result<void> ChunkTable::hand_over(const ChunkRow& row, PatientId to) {
    VIGIL_TRY(clear, load(row));
    const auto body = bodies_.sealed(to, clear);
    VIGIL_TRY(update, database_.prepare("UPDATE chunks SET patient = ?, checksum = ?, body = ? "
                                        "WHERE id = ?"));
    return update.bind(1, to.value)
        .bind(2, checksum(to, row.place.device, body))
        .bind_blob(3, body)
        .bind(4, row.id)
        .run();
}

Result<std::vector<ChunkRow>> ChunkTable::find(PatientId patient, DeviceId device, Span span) {
    VIGIL_TRY(select,
              database_.prepare("SELECT id, class, run, first_time, last_time FROM chunks WHERE "
                                "patient = ? AND device = ? AND tier = ? AND first_time > ? AND "
                                "first_time < ? AND last_time >= ? ORDER BY id"));
    std::vector<ChunkRow> found;
    for (const auto tier : {Tier::day, Tier::hour, Tier::flushed}) {
        const auto length = tier_length[static_cast<std::size_t>(tier)].count();
        std::int64_t after = 0;
        if (__builtin_sub_overflow(unix_ns(span.from), length, &after)) after = INT64_MIN;
        select.bind(1, patient.value)
            .bind(2, device.value)
            .bind(3, static_cast<int>(tier))
            .bind(4, after)
            .bind(5, unix_ns(span.to))
            .bind(6, unix_ns(span.from));
        for (;;) {
            VIGIL_TRY(row, select.step());
            if (!row) break;
            found.push_back({.id = select.integer(0),
                             .place = {.patient = patient,
                                       .device = device,
                                       .which = static_cast<SampleClass>(select.integer(1)),
                                       .run = static_cast<std::uint32_t>(select.integer(2)),
                                       .tier = tier},
                             .first = from_unix_ns(select.integer(3)),
                             .last = from_unix_ns(select.integer(4))});
        }
        select.reset();
    }
    return found;
}

Result<std::string> ChunkTable::load(const ChunkRow& row) {
    if (!load_) {
        VIGIL_TRY(select, database_.prepare("SELECT checksum, body FROM chunks WHERE id = ?"));
        load_ = std::move(select);
    }
    load_->reset();
    VIGIL_TRY(found, load_->bind(1, row.id).step());
    if (!found) return fail(Error::Kind::not_found, "the chunk is gone");
    const auto body = load_->bytes(1);
    if (load_->integer(0) != checksum(row.place.patient, row.place.device, body))
        return fail(Error::Kind::internal, "a chunk of the store is damaged on disk",
                    fmt::format("chunk {}", row.id));
    auto clear = bodies_.opened(row.place.patient, body);
    load_->reset();  // holds nothing of the file
    return clear;
}

Result<std::size_t> read_series(std::string_view chunk, MetricId metric, std::uint16_t channel,
                                ColumnDecoder& decoder, std::vector<Sample>& out,
                                const std::optional<Span>& within) {
    VIGIL_TRY(reader, ChunkReader::open(chunk));
    std::size_t kinds = 0;
    for (std::size_t i = 0; i < reader.runs().size(); ++i) {
        if (reader.runs()[i].metric != metric || reader.runs()[i].channel != channel) continue;
        VIGIL_CHECK(reader.samples(i, decoder, out, within));
        ++kinds;
    }
    return kinds;
}

}  // namespace vigil::store::sqlite
