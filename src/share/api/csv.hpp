#pragma once
// RFC 4180: one record of text fields.

#include <initializer_list>
#include <string>
#include <string_view>

namespace vigil::share {

// A field that a spreadsheet would run as a formula is led in by an apostrophe.
inline void append_csv_field(std::string& out, std::string_view field) {
    constexpr std::string_view formula_starts = "=@\t\r";
    const bool formula =
        !field.empty() && formula_starts.find(field.front()) != std::string_view::npos;
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
