#include "fhir/deidentify/small_cells.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace vigil::fhir::deidentify {
namespace {

using testing::ElementsAre;
constexpr auto hidden = std::nullopt;

TEST(SmallCells, are_hidden_with_another_that_would_tell_them) {
    const auto table = shown(
        {.title = "", .rows = {"a", "b"}, .columns = {"x", "y"}, .cells = {{5, 40}, {50, 60}}});
    // 5 alone would be 45 less 40; hidden with its row's and its column's other, those with theirs.
    EXPECT_THAT(table.cells[0], ElementsAre(hidden, hidden, 45U));
    EXPECT_THAT(table.cells[1], ElementsAre(hidden, hidden, 110U));
    EXPECT_THAT(table.cells[2], ElementsAre(55U, 100U, 155U));
}

TEST(SmallCells, two_that_are_small_together_take_a_third) {
    const auto table =
        shown({.title = "", .rows = {"a"}, .columns = {"x", "y", "z"}, .cells = {{2, 3, 40}}});
    EXPECT_THAT(table.cells[0], ElementsAre(hidden, hidden, hidden, 45U));
}

TEST(SmallCells, nothing_is_hidden_where_nothing_is_small) {
    const auto table =
        shown({.title = "", .rows = {"a"}, .columns = {"x", "y"}, .cells = {{0, 40}}});
    EXPECT_THAT(table.cells[0], ElementsAre(0U, 40U, 40U)) << "that nobody is there may be told";
}

TEST(SmallCells, a_small_total_is_hidden_with_its_parts) {
    const auto table = shown({.title = "", .rows = {"a"}, .columns = {"x"}, .cells = {{4}}});
    for (const auto& row : table.cells)
        for (const auto& cell : row) EXPECT_EQ(cell, hidden);
}

// Of each line with a total, what is hidden adds up to enough, and is never one alone.
void expect_safe(const std::vector<std::optional<std::uint64_t>>& line,
                 const std::vector<std::uint64_t>& counts) {
    if (!line.back()) return;
    std::uint64_t sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
        if (!line[i]) {
            sum += counts[i];
            ++count;
        }
    if (count > 0) {
        EXPECT_GT(count, 1U);
        EXPECT_GE(sum, cell_min);
    }
}

TEST(SmallCells, of_any_table_no_line_tells_one) {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp,cert-msc32-c): the same tables each time
    for (int round = 0; round < 300; ++round) {
        CountTable table{
            .title = "", .rows = {"a", "b", "c"}, .columns = {"x", "y", "z"}, .cells = {}};
        for (int row = 0; row < 3; ++row)
            table.cells.push_back({random() % 40, random() % 25, random() % 15});
        const auto made = shown(table);
        for (std::size_t row = 0; row < 3; ++row) {
            expect_safe(made.cells[row], table.cells[row]);
            for (std::size_t column = 0; column < 3; ++column) {
                const auto count = table.cells[row][column];
                if (count > 0 && count < cell_min) EXPECT_EQ(made.cells[row][column], hidden);
            }
        }
        for (std::size_t column = 0; column < 3; ++column) {
            std::vector<std::optional<std::uint64_t>> line;
            std::vector<std::uint64_t> counts;
            for (std::size_t row = 0; row < 3; ++row) {
                line.push_back(made.cells[row][column]);
                counts.push_back(table.cells[row][column]);
            }
            line.push_back(made.cells[3][column]);
            expect_safe(line, counts);
        }
    }
}

TEST(SmallCells, a_count_alone) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(10), "fewer than 11");
    EXPECT_EQ(count_text(11), "11");
}

}  // namespace
}  // namespace vigil::fhir::deidentify
