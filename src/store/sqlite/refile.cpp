// Readings change hands: chunks are cut at the bounds of a span and handed over.

#include <algorithm>
#include <map>

#include "store/sqlite/series_writing.hpp"

namespace vigil::store::sqlite {

namespace {

bool within(const ChunkRow& row, Span span) {
    return span.from <= row.first && row.last < span.to;
}

std::uint64_t size_of(const ChunkReader& reader) {
    std::uint64_t count = 0;
    for (const auto& run : reader.runs()) count += run.count;
    return count;
}

struct Parts {
    std::vector<SampleRun> inside, outside;
};

Result<Parts> cut(const ChunkReader& reader, Span span) {
    Parts parts;
    ColumnDecoder decoder;
    for (std::size_t i = 0; i < reader.runs().size(); ++i) {
        const auto& run = reader.runs()[i];
        std::vector<Sample> samples;
        VIGIL_CHECK(reader.samples(i, decoder, samples));
        SampleRun inside{.metric = run.metric, .channel = run.channel, .samples = {}};
        std::erase_if(samples, [&](Sample& sample) {
            if (sample.filed_time < span.from || sample.filed_time >= span.to) return false;
            inside.samples.push_back(std::move(sample));
            return true;
        });
        if (!inside.samples.empty()) parts.inside.push_back(std::move(inside));
        if (!samples.empty())
            parts.outside.push_back({run.metric, run.channel, std::move(samples)});
    }
    return parts;
}

std::uint64_t count_of(std::span<const SampleRun> runs) {
    std::uint64_t count = 0;
    for (const auto& run : runs) count += run.samples.size();
    return count;
}

bool overlaps(const ChunkRow& row, const ChunkRow& other) {
    return row.first <= other.last && other.first <= row.last;
}

// A chunk that is written anew counts as arrived last: those that came after it and share its time
// are too, so that corrections still come after what they correct. `anew` tells which were.
Result<std::uint64_t> refile_chunk(ChunkTable& chunks, const ChunkRow& row, const Refile& refile,
                                   std::vector<ChunkRow>& anew) {
    VIGIL_TRY(clear, chunks.load(row));
    VIGIL_TRY(reader, ChunkReader::open(clear));
    const bool in_order =
        std::ranges::none_of(anew, [&](const ChunkRow& earlier) { return overlaps(row, earlier); });
    if (in_order && within(row, refile.span)) {
        VIGIL_CHECK(chunks.hand_over(row, refile.to));
        return size_of(reader);
    }
    VIGIL_TRY(parts, cut(reader, refile.span));
    if (parts.inside.empty()) return 0;
    anew.push_back(row);
    VIGIL_CHECK(chunks.remove(row.id));
    const auto effort = row.place.tier == Tier::flushed ? Effort::flush : Effort::compaction;
    VIGIL_CHECK(chunks.write(row.place, parts.outside, effort));
    auto place = row.place;
    place.patient = refile.to;
    VIGIL_CHECK(chunks.write(place, parts.inside, effort));
    return count_of(parts.inside);
}

// Counts a device's chunks anew: which series they hold, and from when to when.
Result<void> recount(StoreFile& file, Database& database, PatientId patient, DeviceId device) {
    ChunkTable chunks(file, database);
    VIGIL_TRY(rows, chunks.find(patient, device, {Timestamp::min(), Timestamp::max()}));
    std::map<FiledSeries, Head::Kept> kept;
    for (const auto& row : rows) {
        VIGIL_TRY(clear, chunks.load(row));
        VIGIL_TRY(reader, ChunkReader::open(clear));
        for (const auto& run : reader.runs()) {
            const FiledSeries series{patient, {device, run.metric, run.channel}};
            auto& each =
                kept.try_emplace(series, Head::Kept{series, run.first, run.last, 0}).first->second;
            each.first = std::min(each.first, run.first);
            each.last = std::max(each.last, run.last);
            each.count += run.count;
        }
    }
    KeptSeries all;
    for (const auto& [series, each] : kept) all.push_back(each);
    return replace_series(database, patient, device, all);
}

}  // namespace

Result<std::uint64_t> refile_chunks(StoreFile& file, Database& database, const Refile& refile) {
    ChunkTable chunks(file, database);
    VIGIL_TRY(rows, chunks.find(refile.from, refile.device, refile.span));
    std::uint64_t moved = 0;
    std::vector<ChunkRow> anew;
    for (const auto& row : rows) {
        VIGIL_TRY(of_chunk, refile_chunk(chunks, row, refile, anew));
        moved += of_chunk;
        if (row.place.which == SampleClass::waveforms) continue;
        for (const auto patient : {refile.from, refile.to})
            VIGIL_CHECK(open_day(database, patient, refile.device, row.first));
    }
    if (moved > 0)
        for (const auto patient : {refile.from, refile.to})
            VIGIL_CHECK(recount(file, database, patient, refile.device));
    return moved;
}

Result<void> erase_chunks(Database& database, PatientId patient) {
    for (const auto* sql :
         {"DELETE FROM chunks WHERE patient = ?", "DELETE FROM rollups WHERE patient = ?",
          "DELETE FROM series WHERE patient = ?", "DELETE FROM open_days WHERE patient = ?"}) {
        VIGIL_TRY(remove, database.prepare(sql));
        VIGIL_CHECK(remove.bind(1, patient.value).run());
    }
    return {};
}

}  // namespace vigil::store::sqlite
