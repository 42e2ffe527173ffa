#pragma once
// Where a page ended, as text for whoever asks for the next one. What comes back may be anything:
// it only says where to go on, what is found there is tested like all else.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/record_stream.hpp"

namespace vigil::store::sqlite {

// By the order of a search: its values, and the record that breaks the tie.
struct SortedPlace {
    std::vector<std::optional<std::string>> values;  // none: the resource has no such row
    std::uint64_t record = 0;
};

struct Cursor {
    std::optional<SortedPlace> sorted;
    // Without an order: the way that the search goes (0: along all of the type, n: the n-th of its
    // ways), and the key it has come to.
    std::size_t way = 0;
    Found found;
};

std::string encode_cursor(const Cursor& cursor);
Result<Cursor> decode_cursor(std::string_view text);

// Of a history: the number of the version.
std::string encode_number_cursor(std::uint64_t number);
Result<std::uint64_t> decode_number_cursor(std::string_view text);

}  // namespace vigil::store::sqlite
