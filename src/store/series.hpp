#pragma once
// The past: every reading by (device, metric, channel), filed under a patient for a span. Reads see
// the in-memory head and the compressed chunks as one.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/reading.hpp"
#include "store/access.hpp"
#include "store/log.hpp"

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

struct Span {
    Timestamp from, to;  // from inclusive, to exclusive
};

struct SeriesInfo {
    SeriesKey key;
    PatientId patient;  // 0: not filed under anybody yet
    Timestamp first, last;
    std::uint64_t count = 0;
};

enum class Resolution : std::uint8_t { minute, hour, day };

struct Bucket {
    Timestamp start;
    std::uint64_t count = 0;  // numeric values; special values and status-invalid ones do not count
    double min = 0, max = 0, mean = 0, last = 0;  // in the metric's normal unit
};

// What changes the past. One transaction applies all edits, rebuilds touched roll-ups and records
// the consumer's position.
struct Put {
    SeriesKey series;
    PatientId patient;
    Sample sample;
};
struct Refile {  // the readings of a device in a span belong to another patient
    DeviceId device;
    Span span;  // by filed time
    PatientId from, to;
};
struct Erase {
    PatientId patient;
};
using Edit = std::variant<Put, Refile, Erase>;

class SeriesStore {
public:
    virtual ~SeriesStore() = default;

    virtual Result<void> apply(std::vector<Edit> edits, Position up_to) = 0;
    virtual Position applied() const = 0;

    // In filed-time order; equal (series, device time, value, sequence) once.
    virtual Result<void> scan(
        const Access& access, PatientId patient, MetricId metric, Span span,
        const std::function<bool(const SeriesKey&, const Sample&)>& visit) = 0;
    virtual Result<std::vector<Bucket>> scan(const Access& access, PatientId patient,
                                             SeriesKey series, Span span,
                                             Resolution resolution) = 0;
    virtual Result<std::vector<SeriesInfo>> list(const Access& access, PatientId patient) = 0;
};

}  // namespace vigil::store
