#pragma once
// RFC 4180: one record of text fields.

#include <array>
#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>

namespace vigil::share {

// "-5.2", "+1e3": what a plus or minus begins rightly.
inline bool is_signed_number(std::string_view field) {
    const auto digits = field.substr(1);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
    double number = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc() && stop == end;
}

// What a spreadsheet would run (OWASP, CSV Injection), the wide forms of East Asian input included.
inline bool is_formula(std::string_view field) {
    constexpr std::string_view starts = "=@\t\r\n";
    constexpr std::array<std::string_view, 4> wide_starts{"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    if (field.empty()) return false;
    if (field.front() == '+' || field.front() == '-') return !is_signed_number(field);
    if (starts.find(field.front()) != std::string_view::npos) return true;
    for (const auto wide : wide_starts)
        if (field.starts_with(wide)) return true;
    return false;
}

// A field that a spreadsheet would run as a formula is led in by an apostrophe.
inline void append_csv_field(std::string& out, std::string_view field) {
    const bool formula = is_formula(field);
    if (!formula && field.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += field;
        return;
    }
    out += '"';
    if (formula) out += '\'';
    for (const char c : field) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

inline void append_csv_record(std::string& out, std::initializer_list<std::string_view> fields) {
    bool first = true;
    for (const auto field : fields) {
        if (!first) out += ',';
        first = false;
        append_csv_field(out, field);
    }
    out += "\r\n";
}

}  // namespace vigil::share
