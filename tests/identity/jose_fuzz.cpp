// A line that is to be a JWK Set, then a token. Whatever they are, nothing breaks; and of the keys
// of RFC 7515 nothing is believed but what its appendix A signed.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/jose/jwt.hpp"
#include "identity/jose/rfc_7515.hpp"
#include "identity/jose/signing_keys.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::identity::jose;
    static const auto rfc = *read_jwks(R"({"keys":[)" + rfc_rsa + "," + rfc_ec + "]}");
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto line = bytes.substr(0, bytes.find('\n'));
    const auto token = bytes.substr(std::min(bytes.size(), line.size() + 1));
    const Expected joe{.issuer = "joe",
                       .now = vigil::Timestamp(std::chrono::seconds(1'300'819'379))};

    if (const auto claims = verify(token, rfc, joe)) {
        const auto signed_part = token.substr(0, token.rfind('.'));
        if (!rfc_rs256.starts_with(signed_part) && !rfc_es256.starts_with(signed_part))
            std::abort();
        if (*claimed_issuer(token) != claims->issuer) std::abort();
    }
    if (const auto keys = read_jwks(line)) (void)verify(token, *keys, joe);
    (void)claimed_key(token);
    (void)SigningKeys::decode(bytes);
    return 0;
}
