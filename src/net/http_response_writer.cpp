#include "net/http_response_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "net/http_fields.hpp"

namespace vigil::net {
namespace {

bool may_be_written(std::string_view name, std::string_view value) {
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
        return false;
    for (const auto* own : {"content-length", "transfer-encoding", "connection", "date"})
        if (equal_ignoring_case(name, own)) return false;
    return true;
}

bool has_field(const session::HttpResponse& response, std::string_view name) {
    return std::ranges::any_of(response.headers,
                               [name](const auto& field) { return field.first == name; });
}

}  // namespace

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

std::string http_date(Timestamp time) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
        static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
        clock.seconds().count());
}

void write_head(std::string& out, const session::HttpResponse& response, Timestamp now,
                const HeadFraming& framing, const session::HttpHeaders& standing) {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\ndate: {}\r\n", response.status,
                   reason_phrase(response.status), http_date(now));
    for (const auto& [name, value] : response.headers)
        if (may_be_written(name, value))
            fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
    for (const auto& [name, value] : standing)
        if (!has_field(response, name)) out.append(name).append(": ").append(value).append("\r\n");
    if (framing.content_length)
        fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", *framing.content_length);
    if (framing.chunked) out += "transfer-encoding: chunked\r\n";
    if (!framing.keep_alive) out += "connection: close\r\n";
    out += "\r\n";
}

}  // namespace vigil::net
