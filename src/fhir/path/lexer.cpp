#include "fhir/path/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "fhir/path/moment.hpp"

namespace vigil::fhir::path {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool starts_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

bool is_high_surrogate(std::uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(std::uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

// The four digits of \uXXXX at the front, or -1.
int utf16_unit(std::string_view text) {
    if (text.size() < 4) return -1;
    int unit = 0;
    for (const char c : text.substr(0, 4)) {
        if (hex_value(c) < 0) return -1;
        unit = unit * 16 + hex_value(c);
    }
    return unit;
}

}  // namespace

std::string to_string(const TextPlace& place) {
    return fmt::format("line {}, column {}", place.line, place.column);
}

tl::unexpected<Error> Lexer::error(std::string message) const {
    return fail(Error::Kind::malformed, std::move(message), to_string(place_));
}

void Lexer::advance(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_) {
        ++place_.column;
        if (text_[at_] != '\n') continue;
        ++place_.line;
        place_.column = 1;
    }
}

Result<void> Lexer::skip_space() {
    while (at_ < text_.size()) {
        if (at() == ' ' || at() == '\t' || at() == '\n' || at() == '\r') {
            advance(1);
        } else if (at() == '/' && at(1) == '/') {
            while (at_ < text_.size() && at() != '\n' && at() != '\r') advance(1);
        } else if (at() == '/' && at(1) == '*') {
            const auto end = text_.find("*/", at_ + 2);
            if (end == std::string_view::npos) return error("a comment does not end");
            advance(end + 2 - at_);
        } else {
            break;
        }
    }
    return {};
}

// One escape sequence, the backslash already behind (N1, 4.1.2).
Result<void> Lexer::unescape(std::string& out) {
    constexpr std::string_view letters = "`'\"\\/fnrt";
    constexpr std::string_view meanings = "`'\"\\/\f\n\r\t";
    if (const auto found = letters.find(at()); at() != '\0' && found != std::string_view::npos) {
        out += meanings[found];
        advance(1);
        return {};
    }
    if (at() != 'u') return error(R"(no such escape in a string: write \\ for a backslash)");
    const int unit = utf16_unit(text_.substr(at_ + 1));
    if (unit < 0) return error("\\u needs four hexadecimal digits");
    auto code = static_cast<std::uint32_t>(unit);
    advance(5);
    if (is_high_surrogate(code) && at() == '\\' && at(1) == 'u') {
        const int low = utf16_unit(text_.substr(at_ + 2));
        if (low >= 0 && is_low_surrogate(static_cast<std::uint32_t>(low))) {
            code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
            advance(6);
        }
    }
    if (code == 0 || is_high_surrogate(code) || is_low_surrogate(code))
        return error("\\u names no character");
    append_utf8(out, code);
    return {};
}

Result<Token> Lexer::quoted(Token token) {
    const char quote = at();
    token.kind = quote == '`' ? TokenKind::delimited_identifier : TokenKind::string;
    const auto start = at_;
    advance(1);
    while (at() != quote || at_ >= text_.size()) {
        if (at_ >= text_.size()) return error("a quotation does not end");
        if (at() == '\\') {
            advance(1);
            VIGIL_CHECK(unescape(token.value));
        } else {
            token.value += at();
            advance(1);
        }
    }
    advance(1);
    token.text = text_.substr(start, at_ - start);
    return token;
}

std::size_t Lexer::digits_at(std::size_t from) const {
    auto end = from;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - from;
}

// Behind `count` digits that follow the character `before` at `from`; `from` if they are not there.
std::size_t Lexer::behind_part(std::size_t from, char before, std::size_t count) const {
    const bool is_there =
        from < text_.size() && text_[from] == before && digits_at(from + 1) >= count;
    return is_there ? from + 1 + count : from;
}

std::size_t Lexer::behind_date(std::size_t from) const {
    const auto year = from + std::min<std::size_t>(4, digits_at(from));
    const auto month = behind_part(year, '-', 2);
    return month == year ? year : behind_part(month, '-', 2);
}

// A point belongs to a time only before digits: @T14:34:28.is(Time).
std::size_t Lexer::behind_time(std::size_t from) const {
    if (digits_at(from) < 2) return from;
    const auto hour = from + 2;
    const auto minute = behind_part(hour, ':', 2);
    const auto second = minute == hour ? hour : behind_part(minute, ':', 2);
    if (second == minute || second >= text_.size() || text_[second] != '.') return second;
    const auto digits = digits_at(second + 1);
    return digits == 0 ? second : second + 1 + digits;
}

std::size_t Lexer::behind_offset(std::size_t from) const {
    if (from < text_.size() && text_[from] == 'Z') return from + 1;
    const auto hours = std::max(behind_part(from, '+', 2), behind_part(from, '-', 2));
    return hours == from ? from : behind_part(hours, ':', 2);
}

// @2015-02-04T14:34:28.123+10:00 and what can be left out of it, @T14:34.
Result<Token> Lexer::moment(Token token) {
    advance(1);
    const auto start = at_;
    const bool is_time = at() == 'T';
    std::size_t end = is_time ? behind_time(start + 1) : behind_date(start);
    bool is_valid = false;
    if (is_time) {
        token.kind = TokenKind::time;
        token.text = text_.substr(start + 1, end - start - 1);
        is_valid = parse_time(token.text).has_value();
    } else {
        const auto date_end = end;
        const bool has_time = date_end < text_.size() && text_[date_end] == 'T';
        token.kind = has_time ? TokenKind::date_time : TokenKind::date;
        const auto time_end = has_time ? behind_time(date_end + 1) : date_end;
        // "2015T" says no more than "2015" but that it is a DateTime.
        const bool is_bare = time_end <= date_end + 1;
        end = is_bare ? time_end : behind_offset(time_end);
        token.text = text_.substr(start, (is_bare ? date_end : end) - start);
        is_valid =
            has_time ? parse_date_time(token.text).has_value() : parse_date(token.text).has_value();
    }
    if (!is_valid) return error("no such date or time");
    advance(end - at_);
    return token;
}

Result<Token> Lexer::next() {
    VIGIL_CHECK(skip_space());
    Token token;
    token.place = place_;
    if (at_ >= text_.size()) return token;
    const auto start = at_;
    const char c = at();
    if (c == '\'' || c == '"' || c == '`') return quoted(std::move(token));
    if (c == '@') return moment(std::move(token));
    if (starts_identifier(c)) {
        token.kind = TokenKind::identifier;
        while (starts_identifier(at()) || is_digit(at())) advance(1);
    } else if (is_digit(c)) {
        token.kind = TokenKind::number;
        advance(digits_at(at_));
        if (at() == '.' && is_digit(at(1))) advance(1 + digits_at(at_ + 1));
    } else {
        token.kind = TokenKind::symbol;
        constexpr std::array<std::string_view, 4> pairs{"<=", ">=", "!=", "!~"};
        std::size_t length = 1;
        for (const auto pair : pairs)
            if (text_.substr(at_, 2) == pair) length = 2;
        constexpr std::string_view singles = "()[]{}.,+-*/&|<>=~%$";
        if (length == 1 && singles.find(c) == std::string_view::npos)
            return error("a character that is no part of FHIRPath");
        advance(length);
    }
    token.text = text_.substr(start, at_ - start);
    return token;
}

}  // namespace vigil::fhir::path
