#pragma once
// The parts of RFC 3986 that a request target and a URL on the command line need.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vigil::net {

// Nothing: a '%' without two hexadecimal digits, or a NUL, encoded or not.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// "a=1&b=two%20words&c", names and values decoded, in order, as HTML forms write it.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

// The path of a request, decoded and without dot segments (RFC 3986 5.2.4). One that climbs above
// its root, or hides a dot segment behind an escape, is nothing.
std::optional<std::string> normalise_path(std::string_view path);

struct Url {
    bool tls = false;
    std::string host;  // without the brackets of an IPv6 address
    std::uint16_t port = 0;
    std::string target;  // path and query as written; "/" at least
};
Result<Url> parse_url(std::string_view text);  // http:// and https://

}  // namespace vigil::net
