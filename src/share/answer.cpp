#include "share/answer.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"

namespace vigil::share {
namespace {

int status_of(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::malformed:
            return 400;
        case Error::Kind::forbidden:
            return 403;
        case Error::Kind::not_found:
            return 404;
        case Error::Kind::conflict:
            return 409;
        case Error::Kind::too_large:
            return 413;
        case Error::Kind::unsupported:
        case Error::Kind::unknown_device:
            return 422;
        case Error::Kind::busy:
            return 503;
        case Error::Kind::internal:
            return 500;
    }
    return 500;
}

session::HttpResponse error_body(int status, std::string_view kind, std::string_view message,
                                 std::string_view place) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("error").begin_object();
    json.member("kind", kind).member("message", message).member("place", place);
    json.end_object().end_object();
    return json_answer(std::move(body), status);
}

}  // namespace

session::HttpResponse json_answer(std::string body, int status) {
    return {.status = status,
            .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
            .body = std::move(body),
            .next_part = {}};
}

session::HttpResponse csv_answer(std::string body) {
    return {.status = 200,
            .headers = {{"content-type", "text/csv; charset=utf-8; header=present"},
                        {"cache-control", "no-store"}},
            .body = std::move(body),
            .next_part = {}};
}

session::HttpResponse no_content() {
    return {.status = 204, .headers = {{"cache-control", "no-store"}}, .body = {}, .next_part = {}};
}

session::HttpResponse error_answer(const Error& error) {
    auto answer =
        error_body(status_of(error.kind), kind_word(error.kind), error.message, error.place);
    if (error.kind == Error::Kind::busy) answer.headers.emplace_back("retry-after", "1");
    return answer;
}

session::HttpResponse unauthenticated(std::string_view message) {
    auto answer = error_body(401, "unauthenticated", message, "");
    answer.headers.emplace_back("www-authenticate", "Bearer");  // RFC 6750 3
    return answer;
}

session::HttpResponse refused(int status, std::string_view kind, std::string_view message,
                              std::string_view place) {
    return error_body(status, kind, message, place);
}

session::HttpResponse try_later(int status, std::string_view message, int retry_after_s) {
    auto answer = error_body(status, "busy", message, "");
    answer.headers.emplace_back("retry-after", fmt::format("{}", retry_after_s));
    return answer;
}

std::string_view kind_word(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::malformed:
            return "malformed";
        case Error::Kind::unsupported:
            return "unsupported";
        case Error::Kind::too_large:
            return "too_large";
        case Error::Kind::unknown_device:
            return "unknown_device";
        case Error::Kind::not_found:
            return "not_found";
        case Error::Kind::conflict:
            return "conflict";
        case Error::Kind::forbidden:
            return "forbidden";
        case Error::Kind::busy:
            return "busy";
        case Error::Kind::internal:
            return "internal";
    }
    return "internal";
}

}  // namespace vigil::share
