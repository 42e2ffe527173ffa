#pragma once
// What every device payload shares: the context it is read in, how it names metrics, declares units
// and writes times, and what happens to a part that cannot be read.

#include <cstdint>
#include <string_view>

#include "base/decimal.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"

namespace vigil::codec {

struct DecodeContext {
    const Catalogue& catalogue;
    Timestamp receive_time;
    // The zone of times that the device writes without one, as minutes east of UTC.
    std::int16_t default_offset_minutes = 0;
    // Whom the payload comes from: the sub-device its topic names, else the sender.
    std::string_view device = {};
};

// Makes a message as if new, keeping its memory.
void clear(DecodedMessage& message);

// Notes a part that could not be read while the rest could. Beyond `unread_lines_max` one last line
// says that there is more: the raw message in quarantine holds it all.
constexpr std::size_t unread_lines_max = 64;
void note_unread(DecodedMessage& message, Error problem);

// A metric by its key ("heart_rate"), its REFID ("MDC_ECG_HEART_RATE"), its 32-bit IEEE 11073 code
// ("mdc:147842") or a LOINC code ("loinc:8867-4", "http://loinc.org|8867-4",
// "urn:oid:2.16.840.1.113883.6.1:8867-4").
const Metric* find_metric(const Catalogue& catalogue, std::string_view name);
Result<const Metric*> known_metric(const Catalogue& catalogue, std::string_view name);

// Where two units are in everyday use and a number in one is plausible in the other, a bare number
// is never read: temperatures (Cel, [degF]) and concentrations (mg/dL, mmol/L).
bool needs_declared_unit(const Metric& metric);
// The metric's own unit, unless one must be declared.
Result<UnitId> undeclared_unit(const Metric& metric);
// A unit as the payload declares it: known, and of the metric's quantity.
Result<UnitId> declared_unit(const Metric& metric, std::string_view text);
// Whether a value in `unit` can be shown in the metric's own.
bool is_unit_of(const Metric& metric, UnitId unit);

// "not_a_number", "over_range", …: as docs/reference/series-api.md spells them.
std::optional<SpecialValue> special_value(std::string_view word);
// "questionable", "test_data", …: the status bits a source may set; 0 for another word.
std::uint32_t status_bit(std::string_view word);

// RFC 3339, or the same without a zone and then read with the context's.
Result<OffsetTime> read_time(std::string_view text, const DecodeContext& context);
// Unix time as a number. Its magnitude tells the unit: below 1e11 seconds, below 1e14 milliseconds,
// below 1e17 microseconds, else nanoseconds; all of these mean the years 1973 to 5138.
Result<Timestamp> read_unix_time(std::string_view number);
// Seconds since 1970, exactly.
Result<Timestamp> from_unix_seconds(const Decimal& seconds);

}  // namespace vigil::codec
