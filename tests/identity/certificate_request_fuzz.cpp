// Whatever bytes a device sends as its request, base64 or not: refused, or understood, and then
// the certificate names whom the authority says and holds the request's key.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/certificates.hpp"
#include "identity/device_key.hpp"
#include "identity/est_messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::identity;
    static const auto now = vigil::Timestamp(std::chrono::sys_days(std::chrono::days(20'000)));
    static const auto authority = *CertificateAuthority::create("Fuzz", now);
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)received_certificate(bytes);
    auto request = read_certificate_request(bytes);
    if (!request)
        if (const auto der = from_est_body(bytes)) request = read_certificate_request(*der);
    if (!request) return 0;
    const auto issued = authority.sign_device("pump", *request, std::chrono::hours(1), now);
    if (!issued) std::abort();
    const auto shown = authority.verify_device(issued->pair.certificate_pem, now);
    if (!shown || shown->device != "pump") std::abort();
    return 0;
}
