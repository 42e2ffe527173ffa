#include "base/json_writer.hpp"

#include <fmt/format.h>

#include <cmath>

namespace vigil {
namespace {

// Length of the UTF-8 sequence at the front of `text`, 0 if it is not one (RFC 3629).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t from, std::size_t count) {
        if (text.size() < from + count) return false;
        for (std::size_t i = from; i < from + count; ++i)
            if ((byte(i) & 0xC0) != 0x80) return false;
        return true;
    };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1, 1) ? 2 : 0;
    if ((lead & 0xF0) == 0xE0 && continues(1, 2)) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4 && continues(1, 3)) {
        const bool overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

}  // namespace

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
        } else if (const auto length = sequence_length(text); length > 0) {
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
