#include "monitor/scores/table_cells.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/decimal.hpp"
#include "base/utf8.hpp"

namespace vigil::monitor {

bool is_key(std::string_view text) {
    constexpr std::size_t key_bytes_max = 48;
    return !text.empty() && text.size() <= key_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

bool is_text(std::string_view text) {
    constexpr std::size_t text_bytes_max = 1000;
    return !text.empty() && text.size() <= text_bytes_max && is_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

tl::unexpected<Error> wrong(std::string message) {
    return fail(Error::Kind::malformed, std::move(message));
}

Result<std::int64_t> steps_of(std::string_view text, std::int8_t exponent) {
    constexpr std::int64_t steps_max = 1'000'000'000;
    const auto value = parse_decimal(text);
    const auto whole = value ? rescaled(*value, exponent) : value;
    if (!whole || whole->mantissa > steps_max || whole->mantissa < -steps_max)
        return wrong("'" + std::string(text.substr(0, 32)) +
                     "' is no number of so many places: a bound is a whole number of steps");
    return whole->mantissa;
}

Result<StepRange> range_of(std::string_view text, std::int8_t exponent) {
    StepRange range;
    const auto dots = text.find("..");
    if (text.empty() || text == "..") return wrong("a range is written ..8, 9..11, 25.. or 15");
    const auto first = text.substr(0, dots);
    const auto second = dots == std::string_view::npos ? first : text.substr(dots + 2);
    if (!first.empty()) {
        VIGIL_TRY(from, steps_of(first, exponent));
        range.from = from;
    }
    if (!second.empty()) {
        VIGIL_TRY(to, steps_of(second, exponent));
        range.to = to;
    }
    if (range.from && range.to && *range.to < *range.from)
        return wrong("a range begins with its smaller bound");
    return range;
}

Result<std::int8_t> step_of(std::string_view text) {
    constexpr std::array<std::string_view, 5> steps{"1", "0.1", "0.01", "0.001", "0.0001"};
    const auto found = std::ranges::find(steps, text);
    if (found == steps.end()) return wrong("a step is 1, 0.1, 0.01, 0.001 or 0.0001");
    return static_cast<std::int8_t>(-(found - steps.begin()));
}

Result<std::uint8_t> points_of(std::string_view text) {
    std::uint8_t points = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), points);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || points > 20)
        return wrong("points are a whole number, 0 to 20");
    return points;
}

Result<Nanoseconds> age_max_of(std::string_view text) {
    auto age = parse_duration(text);
    if (!age || *age <= Nanoseconds::zero() || *age > std::chrono::hours(7 * 24))
        return wrong("an age is written 60s, 15m, 4h or 7d, and is 7d at most");
    return *age;
}

}  // namespace vigil::monitor
