#include "net/http_fields.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace vigil::net {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_char(char c) {
    if ((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')) return true;
    return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

}  // namespace

HttpHead::State HttpHead::feed(std::string_view& bytes, std::size_t bytes_max) {
    while (!bytes.empty()) {
        const auto line_feed = bytes.find('\n');
        const auto part = bytes.substr(0, std::min(line_feed, bytes.size() - 1) + 1);
        if (text_.size() + part.size() > bytes_max) return State::too_large;
        text_ += part;
        bytes.remove_prefix(part.size());
        if (line_feed == std::string_view::npos) return State::more;
        if (!text_.ends_with("\r\n")) return State::bare_line_feed;
        if (text_ == "\r\n")
            text_.clear();  // RFC 9112 2.2: an empty line before the first is ignored
        else if (text_.ends_with("\r\n\r\n"))
            return State::complete;
    }
    return State::more;
}

std::optional<session::HttpHeaders> parse_fields(std::string_view lines, std::size_t fields_max) {
    session::HttpHeaders fields;
    while (!lines.empty()) {
        const auto end = lines.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        const auto line = lines.substr(0, end);
        lines.remove_prefix(end + 2);
        if (line.empty()) break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || fields.size() == fields_max) return std::nullopt;
        const auto name = line.substr(0, colon);
        const auto value = trim(line.substr(colon + 1));
        // A name with a space before the colon, or a folded line, is no token either.
        if (!is_token(name) || !is_field_value(value)) return std::nullopt;
        std::string key(name);
        std::ranges::transform(key, key.begin(), lower);
        fields.emplace_back(std::move(key), value);
    }
    return fields;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_host(std::string_view text) {
    const bool is_literal = text.starts_with('[');
    const auto bracket = is_literal ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return false;
    const auto colon = std::min(text.find(':', bracket), text.size());
    const auto host = text.substr(0, colon);
    const auto port = text.substr(std::min(colon + 1, text.size()));
    if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) return false;
    if (is_literal)
        return bracket + 1 == colon &&
               host.substr(1, bracket - 1).find_first_not_of("0123456789abcdefABCDEF:.") ==
                   std::string_view::npos;
    return std::ranges::all_of(host, [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               std::string_view("-._~%!$&'()*+,;=").find(c) != std::string_view::npos;
    });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool lists_token(const session::HttpHeaders& fields, std::string_view name,
                 std::string_view token) {
    for (const auto& [key, value] : fields) {
        if (key != name) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

BodyFraming body_framing(const session::HttpHeaders& fields) {
    BodyFraming framing;
    for (const auto& [name, value] : fields) {
        if (name != "content-length" && name != "transfer-encoding") continue;
        if (framing.kind != BodyFraming::Kind::none) return {BodyFraming::Kind::malformed};
        if (name == "transfer-encoding") {
            if (!equal_ignoring_case(value, "chunked")) return {BodyFraming::Kind::unknown_coding};
            framing.kind = BodyFraming::Kind::chunked;
            continue;
        }
        const auto* end = value.data() + value.size();
        const auto [parsed, error] = std::from_chars(value.data(), end, framing.length);
        if (error != std::errc() || parsed != end) return {BodyFraming::Kind::malformed};
        framing.kind = BodyFraming::Kind::length;
    }
    return framing;
}

}  // namespace vigil::net
