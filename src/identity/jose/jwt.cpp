#include "identity/jose/jwt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"
#include "identity/jose/jws.hpp"

namespace vigil::identity::jose {
namespace {

constexpr std::size_t audiences_max = 32;
// 2255-03-14: what this program's clock reaches, and some way before its end.
constexpr std::int64_t seconds_max = 9'000'000'000;

tl::unexpected<Error> wrong(std::string what) {
    return fail(Error::Kind::forbidden, std::move(what), "token");
}

Result<std::string> text(JsonValue claims, std::string_view name) {
    const auto claim = claims[name];
    if (claim && !claim.is(JsonKind::string))
        return wrong(fmt::format("the claim \"{}\" should be text", name));
    return std::string(claim.text());
}

// NumericDate (RFC 7519 2): seconds, with a fraction where it likes.
Result<std::optional<Timestamp>> time(JsonValue claims, std::string_view name) {
    const auto claim = claims[name];
    if (!claim) return std::optional<Timestamp>();
    const auto seconds = claim.decimal();
    if (!seconds || *seconds < Decimal{0, 0} || *seconds > Decimal{seconds_max, 0})
        return wrong(fmt::format("the claim \"{}\" should be a time in seconds", name));
    if (const auto whole = claim.integer()) return Timestamp(std::chrono::seconds(*whole));
    return Timestamp(
        std::chrono::milliseconds(static_cast<std::int64_t>(seconds->to_double() * 1000)));
}

// RFC 7519 4.1.3: one text, or an array of them.
Result<std::vector<std::string>> audiences(JsonValue claims) {
    const auto claim = claims["aud"];
    std::vector<std::string> found;
    if (claim.is(JsonKind::array)) {
        if (claim.size() > audiences_max) return wrong("the token is for too many");
        for (const auto each : claim) {
            if (!each.is(JsonKind::string)) return wrong("the claim \"aud\" should be text");
            found.emplace_back(each.text());
        }
        return found;
    }
    VIGIL_TRY(only, text(claims, "aud"));
    if (claim) found.push_back(std::move(only));
    return found;
}

Result<Claims> read_claims(std::string_view payload) {
    JsonDocument document;
    VIGIL_TRY(root, read_object(document, payload, "payload"));
    Claims claims;
    VIGIL_TRY(issuer, text(root, "iss"));
    VIGIL_TRY(subject, text(root, "sub"));
    VIGIL_TRY(named, audiences(root));
    VIGIL_TRY(expires, time(root, "exp"));
    VIGIL_TRY(issued_at, time(root, "iat"));
    VIGIL_TRY(not_before, time(root, "nbf"));
    VIGIL_TRY(id, text(root, "jti"));
    VIGIL_TRY(nonce, text(root, "nonce"));
    if (!expires) return wrong("the token does not say when it ends (\"exp\")");
    return Claims{.issuer = std::move(issuer),
                  .subject = std::move(subject),
                  .audiences = std::move(named),
                  .expires = *expires,
                  .issued_at = issued_at,
                  .not_before = not_before,
                  .id = std::move(id),
                  .nonce = std::move(nonce),
                  .payload = std::string(payload)};
}

bool is_for(const Claims& claims, const std::vector<std::string>& audiences) {
    if (audiences.empty()) return claims.audiences.empty();
    return std::ranges::find_first_of(claims.audiences, audiences) != claims.audiences.end();
}

Result<void> check(const Claims& claims, const Expected& expected) {
    if (claims.issuer.empty() || claims.issuer != expected.issuer)
        return wrong("the token is from another issuer (\"iss\")");
    if (expected.subject && claims.subject != *expected.subject)
        return wrong("the token is about somebody else (\"sub\")");
    if (!is_for(claims, expected.audiences))
        return wrong("the token is for somebody else (\"aud\")");
    if (claims.expires + expected.leeway <= expected.now) return wrong("the token has expired");
    if (expected.lifetime_max &&
        claims.expires > expected.now + *expected.lifetime_max + expected.leeway)
        return wrong(fmt::format(
            "the token is good for too long: {} s at most",
            std::chrono::duration_cast<std::chrono::seconds>(*expected.lifetime_max).count()));
    const auto latest = expected.now + expected.leeway;
    if (claims.not_before && *claims.not_before > latest) return wrong("the token is not good yet");
    if (claims.issued_at && *claims.issued_at > latest)
        return wrong("the token was issued in the future: compare the clocks");
    return {};
}

Result<void> check_type(const Jws& token, const Expected& expected) {
    if (!expected.type) return {};
    const auto plain = [](std::string_view type) {
        std::string lower(type);
        std::ranges::transform(lower, lower.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        constexpr std::string_view prefix = "application/";
        return lower.starts_with(prefix) ? lower.substr(prefix.size()) : lower;
    };
    if (plain(token.type) != plain(*expected.type))
        return wrong("this is a token of another type (\"typ\")");
    return {};
}

}  // namespace

Result<Claims> verify(std::string_view compact, const KeySet& keys, const Expected& expected) {
    VIGIL_TRY(token, read_jws(compact));
    VIGIL_CHECK(check_signature(token, keys));
    VIGIL_CHECK(check_type(token, expected));
    VIGIL_TRY(claims, read_claims(token.payload));
    VIGIL_CHECK(check(claims, expected));
    return std::move(claims);
}

Result<std::string> claimed_issuer(std::string_view compact) {
    VIGIL_TRY(token, read_jws(compact));
    JsonDocument document;
    VIGIL_TRY(claims, read_object(document, token.payload, "payload"));
    return text(claims, "iss");
}

Result<std::string> claimed_key(std::string_view compact) {
    VIGIL_TRY(token, read_jws(compact));
    return std::move(token.key_id);
}

}  // namespace vigil::identity::jose
