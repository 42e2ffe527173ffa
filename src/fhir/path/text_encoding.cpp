#include "fhir/path/text_encoding.hpp"

#include <array>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/utf8.hpp"
#include "codec/binary_text.hpp"
#include "fhir/path/text.hpp"

namespace vigil::fhir::path {
namespace {

// RFC 4648, padded.
std::string base64(std::string_view bytes, std::string_view last_two) {
    std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    alphabet += last_two;
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group <<= 8;
            if (i + k < bytes.size()) group |= static_cast<unsigned char>(bytes[i + k]);
        }
        const auto left = bytes.size() - i;
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= left ? alphabet[group >> (18 - 6 * k) & 0x3F] : '=';
    }
    return out;
}

struct Entity {
    char character;
    std::string_view text;
};
constexpr std::array entities{Entity{'&', "&amp;"}, Entity{'<', "&lt;"}, Entity{'>', "&gt;"},
                              Entity{'"', "&quot;"}, Entity{'\'', "&#39;"}};

std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        std::string_view written(&c, 1);
        for (const auto& entity : entities)
            if (entity.character == c) written = entity.text;
        out += written;
    }
    return out;
}

std::string html_unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        char character = text[0];
        std::size_t length = 1;
        for (const auto& entity : entities)
            if (text.starts_with(entity.text)) {
                character = entity.character;
                length = entity.text.size();
            }
        out += character;
        text.remove_prefix(length);
    }
    return out;
}

std::string json_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        constexpr std::string_view special = "\"\\\b\f\n\r\t";
        constexpr std::string_view letters = "\"\\bfnrt";
        if (const auto found = special.find(c); found != std::string_view::npos) {
            out += '\\';
            out += letters[found];
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00" + codec::write_hex({&c, 1});
        } else {
            out += c;
        }
    }
    return out;
}

std::optional<std::string> json_unescaped(std::string_view text) {
    const std::string quoted = "\"" + std::string(text) + "\"";
    JsonDocument document;
    const auto read = document.parse(quoted);
    if (!read || !read->is(JsonKind::string)) return std::nullopt;
    return std::string(read->text());
}

}  // namespace

std::optional<std::string> encoded(std::string_view text, std::string_view format) {
    if (format == "hex") return to_lower(codec::write_hex(text));
    if (format == "base64") return base64(text, "+/");
    if (format == "urlbase64") return base64(text, "-_");
    return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text, std::string_view format) {
    std::string out;
    bool read = false;
    if (format == "hex") read = codec::read_hex(text, out);
    if (format == "base64" || format == "urlbase64") read = codec::read_base64(text, out);
    return read && is_utf8(out) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> escaped(std::string_view text, std::string_view format) {
    if (format == "html") return html_escaped(text);
    if (format == "json") return json_escaped(text);
    return std::nullopt;
}

std::optional<std::string> unescaped(std::string_view text, std::string_view format) {
    if (format == "html") return html_unescaped(text);
    if (format == "json") return json_unescaped(text);
    return std::nullopt;
}

}  // namespace vigil::fhir::path
