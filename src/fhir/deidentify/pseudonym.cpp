#include "fhir/deidentify/pseudonym.hpp"

#include <algorithm>
#include <cassert>

#include "base/hash.hpp"

namespace vigil::fhir::deidentify {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t code_bytes = 16;

std::string base32(std::string_view bytes) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string text;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const auto byte : bytes) {
        held = (held << 8U) | static_cast<unsigned char>(byte);
        bits += 8;
        for (; bits >= 5; bits -= 5) text += letters[(held >> (bits - 5)) & 31U];
    }
    if (bits > 0) text += letters[(held << (5 - bits)) & 31U];
    return text;
}

Sha256Digest release_key(std::string_view key, std::string_view release) {
    return KeyedDigest(key).of({"vigil de-identified release\0"sv, release});
}

}  // namespace

KeyedDigest::KeyedDigest(std::string_view key) {
    Sha256Digest digest{};
    if (key.size() > block_bytes) {
        digest = sha256_.of({key});
        key = bytes_of(digest);
    }
    constexpr char inner_pad = 0x36, outer_pad = 0x5C;
    inner_.fill(inner_pad);
    outer_.fill(outer_pad);
    for (std::size_t i = 0; i < key.size(); ++i) {
        inner_.at(i) = static_cast<char>(inner_.at(i) ^ key[i]);
        outer_.at(i) = static_cast<char>(outer_.at(i) ^ key[i]);
    }
}

Sha256Digest KeyedDigest::of(std::initializer_list<std::string_view> parts) {
    assert(parts.size() <= 4);
    const auto part = [&parts](std::size_t i) {
        return i < parts.size() ? *(parts.begin() + i) : std::string_view();
    };
    const auto inside =
        sha256_.of({{inner_.data(), inner_.size()}, part(0), part(1), part(2), part(3)});
    return sha256_.of({{outer_.data(), outer_.size()}, bytes_of(inside)});
}

Pseudonyms::Pseudonyms(std::string_view key, std::string_view release)
    : digest_(bytes_of(release_key(key, release))) {}

std::string Pseudonyms::id(std::string_view type, std::string_view id) {
    name_.assign(type).append("/").append(id);
    auto& made = made_.at(fingerprint(name_).low % made_max);
    if (made.name != name_) {
        const auto digest = digest_.of({"id\0"sv, name_});
        made = {.name = name_, .code = base32(bytes_of(digest).substr(0, code_bytes))};
    }
    return made.code;
}

int Pseudonyms::shift_days(std::string_view person, int days_max) {
    assert(days_max >= 1 && days_max <= shift_days_max);
    const auto digest = digest_.of({"days\0"sv, person});
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) number = (number << 8U) | digest.at(i);
    // Of 64 bits the remainder's bias is below 2^-50.
    return 1 + static_cast<int>(number % static_cast<std::uint64_t>(days_max));
}

}  // namespace vigil::fhir::deidentify
