#pragma once
// Writes the head of an HTTP/1.1 response.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "session/http.hpp"

namespace vigil::net {

std::string_view reason_phrase(int status);
std::string http_date(Timestamp time);  // RFC 9110 5.6.7, IMF-fixdate

// A status that never has a body (RFC 9110 6.4.1).
constexpr bool is_bodiless(int status) {
    return status < 200 || status == 204 || status == 304;
}

struct HeadFraming {
    std::optional<std::size_t> content_length = {};
    bool chunked = false;
    bool keep_alive = true;
};
// `standing` are fields that every answer of a server has, each unless the response has one of that
// name. Fields that frame the message, and those with a line break in them, are left out of
// `response.headers`: the first are written here, the second are nobody's to write.
void write_head(std::string& out, const session::HttpResponse& response, Timestamp now,
                const HeadFraming& framing, const session::HttpHeaders& standing = {});

}  // namespace vigil::net
