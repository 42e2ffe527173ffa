#include "base/json_writer.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.hpp"

namespace vigil {

JsonWriter& JsonWriter::number(double value) {
    if (!std::isfinite(value)) return null();
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", value);
    return *this;
}

void JsonWriter::quoted(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
        const char c = text.front();
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
            text.remove_prefix(1);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out_), "\\u{:04x}", c);
            text.remove_prefix(1);
        } else if (const auto length = utf8_sequence_length(text); length > 0) {
            out_ += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            out_ += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        }
    }
    out_ += '"';
}

}  // namespace vigil
