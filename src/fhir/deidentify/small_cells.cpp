#include "fhir/deidentify/small_cells.hpp"

#include <fmt/format.h>

namespace vigil::fhir::deidentify {
namespace {

struct Cell {
    std::uint64_t count = 0;
    bool is_hidden = false;
};
using Cells = std::vector<std::vector<Cell>>;

bool is_small(std::uint64_t count) {
    return count > 0 && count < cell_min;
}

Cells with_totals(const CountTable& table) {
    Cells cells;
    std::vector<Cell> totals(table.columns.size() + 1);
    for (const auto& row : table.cells) {
        auto& made = cells.emplace_back();
        std::uint64_t sum = 0;
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            made.push_back({row[column], is_small(row[column])});
            totals[column].count += row[column];
            sum += row[column];
        }
        made.push_back({sum, is_small(sum)});
        totals.back().count += sum;
    }
    for (auto& total : totals) total.is_hidden = is_small(total.count);
    cells.push_back(totals);
    return cells;
}

// A line whose last is the sum of the others. Hides one more where what is hidden can be worked
// out, the smallest first; zeros are known to be empty and hide nothing.
bool hide_one_more(const std::vector<Cell*>& line) {
    std::size_t count = 0;
    std::uint64_t sum = 0;
    Cell* smallest = nullptr;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        auto* cell = line[i];
        if (cell->is_hidden) {
            ++count;
            sum += cell->count;
        } else if (cell->count > 0 && (smallest == nullptr || cell->count < smallest->count)) {
            smallest = cell;
        }
    }
    auto* total = line.back();
    if (total->is_hidden) {
        // Its parts, all shown, would tell it.
        if (count > 0 || smallest == nullptr) return false;
    } else if (count == 0 || (count > 1 && sum >= cell_min)) {
        return false;
    }
    if (smallest == nullptr) smallest = total;
    smallest->is_hidden = true;
    return true;
}

}  // namespace

ShownTable shown(const CountTable& table) {
    auto cells = with_totals(table);
    const auto height = cells.size(), width = table.columns.size() + 1;
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (std::size_t row = 0; row < height; ++row) {
            std::vector<Cell*> line;
            for (std::size_t column = 0; column < width; ++column)
                line.push_back(&cells[row][column]);
            is_changed = hide_one_more(line) || is_changed;
        }
        for (std::size_t column = 0; column < width; ++column) {
            std::vector<Cell*> line;
            for (std::size_t row = 0; row < height; ++row) line.push_back(&cells[row][column]);
            is_changed = hide_one_more(line) || is_changed;
        }
    }
    ShownTable out;
    for (const auto& row : cells) {
        auto& made = out.cells.emplace_back();
        for (const auto& cell : row)
            made.push_back(cell.is_hidden ? std::nullopt : std::optional(cell.count));
    }
    return out;
}

std::string count_text(std::uint64_t count) {
    return is_small(count) ? fmt::format("fewer than {}", cell_min) : fmt::format("{}", count);
}

}  // namespace vigil::fhir::deidentify
