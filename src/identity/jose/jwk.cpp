#include "identity/jose/jwk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"
#include "identity/secret.hpp"

namespace vigil::identity::jose {
namespace {

constexpr int modulus_bits_min = 2048, modulus_bits_max = 4096;
// Some write an octet of zero before the modulus (RFC 7518 6.3.1.1 warns of it).
constexpr std::size_t modulus_bytes_max = modulus_bits_max / 8 + 1;
constexpr std::uint32_t exponent_min = 65'537;  // FIPS 186-5 5.1: odd, more than 2^16
constexpr std::size_t id_bytes_max = 512;
constexpr JsonLimits limits{.bytes_max = jwks_bytes_max, .values_max = 4096, .depth_max = 8};

constexpr std::array<std::pair<std::string_view, Algorithm>, 4> names{
    {{"ES256", Algorithm::es256},
     {"ES384", Algorithm::es384},
     {"RS256", Algorithm::rs256},
     {"RS384", Algorithm::rs384}}};

// Of one key: passed over.
tl::unexpected<Error> not_taken(std::string what) {
    return fail(Error::Kind::unsupported, std::move(what));
}

Result<std::string> number(JsonValue jwk, std::string_view member) {
    const auto bytes = from_base64url(jwk[member].string());
    if (!bytes || bytes->empty())
        return not_taken(fmt::format("\"{}\" should be a number in base64url", member));
    return *bytes;
}

bool is_public_exponent(std::string_view bytes) {
    if (bytes.size() > sizeof(std::uint32_t)) return false;
    std::uint32_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value >= exponent_min && value % 2 == 1;
}

Result<PublicKey> rsa(JsonValue jwk) {
    VIGIL_TRY(modulus, number(jwk, "n"));
    VIGIL_TRY(exponent, number(jwk, "e"));
    if (!is_public_exponent(exponent))
        return not_taken("an exponent of RSA is odd, 65,537 or more, and has 32 bits at most");
    PublicKey key{.algorithms = {Algorithm::rs256, Algorithm::rs384}};
    if (modulus.size() <= modulus_bytes_max) key.key = rsa_key(modulus, exponent);
    const int bits = key.key ? bits_of(key.key) : 0;
    // An even modulus is no product of two primes; OpenSSL would not say so before it counts.
    if (bits < modulus_bits_min || bits > modulus_bits_max || modulus.back() % 2 == 0)
        return not_taken(fmt::format("a modulus of RSA has {} to {} bits and is odd",
                                     modulus_bits_min, modulus_bits_max));
    return key;
}

Result<PublicKey> elliptic(JsonValue jwk) {
    const auto name = jwk["crv"].string();
    if (name != "P-256" && name != "P-384")
        return not_taken("the curves that are taken are P-256 and P-384");
    const auto curve = name == "P-256" ? Curve::p256 : Curve::p384;
    VIGIL_TRY(x, number(jwk, "x"));
    VIGIL_TRY(y, number(jwk, "y"));
    PublicKey key{.algorithms = {curve == Curve::p256 ? Algorithm::es256 : Algorithm::es384},
                  .key = elliptic_key(curve, x, y)};
    if (!key.key) return not_taken(fmt::format(R"("x" and "y" are no point of {})", name));
    return key;
}

// RFC 7517 4.2 and 4.3: a key that does not say what it is for is for anything.
bool is_for_signatures(JsonValue jwk) {
    if (jwk["use"] && jwk["use"].string() != "sig") return false;
    bool verifies = !jwk["key_ops"];
    for (const auto each : jwk["key_ops"]) verifies = verifies || each.string() == "verify";
    return verifies;
}

Result<PublicKey> read_jwk(JsonValue jwk) {
    if (!is_for_signatures(jwk)) return not_taken("the key is not for signatures");
    const auto type = jwk["kty"].string();
    if (type != "RSA" && type != "EC")
        return not_taken("the types of key that are taken are RSA and EC");
    VIGIL_TRY(key, type == "RSA" ? rsa(jwk) : elliptic(jwk));
    if (jwk["kid"]) {
        key.id = jwk["kid"].string();
        if (key.id.empty() || key.id.size() > id_bytes_max)
            return not_taken(fmt::format("\"kid\" is a text of up to {} bytes", id_bytes_max));
    }
    if (jwk["alg"]) {
        const auto algorithm = algorithm_named(jwk["alg"].string());
        if (!algorithm || !key.fits(*algorithm))
            return not_taken("\"alg\" is ES256, ES384, RS256 or RS384, as fits the key");
        key.algorithms = {*algorithm};
    }
    return std::move(key);
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
    return std::ranges::find(names, algorithm, &decltype(names)::value_type::second)->first;
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
    const auto* found = std::ranges::find(names, name, &decltype(names)::value_type::first);
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

bool PublicKey::fits(Algorithm algorithm) const {
    return std::ranges::find(algorithms, algorithm) != algorithms.end();
}

bool KeySet::has(std::string_view id) const {
    return std::ranges::any_of(keys(), [&](const PublicKey& each) { return each.id == id; });
}

Result<KeySet> read_jwks(std::string_view json) {
    JsonDocument document;
    VIGIL_TRY(root, document.parse(json, limits));
    const auto members = root["keys"];
    if (!members.is(JsonKind::array))
        return fail(Error::Kind::malformed, "a JWK Set is an object with an array \"keys\"");
    if (members.size() > jwks_keys_max)
        return fail(Error::Kind::too_large,
                    fmt::format("a set of at most {} keys is taken", jwks_keys_max), "/keys");
    std::vector<PublicKey> keys;
    auto lacking = Error{Error::Kind::unsupported, "there is no key in the set", "/keys"};
    bool first = true;
    for (const auto jwk : members) {
        if (!jwk.is(JsonKind::object))
            return fail(Error::Kind::malformed, "a key is an object", jwk.pointer());
        // Whoever publishes it has given it away, and should hear of it (RFC 7517 9.2).
        if (jwk["d"] || jwk["k"])
            return fail(Error::Kind::forbidden,
                        "this is a private or secret key: publish the public one, and make a new "
                        "pair, since this one may be known to others",
                        jwk.pointer());
        auto key = read_jwk(jwk);
        if (key) {
            keys.push_back(std::move(*key));
        } else if (std::exchange(first, false)) {
            lacking = key.error();
            lacking.place = jwk.pointer();
        }
    }
    if (keys.empty()) return tl::unexpected(std::move(lacking));
    return KeySet(std::move(keys));
}

std::string rsa_thumbprint(std::string_view modulus, std::string_view exponent) {
    const auto digest =
        sha256(fmt::format(R"({{"e":"{}","kty":"RSA","n":"{}"}})", exponent, modulus));
    return base64url(
        std::string_view(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()));
}

}  // namespace vigil::identity::jose
