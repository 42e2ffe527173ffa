#include "codec/atna/xml_text.hpp"

#include "base/utf8.hpp"

namespace vigil::codec::atna {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// U+FFFE and U+FFFF are in UTF-8, but no Char of XML.
bool is_char(std::string_view sequence) {
    if (sequence.size() == 1) {
        const auto byte = static_cast<unsigned char>(sequence[0]);
        return byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r';
    }
    return !(sequence.starts_with("\xEF\xBF") && static_cast<unsigned char>(sequence[2]) >= 0xBE);
}

// What stands for a character that may not stand for itself; empty: it may.
std::string_view reference_of(char c, bool in_attribute) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\r':  // a reader would make it a line feed (2.11)
            return "&#13;";
        case '\n':
            return in_attribute ? "&#10;" : "";
        case '\t':
            return in_attribute ? "&#9;" : "";
        default:
            return {};
    }
}

void append(std::string& out, std::string_view text, bool in_attribute) {
    while (!text.empty()) {
        const auto length = utf8_sequence_length(text);
        const auto sequence = text.substr(0, length == 0 ? 1 : length);
        if (length == 0 || !is_char(sequence))
            out += replacement;
        else if (const auto reference = reference_of(sequence[0], in_attribute); !reference.empty())
            out += reference;
        else
            out += sequence;
        text.remove_prefix(sequence.size());
    }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
    append(out, text, false);
}

void append_attribute(std::string& out, std::string_view text) {
    append(out, text, true);
}

}  // namespace vigil::codec::atna
