#pragma once
// The body of a log entry of kind `batch`: the readings of one device message as filed, with the
// raw form they came in. docs/reference/log-entry.md describes the bytes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/reading.hpp"

namespace vigil {

struct FiledReading {
    Reading reading;
    Timestamp filed_time;  // docs/architecture.md, Words

    bool operator==(const FiledReading&) const = default;
};

// The texts are views: of the message while it is written, of the body while it is read.
struct Batch {
    DeviceId device;
    Timestamp receive_time;
    std::string_view source;            // where it came in: the MQTT topic, the listener's name
    std::string_view raw_content_type;  // "application/senml+json"; empty: not told
    std::string_view raw;               // the message as received; empty once retention took it
    // What retention leaves of it: its SHA-256, and how long it was. Empty while `raw` is there.
    std::string_view raw_digest{};
    std::uint64_t raw_size = 0;
    std::optional<std::int16_t> offset_minutes;  // that the device wrote its times with
    // Of the first reading; 0 but for a correction, which stands where the corrected one stood.
    std::uint32_t first_sequence = 0;
    std::vector<FiledReading> readings;

    bool operator==(const Batch&) const = default;
};

constexpr std::size_t batch_readings_max = 65'536;
constexpr std::size_t batch_samples_max = 1U << 22;  // of one waveform block

// Appends the body to `out`, which the caller keeps and reuses. Returns where in `out` its readings
// begin: the part that `decode_readings` reads.
std::size_t encode(const Batch& batch, std::string& out);
// The same of a message on its way in: `filed_times[i]` is when `readings[i]` is filed, and `batch`
// tells the rest (its own readings are left aside).
std::size_t encode(const Batch& batch, std::span<const Reading> readings,
                   std::span<const Timestamp> filed_times, std::string& out);

// The readings alone, as a body ends with them: the compact form that waits in memory.
void encode_readings(std::span<const FiledReading> readings, Timestamp receive_time,
                     std::string& out);
// Overwrites `readings` in place, as below. On failure its content is unspecified.
Result<void> decode_readings(std::string_view bytes, Timestamp receive_time,
                             std::vector<FiledReading>& readings);

// Reads a body back. `batch.readings` is overwritten in place, so a batch that is reused for many
// bodies seldom allocates. On failure its content is unspecified.
Result<void> decode(std::string_view body, Batch& batch);

}  // namespace vigil
