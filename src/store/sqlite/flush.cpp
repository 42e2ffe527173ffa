// The head's samples become chunks: cut by hour and by class, sorted, each once.

#include <algorithm>
#include <map>

#include "store/merge.hpp"
#include "store/rollup.hpp"
#include "store/sqlite/series_writing.hpp"

namespace vigil::store::sqlite {

namespace {

// What goes into one chunk.
struct Slot {
    ChunkPlace place;
    Timestamp hour;
    auto operator<=>(const Slot&) const = default;
};
using Slots = std::map<Slot, std::vector<SampleRun>>;

// Samples of one series into the slots that they belong to, in runs of one kind.
void distribute(const FiledSeries& series, std::vector<Sample>& samples, Slots& slots) {
    std::map<Slot, SampleRun> runs;
    for (auto& sample : samples) {
        const Slot slot{place_of(series.patient, series.key, kind_of(sample), Tier::flushed),
                        floor_to(sample.filed_time, length_of(Resolution::hour))};
        auto& run = runs[slot];
        run.metric = series.key.metric;
        run.channel = series.key.channel;
        run.samples.push_back(std::move(sample));
    }
    // Events of three kinds share a class: a run has one.
    for (auto& [slot, run] : runs) {
        while (!run.samples.empty()) {
            const auto kind = kind_of(run.samples.front());
            SampleRun of_kind{.metric = run.metric, .channel = run.channel, .samples = {}};
            std::erase_if(run.samples, [&](Sample& sample) {
                if (kind_of(sample) != kind) return false;
                of_kind.samples.push_back(std::move(sample));
                return true;
            });
            slots[slot].push_back(std::move(of_kind));
        }
    }
}

Result<void> flush_device(StoreFile& file, Database& database,
                          std::span<const std::pair<FiledSeries, const HeadRun*>> series,
                          KeptSeries& kept) {
    Slots slots;
    std::vector<Sample> samples;
    for (const auto& [filed, run] : series) {
        samples.clear();
        run->read(samples);
        settle(samples);
        VIGIL_TRY(row, add_to_series(database, {.series = filed,
                                                .first = samples.front().filed_time,
                                                .last = samples.back().filed_time,
                                                .count = samples.size()}));
        kept.push_back(row);
        distribute(filed, samples, slots);
    }
    ChunkTable chunks(file, database);
    for (const auto& [slot, runs] : slots) {
        VIGIL_CHECK(chunks.write(slot.place, runs, Effort::flush));
        if (slot.place.which != SampleClass::waveforms)
            VIGIL_CHECK(open_day(database, slot.place.patient, slot.place.device, slot.hour));
    }
    return {};
}

Result<void> flush_generation(StoreFile& file, Database& database,
                              const Head::Generation& generation, KeptSeries& kept) {
    std::vector<std::pair<FiledSeries, const HeadRun*>> series;
    series.reserve(generation.runs.size());
    for (const auto& [filed, run] : generation.runs) series.emplace_back(filed, &run);
    std::ranges::sort(series);
    for (auto first = series.begin(); first != series.end();) {
        const auto last = std::find_if(first, series.end(), [&](const auto& each) {
            return each.first.patient != first->first.patient ||
                   each.first.key.device != first->first.key.device;
        });
        VIGIL_CHECK(flush_device(file, database, {first, last}, kept));
        first = last;
    }
    return {};
}

}  // namespace

Result<Flushed> flush_generations(StoreFile& file, Database& database,
                                  std::span<const Head::Frozen> generations) {
    VIGIL_TRY(before, flush_count(database));
    Flushed flushed{.generation = before, .applied = {}, .kept = {}};
    for (const auto& generation : generations) {
        flushed.applied = generation->up_to;
        if (generation->number <= before) continue;
        VIGIL_CHECK(flush_generation(file, database, *generation, flushed.kept));
        flushed.generation = generation->number;
    }
    VIGIL_CHECK(set_flush_count(database, flushed.generation));
    VIGIL_CHECK(StoreFile::record(database, {series_consumer, flushed.applied}));
    return flushed;
}

}  // namespace vigil::store::sqlite
