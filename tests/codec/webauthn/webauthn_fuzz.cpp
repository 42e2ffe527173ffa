// What a browser sends of a passkey: refused or understood, and a key that is understood is written
// and read back as the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/webauthn/authenticator_data.hpp"
#include "codec/webauthn/client_data.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::codec::webauthn;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto key = decode_cose_key(bytes)) {
        const auto again = decode_cose_key(encode(*key));
        if (!again || *again != *key) std::abort();
    }
    if (const auto within = authenticator_data_of(bytes)) (void)decode_authenticator_data(*within);
    (void)decode_authenticator_data(bytes);
    (void)decode_client_data(bytes);
    return 0;
}
