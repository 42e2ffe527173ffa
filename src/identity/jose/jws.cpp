#include "identity/jose/jws.hpp"

#include <fmt/format.h>
#include <openssl/ecdsa.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "identity/jose/jwt.hpp"
#include "identity/openssl_handle.hpp"
#include "identity/secret.hpp"

namespace vigil::identity::jose {
namespace {

using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

constexpr JsonLimits limits{.bytes_max = token_bytes_max, .values_max = 2048, .depth_max = 16};
constexpr int der_bytes_max = 256;  // of a signature on P-384: 104 at most

tl::unexpected<Error> wrong(std::string what) {
    return fail(Error::Kind::forbidden, std::move(what), "token");
}

Result<std::string> decoded(std::string_view part, std::string_view name) {
    auto bytes = from_base64url(part);
    if (!bytes || bytes->empty())
        return wrong(fmt::format("the {} of the token should be base64url without padding", name));
    return std::move(*bytes);
}

Result<std::string> text(JsonValue header, std::string_view name) {
    const auto member = header[name];
    if (member && !member.is(JsonKind::string))
        return wrong(fmt::format("\"{}\" in the token's header should be text", name));
    return std::string(member.text());
}

Result<void> read_header(std::string_view json, Jws& token) {
    JsonDocument document;
    VIGIL_TRY(header, read_object(document, json, "header"));
    VIGIL_TRY(algorithm_name, text(header, "alg"));
    const auto algorithm = algorithm_named(algorithm_name);
    if (!algorithm)
        return wrong("the token is not signed with ES256, ES384, RS256 or RS384 (\"alg\")");
    // RFC 7515 4.1.11: what must be understood is refused where it is not, and nothing is.
    if (header["crit"])
        return wrong("the token asks for what this server does not know (\"crit\")");
    VIGIL_TRY(key_id, text(header, "kid"));
    VIGIL_TRY(type, text(header, "typ"));
    token.algorithm = *algorithm;
    token.key_id = std::move(key_id);
    token.type = std::move(type);
    return {};
}

struct Signing {
    SignatureHash hash = SignatureHash::none;
    std::optional<Curve> curve{};  // none: RSA
};

Signing signing(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::es256:
            return {SignatureHash::sha256, Curve::p256};
        case Algorithm::es384:
            return {SignatureHash::sha384, Curve::p384};
        case Algorithm::rs256:
            return {SignatureHash::sha256, std::nullopt};
        case Algorithm::rs384:
            break;
    }
    return {SignatureHash::sha384, std::nullopt};
}

// r || s (RFC 7518 3.4) as OpenSSL reads it. Empty: it is not of the curve's length.
std::string to_der(std::string_view signature, Curve curve) {
    const auto half = coordinate_bytes(curve);
    if (signature.size() != 2 * half) return {};
    const auto number = [&](std::size_t from) {
        return Number(BN_bin2bn(reinterpret_cast<const std::uint8_t*>(signature.data() + from),
                                static_cast<int>(half), nullptr));
    };
    auto r = number(0), s = number(half);
    const EcdsaSignature pair(ECDSA_SIG_new());
    if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    [[maybe_unused]] const auto* pairs_r = r.release();
    [[maybe_unused]] const auto* pairs_s = s.release();
    std::string der(der_bytes_max, '\0');
    auto* out = reinterpret_cast<std::uint8_t*>(der.data());
    const int length = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (length <= 0 || length > der_bytes_max) return {};
    i2d_ECDSA_SIG(pair.get(), &out);
    der.resize(static_cast<std::size_t>(length));
    return der;
}

std::string from_der(const std::string& der, Curve curve) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(der.data());
    const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
    const auto half = coordinate_bytes(curve);
    std::string out(2 * half, '\0');
    if (!pair) return {};
    auto* at = reinterpret_cast<std::uint8_t*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), at, static_cast<int>(half));
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), at + half, static_cast<int>(half));
    return out;
}

bool holds(const Jws& token, const PublicKey& key) {
    const auto [hash, curve] = signing(token.algorithm);
    return is_signed_by(key.key, hash, token.signed_part,
                        curve ? to_der(token.signature, *curve) : token.signature);
}

}  // namespace

Result<JsonValue> read_object(JsonDocument& document, std::string_view json,
                              std::string_view part) {
    const auto root = document.parse(json, limits);
    if (!root) return wrong(fmt::format("the {} of the token is {}", part, root.error().message));
    if (!root->is(JsonKind::object))
        return wrong(fmt::format("the {} of the token should be an object of JSON", part));
    return *root;
}

Result<Jws> read_jws(std::string_view compact) {
    if (compact.size() > token_bytes_max)
        return wrong(fmt::format("a token has {} bytes at most", token_bytes_max));
    const auto first = compact.find('.');
    const auto second = first == std::string_view::npos ? first : compact.find('.', first + 1);
    if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
        return wrong("a signed token has three parts with a dot between");
    VIGIL_TRY(header, decoded(compact.substr(0, first), "header"));
    VIGIL_TRY(payload, decoded(compact.substr(first + 1, second - first - 1), "payload"));
    Jws token{.signed_part = compact.substr(0, second), .payload = std::move(payload)};
    // Before the signature: a token without one says so itself (`none`).
    VIGIL_CHECK(read_header(header, token));
    VIGIL_TRY(signature, decoded(compact.substr(second + 1), "signature"));
    token.signature = std::move(signature);
    return std::move(token);
}

Result<void> check_signature(const Jws& token, const KeySet& keys) {
    if (!token.key_id.empty() && !keys.has(token.key_id))
        return wrong("the token is signed with a key that its issuer does not publish (\"kid\")");
    bool fits = false;
    for (const auto& key : keys.keys()) {
        if ((!token.key_id.empty() && key.id != token.key_id) || !key.fits(token.algorithm))
            continue;
        fits = true;
        if (holds(token, key)) return {};
    }
    if (!fits)
        return wrong(
            fmt::format("its issuer publishes no such key for {}", name_of(token.algorithm)));
    return wrong("the signature of the token does not hold");
}

std::string write_jws(std::string_view header_json, std::string_view payload, const EvpKey& key,
                      Algorithm algorithm) {
    const auto [hash, curve] = signing(algorithm);
    auto compact = base64url(header_json) + "." + base64url(payload);
    const auto signature = signed_by(key, hash, compact);
    return compact + "." + base64url(curve ? from_der(signature, *curve) : signature);
}

}  // namespace vigil::identity::jose
