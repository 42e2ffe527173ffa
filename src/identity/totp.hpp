#pragma once
// One-time passwords from a shared secret: HOTP (RFC 4226) counted by the clock, which is TOTP
// (RFC 6238), as authenticator apps make them: HMAC-SHA-1, 30 s a step, six digits.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::identity {

// RFC 4226 4, R6: 128 bits at least, 160 recommended.
constexpr std::size_t totp_secret_bytes = 20;
constexpr int totp_digits = 6;
constexpr std::chrono::seconds totp_period{30};
// RFC 6238 5.2: steps by which the other clock may be off, either way.
constexpr std::uint64_t totp_steps_off_max = 1;

// RFC 4226 5.3, with leading zeros. `digits` is 1 to 9.
std::string hotp(std::string_view secret, std::uint64_t counter, int digits = totp_digits);

// RFC 6238 4.2: periods since 1970; 0 before that.
std::uint64_t totp_step(Timestamp time);

// The step for which `code` is right now, if that is after `accepted`: a code is good once
// (RFC 6238 5.2). Takes as long whichever step it is.
std::optional<std::uint64_t> totp_match(std::string_view secret, std::string_view code,
                                        Timestamp now, std::uint64_t accepted);

// RFC 4648 6, without padding: how a secret is typed into an authenticator.
std::string base32(std::string_view bytes);

// What an authenticator scans: otpauth://totp/ISSUER:NAME?secret=…&issuer=ISSUER.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view name);

}  // namespace vigil::identity
