// What a provider answers, whatever it is: read or refused, and what is read leads to no address of
// this machine that was not the issuer's own.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "share/openid/documents.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::share::openid;
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    if (const auto metadata = read_metadata(json, "https://idp.example"))
        for (const auto& url :
             {metadata->authorization_endpoint, metadata->token_endpoint, metadata->jwks_uri}) {
            if (!url.starts_with("https://") || url.starts_with("https://localhost/") ||
                url.starts_with("https://127.0.0.1/") || url.starts_with("https://["))
                std::abort();
        }
    if (const auto token = read_id_token(json); token && token->empty()) std::abort();
    (void)claim_texts(json, "realm_access.roles");
    (void)claim_is_true(json, "email_verified");
    return 0;
}
