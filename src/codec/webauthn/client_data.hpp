#pragma once
// What the browser says about a ceremony, and the authenticator signs with it: CollectedClientData
// (Web Authentication Level 2, 5.8.1).

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::codec::webauthn {

struct ClientData {
    std::string type{};       // webauthn.create, webauthn.get
    std::string challenge{};  // base64url
    std::string origin{};     // "https://vigil.example"
    bool cross_origin = false;
    bool operator==(const ClientData&) const = default;
};

constexpr std::size_t client_data_bytes_max = 8 * 1024;

// Members beside these are passed over (5.8.1.2 adds some to keep readers from comparing texts).
Result<ClientData> decode_client_data(std::string_view json);

}  // namespace vigil::codec::webauthn
