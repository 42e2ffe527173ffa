#pragma once
// Codes in place of ids, and each person's days, made with a key that never leaves with the data:
// without it a code tells nothing, with it (164.514(c)) the record is found again.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/sha256.hpp"

namespace vigil::fhir::deidentify {

// HMAC-SHA-256 (RFC 2104) with one key; what the key takes to prepare is done once.
class KeyedDigest {
public:
    explicit KeyedDigest(std::string_view key);
    Sha256Digest of(std::initializer_list<std::string_view> parts);

private:
    static constexpr std::size_t block_bytes = 64;
    Sha256 sha256_;
    std::array<char, block_bytes> inner_{}, outer_{};
};

class Pseudonyms {
public:
    static constexpr std::size_t key_bytes = 32;
    static constexpr int shift_days_max = 3653;

    // Codes are the same for the same key and release, and have nothing in common with those of
    // another. One thread at a time.
    Pseudonyms(std::string_view key, std::string_view release);

    // A FHIR id (2.24.0.1) of 128 bits: 26 characters of a to z and 2 to 7 (RFC 4648 6).
    std::string id(std::string_view type, std::string_view id);
    // 1 to `days_max` days into the past: so that nothing lies in the future of its release.
    int shift_days(std::string_view person, int days_max);

private:
    // One after the other resources name the same patient, device and encounter: what was made last
    // is remembered, each in the place that its name gives.
    struct Made {
        std::string name, code;
    };
    static constexpr std::size_t made_max = 256;

    KeyedDigest digest_;
    std::array<Made, made_max> made_;
    std::string name_;
};

}  // namespace vigil::fhir::deidentify
