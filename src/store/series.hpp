#pragma once
// The past: every reading by (device, metric, channel), filed under a patient for a span. Reads see
// the in-memory head and the compressed chunks as one.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/reading.hpp"
#include "store/access.hpp"
#include "store/done.hpp"
#include "store/log.hpp"
#include "store/span.hpp"

namespace vigil::store {

struct SeriesKey {
    DeviceId device;
    MetricId metric;
    std::uint16_t channel = 0;
    auto operator<=>(const SeriesKey&) const = default;
};

// One point of a numeric, coded, text or event series. A waveform block is one Sample.
struct Sample {
    Timestamp filed_time;                  // docs/architecture.md, Words
    std::optional<Timestamp> device_time;  // as the device said; none: it sent none
    Timestamp receive_time;                // rounded to seconds once compacted; exact in the log
    std::uint32_t sequence = 0;            // orders equal times of one message
    std::uint32_t status = 0;              // metric/reading.hpp
    decltype(Reading::value) value;        // as sent
};

struct SeriesInfo {
    SeriesKey key;
    PatientId patient;  // 0: not filed under anybody yet
    Timestamp first, last;
    std::uint64_t count = 0;  // 0: roll-ups are all that retention has left of it
};

// What a curve or a sum needs of a numeric sample.
struct Number {
    Timestamp filed_time;
    NumericValue value;  // as sent
    std::uint32_t status = 0;
};

// A metric that a device has measured, whoever it was filed under.
struct MeasuredMetric {
    DeviceId device;
    MetricId metric;
    Timestamp first, newest;  // filed times
};

struct LatestSample {
    SeriesKey key;
    Sample sample;  // of a waveform: the newest block without its samples
};

// What retention tells apart; stored.
enum class SampleClass : std::uint8_t { vitals = 1, waveforms = 2, events = 3 };

enum class Resolution : std::uint8_t { minute, hour, day };

struct Bucket {
    Timestamp start;
    std::uint64_t count = 0;  // numeric values; special values and status-invalid ones do not count
    double min = 0, max = 0, mean = 0, last = 0;  // in the metric's normal unit
};

// The readings of a device in a span belong to another patient.
struct Refile {
    DeviceId device;
    Span span;  // by filed time
    PatientId from, to;
};

// The newest and the finest first: what a read may cost is the caller's to bound by span.
class SeriesStore {
public:
    virtual ~SeriesStore() = default;

    // --- Fed in log order by one thread, the owner's (the loop). Nothing here waits for a disk.
    // ---

    // Files a sample; every read from now on sees it. Called when its commit is durable and before
    // its acknowledgement leaves. Equal (series, device time, value, sequence) counts once.
    virtual void put(const SeriesKey& series, PatientId patient, const Sample& sample) = 0;
    // Moves chunks of the past; reads see the old or the new filing, never a mixture, and the new
    // one when `done` is called with the number of samples moved.
    virtual void refile(const Refile& refile, DoneWith<std::uint64_t> done) = 0;
    // Removes a patient's every sample.
    virtual void erase(PatientId patient, Done done) = 0;
    // Everything of the log up to here has been put. An entry at or before `applied()` as it was at
    // the start must not be put again: its samples are in the chunks.
    virtual void advance(Position up_to) = 0;

    // Refile and erase count as applied with what was advanced to before they were called; where
    // they fail nothing has changed, and the caller calls again.

    // How far the chunks on disk have come; what follows is in memory, rebuilt from the log at
    // start.
    virtual Position applied() const = 0;
    // Moves what has been put from memory to chunks, in the background.
    virtual void flush(Done done) = 0;
    // Makes large chunks of small ones, and roll-ups of days that are over at `now` (the log's
    // clock), in the background; `done` is told whether there is more to do.
    virtual void compact(Timestamp now, DoneWith<bool> done) = 0;
    // Retention. Removes what was filed on UTC days that ended at or before `before`; roll-ups of
    // numbers are made first where they do not stand, and stay until they go themselves. A bounded
    // step in the background; `done` is told whether there is more to do.
    virtual void forget(SampleClass which, Timestamp before, DoneWith<bool> done) = 0;
    virtual void forget_rollups(Timestamp before, DoneWith<bool> done) = 0;
    virtual std::size_t head_bytes() const = 0;

    // --- From any thread. ---

    // In filed-time order, until the visitor returns false.
    virtual Result<void> scan(
        const Access& access, PatientId patient, MetricId metric, Span span,
        const std::function<bool(const SeriesKey&, const Sample&)>& visit) = 0;
    // The numeric samples alone, many at a time and far cheaper: each series in filed-time order,
    // one series after or between another, until the visitor returns false.
    using NumberVisitor = std::function<bool(const SeriesKey&, std::span<const Number>)>;
    virtual Result<void> scan_numbers(const Access& access, PatientId patient, MetricId metric,
                                      Span span, const NumberVisitor& visit) = 0;
    // Empty buckets are left out.
    virtual Result<std::vector<Bucket>> scan(const Access& access, PatientId patient,
                                             SeriesKey series, Span span,
                                             Resolution resolution) = 0;
    virtual Result<std::vector<SeriesInfo>> list(const Access& access, PatientId patient) = 0;
    // The series of a metric, whoever they are filed under as far as the access covers them, from
    // memory. Nothing of a series lies before its `first` or after its `last`, which may be further
    // apart than its samples; `count` is of those on disk.
    virtual std::vector<SeriesInfo> of_metric(const Access& access, MetricId metric) = 0;
    // How many samples of a metric are filed in the span, but for those whose status has any of
    // some bits.
    virtual Result<std::uint64_t> count(const Access& access, PatientId patient, MetricId metric,
                                        Span span, std::uint32_t without) = 0;
    // The newest sample of each series, from memory.
    virtual Result<std::vector<LatestSample>> latest(const Access& access, PatientId patient) = 0;
    // When the newest reading of each device is filed, whoever it is filed under, from memory. It
    // tells of devices and of no patient: it takes no access.
    virtual std::unordered_map<DeviceId, Timestamp> newest_of_devices() const = 0;
    // The same of each metric of a device, each keeps its place, new ones come last.
    virtual std::vector<MeasuredMetric> measured() const = 0;
};

}  // namespace vigil::store
