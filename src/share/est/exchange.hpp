#pragma once
// EST as HTTP: what a request holds, and the forms of its answers.

#include <optional>
#include <string>
#include <string_view>

#include "identity/certificate_request.hpp"
#include "session/http.hpp"

namespace vigil::share {

// RFC 7617, split at the last colon: a device's id may have some, a code has none.
struct BasicCredential {
    std::string user, password;
};
std::optional<BasicCredential> basic_credential(const session::HttpRequest& request);

// The PKCS #10 request of a body (RFC 7030 4.2.1).
Result<identity::CertificateRequest> read_est_request(const session::HttpRequest& request);

session::HttpResponse est_answer(std::string content_type, std::string_view der);
// RFC 7030 4.2.3: words for a person.
session::HttpResponse est_refusal(int status, std::string_view words);
session::HttpResponse est_refusal(const Error& error);

}  // namespace vigil::share
