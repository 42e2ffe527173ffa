#include "fhir/search/folding.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace vigil::fhir {
namespace {

constexpr auto options =
    static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                   UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);

struct Freer {
    void operator()(utf8proc_uint8_t* text) const { std::free(text); }  // NOLINT: its own malloc
};

// One space for any run of white space, none at the ends.
std::string single_spaced(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!space)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string folded(std::string_view text) {
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
        auto plain = single_spaced(text);
        std::ranges::transform(plain, plain.begin(), lower_case);
        return plain;
    }
    utf8proc_uint8_t* made = nullptr;
    const auto length =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),  // NOLINT: its type
                     static_cast<utf8proc_ssize_t>(text.size()), &made, options);
    const std::unique_ptr<utf8proc_uint8_t, Freer> owned(made);
    if (length < 0) {
        auto plain = single_spaced(text);
        std::ranges::transform(plain, plain.begin(), lower_case);
        return plain;
    }
    return single_spaced({reinterpret_cast<const char*>(made),  // NOLINT: bytes are bytes
                          static_cast<std::size_t>(length)});
}

}  // namespace vigil::fhir
