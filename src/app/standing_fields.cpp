#include "app/standing_fields.hpp"

namespace vigil::app {

session::HttpHeaders standing_fields(bool tls) {
    session::HttpHeaders fields{
        {"cache-control", "no-store"},
        // Of data that somebody opens as if it were a page.
        {"content-security-policy",
         "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
        {"cross-origin-opener-policy", "same-origin"},
        {"cross-origin-resource-policy", "same-origin"},
        {"permissions-policy",
         "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
         "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"},
        {"referrer-policy", "no-referrer"},
        {"x-content-type-options", "nosniff"},
        {"x-frame-options", "DENY"}};
    // Not of a plain listener (RFC 6797 7.2). Other hosts of the domain are not ours to speak for:
    // no includeSubDomains.
    if (tls) fields.emplace_back("strict-transport-security", "max-age=31536000");
    return fields;
}

}  // namespace vigil::app
