#pragma once
// A key encrypted by another key: AES-256-GCM (NIST SP 800-38D) under a random nonce. Data keys are
// wrapped so by the master key, and the master key by a root key that this process may hold.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "identity/key256.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

constexpr std::size_t key_wrap_bytes = 60;  // nonce (12), encrypted key (32), tag (16)
using KeyWrapBytes = std::array<std::uint8_t, key_wrap_bytes>;

// `purpose` is authenticated: what was wrapped for one purpose does not open for another.
KeyWrapBytes wrap_key(const Key256& by, std::string_view purpose, const Key256& key,
                      const RandomSource& random);
// Nothing: wrapped by another key, for another purpose, or changed.
std::optional<Key256> unwrap_key(const Key256& by, std::string_view purpose,
                                 const KeyWrapBytes& wrapped);

}  // namespace vigil::identity
