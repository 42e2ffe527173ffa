#pragma once
// The device's side of enrolment: a key of its own, the request for a certificate of it, and what
// comes back. For devices that this program plays.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::identity {

struct DeviceKey {
    std::string private_key_pem;
    std::string request_der;  // PKCS #10, signed with it
};
// On P-256. `name` stands in the request, where nobody believes it.
Result<DeviceKey> new_device_key(std::string_view name);

struct ReceivedCertificate {
    std::string pem;
    Timestamp not_after;
};
// The first certificate of a certs-only answer (est_messages.hpp).
Result<ReceivedCertificate> received_certificate(std::string_view certs_only_der);

}  // namespace vigil::identity
