#include "fhir/path/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace vigil::fhir::path {
namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";

void append(std::string& out, utf8proc_int32_t character) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(character, bytes.data());
    for (utf8proc_ssize_t i = 0; i < length; ++i)
        out += static_cast<char>(bytes[static_cast<std::size_t>(i)]);
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        const auto length =
            utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                             static_cast<utf8proc_ssize_t>(text.size()), &character);
        if (length <= 0) {  // JSON and expressions are UTF-8; what is not stays as it is
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        append(out, map(character));
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return out;
}

}  // namespace

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    for (; at < text.size() && index > 0; --index) {
        ++at;
        while (at < text.size() && (text[at] & 0xC0) == 0x80) ++at;
    }
    return at;
}

std::string to_lower(std::string_view text) {
    return mapped(text, utf8proc_tolower);
}

std::string to_upper(std::string_view text) {
    return mapped(text, utf8proc_toupper);
}

std::string_view trimmed(std::string_view text) {
    const auto start = std::min(text.find_first_not_of(white_space), text.size());
    text.remove_prefix(start);
    return text.substr(0, text.find_last_not_of(white_space) + 1);
}

std::string normalized(std::string_view text) {
    std::string out;
    bool after_space = false;
    for (const char c : to_lower(text)) {
        const bool is_space = white_space.find(c) != std::string_view::npos;
        if (is_space && after_space) continue;
        out += is_space ? ' ' : c;
        after_space = is_space;
    }
    return out;
}

}  // namespace vigil::fhir::path
