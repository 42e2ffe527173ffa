#pragma once
// Reads the lines of a score's table one by one; parse_score_table drives it.

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "monitor/scores/score_table.hpp"

namespace vigil::monitor {

template <class Named>
std::optional<std::uint8_t> place_of(const std::vector<Named>& all, std::string_view key) {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].key == key) return static_cast<std::uint8_t>(i);
    return std::nullopt;
}

template <class Range, class Value, class Projection = std::identity>
bool contains(const Range& all, const Value& value, Projection projection = {}) {
    return std::ranges::find(all, value, projection) != std::ranges::end(all);
}

inline std::string_view cell(const std::vector<std::string_view>& cells, std::size_t at) {
    return at < cells.size() ? cells[at] : std::string_view();
}

// Reads the lines one after the other into the table; what a line refers to stands before it.
class ScoreTableReader {
public:
    explicit ScoreTableReader(const Catalogue& catalogue) : catalogue_(catalogue) {}

    Result<void> read(const std::vector<std::string_view>& cells, std::uint32_t line);
    ScoreTable take() { return std::move(table_); }
    bool is_ratio() const { return is_ratio_; }

private:
    using Cells = std::vector<std::string_view>;

    Result<void> score(const Cells& cells);
    Result<void> words(const Cells& cells);
    Result<void> age(const Cells& cells);
    Result<void> excludes(const Cells& cells);
    Result<void> setting(const Cells& cells);
    Result<void> input(const Cells& cells);
    Result<void> level(const Cells& cells);
    Result<void> source(const Cells& cells);
    Result<void> reads(const Cells& cells);
    Result<void> points(const Cells& cells);
    Result<void> ratio(const Cells& cells);
    Result<void> band(const Cells& cells);
    Result<void> single(const Cells& cells);

    Result<ScoreInput*> input_named(std::string_view key);
    Result<ScoreConditions> conditions_of(std::string_view text) const;

    const Catalogue& catalogue_;
    ScoreTable table_;
    bool is_ratio_ = false;
    std::size_t rows_ = 0;
    std::uint32_t line_ = 0;
};

}  // namespace vigil::monitor
