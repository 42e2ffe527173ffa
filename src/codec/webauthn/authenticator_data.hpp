#pragma once
// What an authenticator says and signs (Web Authentication Level 2, 6.1), and the object that holds
// it at registration (6.5.4). Attestation is passed over: which make an authenticator is does not
// matter here, so nothing is believed of it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "codec/webauthn/cose_key.hpp"

namespace vigil::codec::webauthn {

struct AttestedCredential {
    std::string aaguid{};  // 16 bytes
    std::string id{};
    PublicKey key{};
    bool operator==(const AttestedCredential&) const = default;
};

struct AuthenticatorData {
    std::string rp_id_hash{};      // SHA-256
    bool user_present = false;     // UP
    bool user_verified = false;    // UV
    bool backup_eligible = false;  // BE
    bool backed_up = false;        // BS
    std::uint32_t sign_count = 0;
    std::optional<AttestedCredential> credential{};
    bool operator==(const AuthenticatorData&) const = default;
};

// Level 2 5.8.3 (a credential id) and what a browser can be expected to send of the rest.
constexpr std::size_t credential_id_bytes_max = 1023;
constexpr std::size_t attestation_object_bytes_max = 64 * 1024;

Result<AuthenticatorData> decode_authenticator_data(std::string_view bytes);

// The authenticator data within, undecoded.
Result<std::string_view> authenticator_data_of(std::string_view attestation_object);

}  // namespace vigil::codec::webauthn
