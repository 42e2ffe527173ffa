#pragma once
// One-time codes by which a device gets its first certificate without its key leaving it
// (RFC 7030 3.2.3: HTTP Basic, device id and code), and the acts that decide on them.
//
// A code is 20 characters of Crockford's base 32: the first four, its locator, are kept in clear;
// of the whole (100 random bits, 80 beside the locator) only the SHA-256 is. Wrong tries count
// against a code only where they bear its locator: somebody mistyped it, or has a part of it.
// Whoever only knows a device's name cannot use its code up
// (docs/decisions/0038-enrolment-over-est.md).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

constexpr std::size_t enrolment_code_characters = 20, enrolment_locator_characters = 4;
constexpr Nanoseconds enrolment_lifetime_default = std::chrono::hours(24);
constexpr Nanoseconds enrolment_lifetime_max = std::chrono::hours(24 * 30);

// A code that a device may use once, until it expires. It takes the place of one offered before.
struct EnrolmentOffered {
    static constexpr std::string_view act_name = "enrolment-offered";
    DeviceId device{};
    std::string locator{};
    Digest code{};  // of the normal form
    Timestamp expires{};
    bool operator==(const EnrolmentOffered&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("device", act.device);
        visit("locator", act.locator);
        visit("code_sha256", act.code);
        visit("expires", act.expires);
    }
};

// The code is good no more: a person took it back, or it was tried wrongly too often.
struct EnrolmentRevoked {
    static constexpr std::string_view act_name = "enrolment-revoked";
    DeviceId device{};
    std::string reason{};
    bool operator==(const EnrolmentRevoked&) const = default;

    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("device", act.device);
        visit("reason", act.reason);
    }
};

Result<void> check(const EnrolmentOffered& act);
Result<void> check(const EnrolmentRevoked& act);

// In normal form: "7K2MXQ41…", without the dashes that people see.
std::string new_enrolment_code(const RandomSource& random);
// "7K2M-XQ41-…": as it is shown.
std::string grouped_code(std::string_view code);
// The normal form of what somebody typed: dashes and blanks are nothing, small letters are capital
// ones, O is 0, I and L are 1. Nothing: it cannot be a code.
std::optional<std::string> normal_code(std::string_view typed);

}  // namespace vigil::identity
