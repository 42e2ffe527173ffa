#pragma once
// A device's request for a certificate: PKCS #10 (RFC 2986), as EST carries it (RFC 7030 4.2.1).
//
// Two things of it are believed: the public key, and that whoever made the request holds the
// private one (its signature). Names, extensions and attributes are bounded and passed over: what
// a certificate says is the authority's to decide, not the device's.

#include <string_view>

#include "base/result.hpp"
#include "identity/evp_key.hpp"

namespace vigil::identity {

// One of P-384 with a name has 400 bytes.
constexpr std::size_t request_bytes_max = 8 * 1024;
constexpr int request_attributes_max = 16;

struct CertificateRequest {
    EvpKey key;  // on P-256 or P-384, and proven to be held
};

// `malformed`: no request, or one that whoever holds the key did not sign. `unsupported`: a key or
// a signature of another kind: only the named curves P-256 and P-384 (RFC 5480 2.1.1.1), signed
// with SHA-256, SHA-384 or SHA-512.
Result<CertificateRequest> read_certificate_request(std::string_view der);

}  // namespace vigil::identity
