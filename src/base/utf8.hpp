#pragma once

#include <cstddef>
#include <string_view>

namespace vigil {

// Whether `count` continuation bytes follow the first.
inline bool utf8_continues(std::string_view text, std::size_t count) {
    if (text.size() < 1 + count) return false;
    for (std::size_t i = 1; i <= count; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return false;
    return true;
}

// Length of the UTF-8 sequence at the front of `text`, 0 if it is empty or not one (RFC 3629:
// overlong forms, surrogates and what lies beyond U+10FFFF are none).
inline std::size_t utf8_sequence_length(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return utf8_continues(text, 1) ? 2 : 0;
    if ((lead & 0xF0) == 0xE0 && utf8_continues(text, 2)) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4 && utf8_continues(text, 3)) {
        const bool overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

inline bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace vigil
