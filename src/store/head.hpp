#pragma once
// The newest samples of every series, in memory until a flush has moved them to chunks, and the
// newest sample of each for good.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/head_run.hpp"
#include "store/series.hpp"

namespace vigil::store {

// A series as filed under one patient.
struct FiledSeries {
    PatientId patient;
    SeriesKey key;
    auto operator<=>(const FiledSeries&) const = default;
};

struct FiledSeriesHash {
    std::size_t operator()(const FiledSeries& s) const noexcept {
        const auto key = std::uint64_t{s.key.device.value} << 32 |
                         std::uint64_t{s.key.metric.value} << 16 | s.key.channel;
        return static_cast<std::size_t>((key ^ std::uint64_t{s.patient.value} << 21) *
                                        0x9e3779b97f4a7c15ULL);
    }
};

// The sample without a waveform's samples: what a list of newest values shows.
Sample outline(const Sample& sample);

// One thread puts; any thread reads. What was put since the last freeze is the active generation;
// frozen ones wait for the disk. A reader compares their numbers with the count of flushes in its
// snapshot of the file: what it holds already is not taken from here.
class Head {
public:
    struct Generation {
        std::uint64_t number = 0;
        Position up_to;
        std::unordered_map<FiledSeries, HeadRun, FiledSeriesHash> runs;
        std::size_t byte_count = 0;  // of the runs
    };
    using Frozen = std::shared_ptr<const Generation>;

    // What the chunks hold of a series.
    struct Kept {
        FiledSeries series;
        Timestamp first, last;
        std::uint64_t count = 0;
    };

    Head(std::uint64_t flushes, Position applied, const std::vector<Kept>& kept);

    void put(const SeriesKey& key, PatientId patient, const Sample& sample);
    void advance(Position up_to);

    // Ends the active generation. What was frozen and not yet forgotten comes oldest first.
    void freeze();
    std::vector<Frozen> frozen() const;
    // The chunks hold all generations up to `number` now, and of these series this.
    void forget(std::uint64_t number, Position applied, const std::vector<Kept>& kept);
    // The chunks hold these now and no other series of these patients; of what was newest, nothing
    // is certain any more.
    void replace(const std::vector<PatientId>& patients, const std::vector<Kept>& kept);

    Position applied() const;
    std::size_t byte_count() const;

    // Copies of what is in memory of a patient's series that `wanted` names.
    struct Part {
        std::uint64_t generation = 0;
        SeriesKey key;
        std::shared_ptr<const HeadRun> run;
    };
    struct View {
        std::vector<SeriesKey> keys;  // all known, in memory or in chunks
        std::vector<Part> parts;      // in order of generation
    };
    View view(PatientId patient, const std::function<bool(const SeriesKey&)>& wanted) const;

    std::vector<SeriesInfo> list(PatientId patient) const;
    // SeriesStore::of_metric. Looks at some at a time: `put` never waits for all of them.
    std::vector<SeriesInfo> of_metric(MetricId metric,
                                      const std::function<bool(PatientId)>& wanted) const;
    // Without a sample where it has to be looked for; `filed_time` says at which time.
    struct Newest {
        SeriesKey key;
        Timestamp filed_time;
        std::optional<Sample> sample;
    };
    std::vector<Newest> newest(PatientId patient) const;
    std::unordered_map<DeviceId, Timestamp> newest_of_devices() const;
    std::vector<MeasuredMetric> measured() const;
    // What a reader found for one of those without; a newer one that has come since stays.
    void remember(PatientId patient, const SeriesKey& key, const Sample& sample);

private:
    struct Known {
        Timestamp first, last;    // of what the chunks hold
        std::uint64_t count = 0;  // of what the chunks hold
        bool kept = false;        // the file knows it: by chunks, or by roll-ups that outlived them
        // Of what is in memory or in chunks; the oldest may be gone since.
        Timestamp oldest_time = Timestamp::max(), newest_time = Timestamp::min();
        std::optional<Sample> newest;  // none: it is in a chunk or a frozen run
        std::size_t measured = 0;      // its place in `measured_`
        HeadRun* run = nullptr;        // in the generation of this number
        std::uint64_t run_generation = 0;
    };
    Known& known(const FiledSeries& series);
    void note(const Kept& kept);
    void note_measured(const Known& series, Timestamp first, Timestamp newest);
    static bool may_hold(const Known& series) {
        return series.count > 0 || series.run_generation > 0;
    }
    // The runs of a series in all generations.
    void each_run(const FiledSeries& series,
                  const std::function<void(const HeadRun&)>& visit) const;

    mutable std::mutex mutex_;
    std::shared_ptr<Generation> active_;
    std::vector<Frozen> frozen_;
    Position applied_;
    std::unordered_map<FiledSeries, Known, FiledSeriesHash> known_;
    std::unordered_map<PatientId, std::vector<SeriesKey>> of_patient_;
    std::vector<MeasuredMetric> measured_;
    std::unordered_map<std::uint64_t, std::size_t> place_of_measured_;  // by device and metric
    using Series = std::pair<const FiledSeries, Known>;  // stays where it is while it is known
    std::unordered_map<MetricId, std::vector<const Series*>> of_metric_;
    std::uint64_t removals_ = 0;  // from of_metric_
};

}  // namespace vigil::store
