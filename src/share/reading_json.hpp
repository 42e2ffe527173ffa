#pragma once
// A reading as the API and the live stream show it: docs/reference/series-api.md, Shapes, Reading.

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/json_writer.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"

namespace vigil::share {

// What stands around a value; the views live as long as the call.
struct ReadingContext {
    std::string_view patient;  // empty: filed under nobody
    std::string_view device;
    Timestamp filed_time, receive_time;
    std::uint32_t sequence = 0;
    std::optional<Position> position;  // none: no longer in the log
    bool stored = true;                // false: shown, though the log could not keep it (promise 2)
    bool with_samples = false;         // waveform samples too (only /api/series/raw shows them)
};

void write_reading(JsonWriter& json, const Catalogue& catalogue, const Reading& reading,
                   const ReadingContext& context);

std::string position_text(Position position);  // "0:1042"
std::optional<Position> parse_position(std::string_view text);

// The value as text, as people read it in a table; empty for a special value and a waveform.
std::string value_text(const Reading& reading);
std::string_view special_word(SpecialValue special);          // "over_range"; empty for none
std::string status_words(std::uint32_t status, bool stored);  // joined by spaces
// In the metric's normal unit, if the sent unit can be converted to it.
std::optional<Decimal> normal_value(const Metric& metric, const NumericValue& value);

}  // namespace vigil::share
