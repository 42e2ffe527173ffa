#include "share/est/exchange.hpp"

#include <algorithm>

#include "codec/binary_text.hpp"
#include "identity/est_messages.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t credential_bytes_max = 512;
// Base64 of the longest request, with a line break after each 64 characters.
constexpr std::size_t body_bytes_max = identity::request_bytes_max / 3 * 4 * 66 / 64 + 64;

bool is_named(std::string_view text, std::string_view lower_case_name) {
    return text.size() >= lower_case_name.size() &&
           std::ranges::equal(
               text.substr(0, lower_case_name.size()), lower_case_name,
               [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

int status_of(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::too_large:
            return 413;
        case Error::Kind::forbidden:
        case Error::Kind::conflict:
            return 403;
        case Error::Kind::busy:
            return 503;
        case Error::Kind::internal:
            return 500;
        default:
            return 400;
    }
}

}  // namespace

std::optional<BasicCredential> basic_credential(const session::HttpRequest& request) {
    constexpr std::string_view scheme = "basic ";
    const auto shown = request.header("authorization").value_or("");
    if (shown.size() > credential_bytes_max || !is_named(shown, scheme)) return std::nullopt;
    std::string pair;
    if (!codec::read_base64(shown.substr(scheme.size()), pair)) return std::nullopt;
    const auto colon = pair.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    return BasicCredential{pair.substr(0, colon), pair.substr(colon + 1)};
}

Result<identity::CertificateRequest> read_est_request(const session::HttpRequest& request) {
    if (!is_named(request.header("content-type").value_or(""), "application/pkcs10"))
        return fail(Error::Kind::malformed, "the Content-Type is to be application/pkcs10");
    if (request.body.size() > body_bytes_max)
        return fail(Error::Kind::too_large, "a request has at most 8 KiB");
    VIGIL_TRY(der, identity::from_est_body(request.body));
    return identity::read_certificate_request(der);
}

session::HttpResponse est_answer(std::string content_type, std::string_view der) {
    return {.status = 200,
            .headers = {{"content-type", std::move(content_type)}, {"cache-control", "no-store"}},
            .body = identity::to_est_body(der) + "\n"};
}

session::HttpResponse est_refusal(int status, std::string_view words) {
    return {
        .status = status,
        .headers = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
        .body = std::string(words) + "\n"};
}

session::HttpResponse est_refusal(const Error& error) {
    auto response = est_refusal(status_of(error.kind), error.message);
    if (response.status == 503) response.headers.emplace_back("retry-after", "5");
    return response;
}

}  // namespace vigil::share
