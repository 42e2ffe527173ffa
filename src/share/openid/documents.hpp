#pragma once
// What a provider of OpenID Connect writes: about itself (Discovery 1.0 3) and in answer to a code
// (Core 1.0 3.1.3.3, RFC 6749 5). Bytes of others: bounded, nothing is believed that they do not
// have to say.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vigil::share::openid {

struct ProviderMetadata {
    std::string authorization_endpoint{}, token_endpoint{}, jwks_uri{};
    bool takes_basic = true;  // else the client's secret stands in the body (Core 1.0 9)
};

constexpr std::size_t document_bytes_max = 64 * 1024;

// `forbidden` where it speaks of another issuer than the one that was asked (Discovery 1.0 4.3), or
// leads somewhere that no provider lies: without TLS where the issuer has it, or to an address or
// localhost that is not the issuer's own host.
Result<ProviderMetadata> read_metadata(std::string_view json, std::string_view issuer);

// The id_token of an answer. `forbidden` with the error that the provider names (RFC 6749 5.2).
Result<std::string> read_id_token(std::string_view json);

// The texts of a claim: of that name, or else along the dots of it ("realm_access.roles"). One text
// or an array of them; empty where there is none.
std::vector<std::string> claim_texts(std::string_view payload, std::string_view claim);
bool claim_is_true(std::string_view payload, std::string_view claim);

}  // namespace vigil::share::openid
