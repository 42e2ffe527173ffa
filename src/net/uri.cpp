#include "net/uri.hpp"

#include <fmt/format.h>

#include <charconv>

namespace vigil::net {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Cuts `text` at the first `separator` and returns what stands before it.
std::string_view cut(std::string_view& text, char separator) {
    const auto at = text.find(separator);
    const auto before = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return before;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0') return std::nullopt;
        if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!text.empty()) {
        auto value = cut(text, '&');
        if (value.empty()) continue;
        const auto name = percent_decode(cut(value, '='), true);
        const auto decoded = percent_decode(value, true);
        if (!name || !decoded) return std::nullopt;
        pairs.emplace_back(*name, *decoded);
    }
    return pairs;
}

std::optional<std::string> normalise_path(std::string_view path) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    std::string out;
    bool last = false;
    while (!last) {
        last = path.find('/') == std::string_view::npos;
        const auto raw = cut(path, '/');
        if (raw == "..") {
            if (out.empty()) return std::nullopt;
            out.erase(out.rfind('/'));
        }
        if (raw == "." || raw == "..") {
            if (last) out.push_back('/');
            continue;
        }
        const auto segment = percent_decode(raw);
        if (!segment) return std::nullopt;
        out.push_back('/');
        out += *segment;
    }
    // An escaped slash or dot must not have made a climb that was not there before.
    const auto guarded = out + '/';
    if (guarded.find("/../") != std::string::npos || guarded.find("/./") != std::string::npos)
        return std::nullopt;
    return out;
}

Result<Url> parse_url(std::string_view text) {
    const auto bad = [&] {
        return fail(Error::Kind::malformed,
                    fmt::format("\"{}\" is no http:// or https:// address", text));
    };
    Url url;
    std::string_view rest = text;
    if (rest.starts_with("https://")) {
        url.tls = true;
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        return bad();
    }
    const auto path = rest.find_first_of("/?#");
    auto authority = rest.substr(0, path);
    url.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
    url.target.erase(std::min(url.target.find('#'), url.target.size()));
    if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
    if (url.target.find_first_of(" \r\n\t") != std::string::npos) return bad();
    url.port = url.tls ? 443 : 80;
    auto host_end = authority.find(':');
    if (authority.starts_with('[')) {
        const auto bracket = authority.find(']');
        if (bracket == std::string_view::npos) return bad();
        url.host = authority.substr(1, bracket - 1);
        host_end = bracket + 1 < authority.size() ? bracket + 1 : std::string_view::npos;
    } else {
        url.host = authority.substr(0, host_end);
    }
    if (url.host.empty() || url.host.find_first_of("@ \r\n") != std::string::npos) return bad();
    if (host_end != std::string_view::npos) {
        if (authority[host_end] != ':') return bad();
        const auto port = authority.substr(host_end + 1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (error != std::errc() || end != port.data() + port.size()) return bad();
    }
    return url;
}

}  // namespace vigil::net
