#pragma once
// What EST carries (RFC 7030, with the clarifications of RFC 8951), as bytes: the bodies are base64
// of DER.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::identity {

// RFC 8951 3.1: base64 whatever Content-Transfer-Encoding says, with line breaks or without.
Result<std::string> from_est_body(std::string_view body);
std::string to_est_body(std::string_view der);

// RFC 7030 4.1.3 and 4.2.3: a certs-only CMC Simple PKI Response (RFC 5272 4.1), which is PKCS #7
// signed data without content or signature, holding this one certificate.
Result<std::string> certs_only(std::string_view certificate_pem);

// RFC 7030 4.5.2: what a request is to be: a key on P-256, signed with ECDSA and SHA-256.
std::string csr_attributes();

}  // namespace vigil::identity
