#include "store/sqlite/record_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vigil::store::sqlite {

namespace {

constexpr std::uint64_t sign_bit = 0x8000'0000'0000'0000U;

void put_big_endian(std::string& out, std::uint64_t value) {
    ByteWriter(out).big_endian(value);
}

// Length, then that many bytes: sorts as the number does and is short where it is small.
void put_number(std::string& out, std::uint64_t value) {
    const auto size = (std::bit_width(value) + 7) / 8;
    out.push_back(static_cast<char>(size));
    for (auto shift = size * 8; shift > 0; shift -= 8)
        out.push_back(static_cast<char>((value >> (shift - 8)) & 0xFF));
}

std::uint64_t ordered(std::int64_t value) {
    return static_cast<std::uint64_t>(value) ^ sign_bit;
}

std::uint64_t ordered(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
    return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

std::string value_key(char kind, std::uint64_t value) {
    std::string key(1, kind);
    put_big_endian(key, value);
    return key;
}

std::string unit_key(char kind, std::uint32_t unit, double value) {
    std::string key(1, kind);
    put_number(key, unit);
    put_big_endian(key, ordered(value));
    return key;
}

bool is_long(const StoredRow& row) {
    return static_cast<std::uint64_t>(row.end) - static_cast<std::uint64_t>(row.start) >
           static_cast<std::uint64_t>(short_date_ns);
}

void write_row(ByteWriter& out, const StoredRow& row) {
    out.varint(row.parameter);
    out.u8(static_cast<std::uint8_t>(row.kind));
    out.varint(row.group);
    switch (row.kind) {
        case RowKind::token:
            out.varint(row.system);
            out.sized(row.text);
            return;
        case RowKind::date:
            out.little_endian(row.start);
            out.varint(static_cast<std::uint64_t>(row.end) - static_cast<std::uint64_t>(row.start));
            return;
        case RowKind::number:
            out.varint(row.system);
            out.little_endian(std::bit_cast<std::uint64_t>(row.low));
            out.little_endian(std::bit_cast<std::uint64_t>(row.high));
            return;
        case RowKind::string:
            out.sized(row.text);
            if (row.exact == row.text) return out.varint(0);
            out.varint(row.exact.size() + 1);
            return out.bytes(row.exact);
        case RowKind::uri:
        case RowKind::url:
            return out.sized(row.text);
        case RowKind::reference:
            return out.varint(row.target);
    }
}

bool read_text(ByteReader& in, std::string_view& text) {
    const auto read = in.sized();
    if (read) text = *read;
    return read.has_value();
}

bool read_string(ByteReader& in, StoredRow& row) {
    if (!read_text(in, row.text)) return false;
    const auto size = in.varint();
    if (!size) return false;
    if (*size == 0) {
        row.exact = row.text;
        return true;
    }
    const auto exact = in.take(*size - 1);
    if (exact) row.exact = *exact;
    return exact.has_value();
}

bool read_value(ByteReader& in, StoredRow& row) {
    switch (row.kind) {
        case RowKind::token: {
            const auto system = in.varint();
            row.system = static_cast<std::uint32_t>(system.value_or(0));
            return system && read_text(in, row.text);
        }
        case RowKind::date: {
            const auto start = in.little_endian<std::int64_t>();
            const auto length = in.varint();
            row.start = start.value_or(0);
            row.end = static_cast<std::int64_t>(static_cast<std::uint64_t>(row.start) +
                                                length.value_or(0));
            return start && length;
        }
        case RowKind::number: {
            const auto unit = in.varint();
            const auto low = in.little_endian<std::uint64_t>();
            const auto high = in.little_endian<std::uint64_t>();
            row.system = static_cast<std::uint32_t>(unit.value_or(0));
            row.low = std::bit_cast<double>(low.value_or(0));
            row.high = std::bit_cast<double>(high.value_or(0));
            return unit && low && high;
        }
        case RowKind::string:
            return read_string(in, row);
        case RowKind::uri:
        case RowKind::url:
            return read_text(in, row.text);
        case RowKind::reference: {
            const auto target = in.varint();
            row.target = target.value_or(0);
            return target.has_value();
        }
    }
    return false;
}

}  // namespace

std::string encode_rows(const StoredHead& head, const std::vector<StoredRow>& rows) {
    std::string bytes;
    ByteWriter out(bytes);
    out.varint(head.type);
    out.varint(head.subject ? std::uint64_t{head.subject->value} + 1 : 0);
    out.little_endian(unix_ns(head.updated));
    for (const auto& row : rows) write_row(out, row);
    return bytes;
}

void RowsReader::read_head() {
    const auto type = in_.varint();
    const auto subject = in_.varint();
    const auto updated = in_.little_endian<std::int64_t>();
    if (!type || !subject || !updated || *subject > std::uint64_t{UINT32_MAX} + 1) {
        fail();
        return;
    }
    head_.type = static_cast<std::uint32_t>(*type);
    if (*subject > 0) head_.subject = PatientId{static_cast<std::uint32_t>(*subject - 1)};
    head_.updated = from_unix_ns(*updated);
}

bool RowsReader::fail() {
    damaged_ = true;
    in_.rest();
    return false;
}

bool RowsReader::next(StoredRow& row) {
    if (in_.empty()) return false;
    const auto parameter = in_.varint();
    const auto kind = in_.u8();
    const auto group = in_.varint();
    if (!parameter || !kind || !group || *kind == 0 || *kind > static_cast<int>(RowKind::url))
        return fail();
    row.parameter = static_cast<std::uint32_t>(*parameter);
    row.kind = static_cast<RowKind>(*kind);
    row.group = static_cast<std::uint16_t>(*group);
    return read_value(in_, row) || fail();
}

std::string token_key(std::string_view code) {
    // A zero byte ends the code, so that "a" of one system stands before "ab" of another.
    std::string key(1, key_kind::token);
    for (const char c : code.substr(0, key_text_max)) {
        key.push_back(c);
        if (c == '\0') key.push_back('\xFF');
    }
    key.append("\0\x01", 2);
    return key;
}

std::string token_key(std::string_view code, std::uint32_t system) {
    auto key = token_key(code);
    put_number(key, system);
    return key;
}

std::string date_key(std::int64_t time) {
    return value_key(key_kind::date, ordered(time));
}
std::string date_end_key(std::int64_t time) {
    return value_key(key_kind::date_end, ordered(time));
}
std::string number_key(std::uint32_t unit, double value) {
    return unit_key(key_kind::number, unit, value);
}
std::string number_high_key(std::uint32_t unit, double value) {
    return unit_key(key_kind::number_high, unit, value);
}

std::string text_key(char kind, std::string_view text) {
    std::string key(1, kind);
    key.append(text.substr(0, key_text_max));
    return key;
}

std::string reference_key(std::uint64_t record) {
    std::string key(1, key_kind::reference);
    put_number(key, record);
    return key;
}

std::string after_prefix(std::string key) {
    while (!key.empty() && key.back() == '\xFF') key.pop_back();
    if (!key.empty()) key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
    return key;
}

std::string ascii_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string sort_key(const StoredRow& row) {
    switch (row.kind) {
        case RowKind::token:
            return token_key(row.text, row.system);
        case RowKind::date:
            return date_key(row.start);
        case RowKind::number:
            return number_key(row.system, row.low);
        case RowKind::string:
            return text_key(key_kind::string, row.text);
        case RowKind::uri:
            return text_key(key_kind::uri, row.text);
        case RowKind::url:
            return text_key(key_kind::url, row.text);
        case RowKind::reference:
            return reference_key(row.target);
    }
    return {};
}

namespace {

void append_keys_of(const StoredRow& row, std::uint32_t home, std::vector<IndexKey>& keys) {
    keys.push_back({home, sort_key(row)});
    if (row.kind == RowKind::date && is_long(row)) keys.push_back({home, date_end_key(row.end)});
    if (row.kind == RowKind::number && row.high != row.low)
        keys.push_back({home, number_high_key(row.system, row.high)});
    if (row.kind != RowKind::string) return;
    // :exact asks with the text as it stands, and folding is not ours to know.
    auto lower = ascii_lower(row.exact);
    if (lower != row.text) keys.push_back({home, text_key(key_kind::string_exact, lower)});
}

// Of any system: the rows tell which.
void append_pair_keys(const std::vector<StoredRow>& rows, const Homes::Pair& pair,
                      std::vector<IndexKey>& keys) {
    for (const auto& token : rows) {
        if (token.parameter != pair.token || token.kind != RowKind::token) continue;
        for (const auto& date : rows)
            if (date.parameter == pair.date && date.kind == RowKind::date)
                keys.push_back({pair.parameter, token_key(token.text) + date_key(date.start)});
    }
}

}  // namespace

void append_keys(std::uint32_t type, const std::vector<StoredRow>& rows, const Homes& homes,
                 std::vector<IndexKey>& keys) {
    if (const auto pairs = homes.pairs.find(type); pairs != homes.pairs.end())
        for (const auto& pair : pairs->second) append_pair_keys(rows, pair, keys);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto home = home_of(homes, rows[i].parameter);
        append_keys_of(rows[i], home, keys);
        if (rows[i].kind != RowKind::date) continue;
        // Two bounds on a date may be met by two dates: such a resource is found here.
        for (std::size_t j = 0; j < i; ++j)
            if (rows[j].kind == RowKind::date && rows[j].parameter == rows[i].parameter)
                keys.push_back({home, std::string(1, key_kind::several_dates)});
    }
}

void put_in_order(std::vector<IndexKey>& keys) {
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
}

}  // namespace vigil::store::sqlite
