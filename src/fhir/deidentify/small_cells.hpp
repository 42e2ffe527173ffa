#pragma once
// Tables of counts that may be shown: a count of 1 to 10 is hidden (the rule of CMS), and with it
// as many others as it takes that nobody works it out from a total (complementary suppression).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vigil::fhir::deidentify {

constexpr std::uint64_t cell_min = 11;

struct CountTable {
    std::string title;
    std::vector<std::string> rows, columns;
    std::vector<std::vector<std::uint64_t>> cells;  // [row][column]
};

// With a total at the end of each row, and a row of totals. Nothing: hidden. Whatever is hidden in
// a line adds up to at least `cell_min`, and is more than one cell, or its total is hidden too.
struct ShownTable {
    std::vector<std::vector<std::optional<std::uint64_t>>> cells;
};
ShownTable shown(const CountTable& table);

// A single count on its own: "fewer than 11".
std::string count_text(std::uint64_t count);

}  // namespace vigil::fhir::deidentify
