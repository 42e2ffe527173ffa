#include "base/percent.hpp"

namespace vigil {
namespace {

constexpr std::string_view hex = "0123456789ABCDEF";  // RFC 3986 2.1: upper case, to be alike

// Not isalnum: what a letter is must not depend on the locale.
constexpr bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view also_kept) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c) || also_kept.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex[byte >> 4U];
        out += hex[byte & 0xFU];
    }
    return out;
}

}  // namespace vigil
