#include "store/sqlite/record_cursor.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace vigil::store::sqlite {

namespace {

// One character names the form: a later one gets another.
constexpr char unsorted = '1', in_order = '2', numbered = '3';
constexpr std::size_t cursor_text_max = 8'192;
constexpr std::size_t sort_keys_max = 16;
constexpr std::string_view digits = "0123456789abcdef";

std::string to_text(char form, std::string_view bytes) {
    std::string text(1, form);
    for (const char c : bytes) {
        text.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
        text.push_back(digits[static_cast<unsigned char>(c) & 15U]);
    }
    return text;
}

tl::unexpected<Error> refused() {
    return fail(Error::Kind::malformed, "this is not a page's cursor: start from the first page");
}

Result<std::string> to_bytes(std::string_view text) {
    if (text.size() % 2 != 0 || text.size() > cursor_text_max) return refused();
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return refused();
        bytes.push_back(static_cast<char>(high << 4U | low));
    }
    return bytes;
}

Result<Cursor> decode_unsorted(ByteReader in) {
    const auto way = in.varint(), parameter = in.varint();
    const auto key = in.sized();
    const auto record = in.varint();
    if (!way || !parameter || *parameter > UINT32_MAX || !key || !record || *record > INT64_MAX ||
        !in.empty())
        return refused();
    return Cursor{.sorted = std::nullopt,
                  .way = static_cast<std::size_t>(*way),
                  .found = {.parameter = static_cast<std::uint32_t>(*parameter),
                            .key = std::string(*key),
                            .record = *record}};
}

Result<Cursor> decode_sorted(ByteReader in) {
    const auto record = in.varint(), count = in.varint();
    if (!record || *record > INT64_MAX || !count || *count > sort_keys_max) return refused();
    SortedPlace place{.values = {}, .record = *record};
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto there = in.u8();
        if (!there || *there > 1) return refused();
        std::optional<std::string> value;
        if (*there == 1) {
            const auto bytes = in.sized();
            if (!bytes) return refused();
            value = std::string(*bytes);
        }
        place.values.push_back(std::move(value));
    }
    if (!in.empty()) return refused();
    return Cursor{.sorted = std::move(place), .way = 0, .found = {}};
}

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
    std::string bytes;
    ByteWriter out(bytes);
    if (!cursor.sorted) {
        out.varint(cursor.way);
        out.varint(cursor.found.parameter);
        out.sized(cursor.found.key);
        out.varint(cursor.found.record);
        return to_text(unsorted, bytes);
    }
    out.varint(cursor.sorted->record);
    out.varint(cursor.sorted->values.size());
    for (const auto& value : cursor.sorted->values) {
        out.u8(value ? 1 : 0);
        if (value) out.sized(*value);
    }
    return to_text(in_order, bytes);
}

Result<Cursor> decode_cursor(std::string_view text) {
    if (text.empty()) return refused();
    VIGIL_TRY(bytes, to_bytes(text.substr(1)));
    if (text.front() == unsorted) return decode_unsorted(ByteReader(bytes));
    if (text.front() == in_order) return decode_sorted(ByteReader(bytes));
    return refused();
}

std::string encode_number_cursor(std::uint64_t number) {
    std::string bytes;
    ByteWriter(bytes).varint(number);
    return to_text(numbered, bytes);
}

Result<std::uint64_t> decode_number_cursor(std::string_view text) {
    if (text.empty() || text.front() != numbered) return refused();
    VIGIL_TRY(bytes, to_bytes(text.substr(1)));
    ByteReader in(bytes);
    const auto number = in.varint();
    if (!number || *number > INT64_MAX || !in.empty()) return refused();
    return *number;
}

}  // namespace vigil::store::sqlite
