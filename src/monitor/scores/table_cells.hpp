#pragma once
// The cells of a score's table: keys, texts, steps, ranges. An error says what is expected; the
// reader of the file adds the line.

#include <string>
#include <string_view>

#include "monitor/scores/score_table.hpp"

namespace vigil::monitor {

bool is_key(std::string_view text);                      // a-z, 0-9, _ and -, at most 48 of them
bool is_text(std::string_view text);                     // UTF-8 on one line, at most 1000 bytes
bool same_word(std::string_view a, std::string_view b);  // but for the case of A-Z
tl::unexpected<Error> wrong(std::string message);

// "1", "0.1" to "0.0001": the exponent of ten.
Result<std::int8_t> step_of(std::string_view text);
// A number in whole steps; what lies between two steps is an error.
Result<std::int64_t> steps_of(std::string_view text, std::int8_t exponent);
// "..8", "9..11", "25.." or "15".
Result<StepRange> range_of(std::string_view text, std::int8_t exponent);
Result<std::uint8_t> points_of(std::string_view text);
Result<Nanoseconds> age_max_of(std::string_view text);

}  // namespace vigil::monitor
