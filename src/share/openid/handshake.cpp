#include "share/openid/handshake.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/sha256.hpp"

namespace vigil::share::openid {
namespace {

std::int64_t seconds(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string code_challenge(std::string_view code_verifier) {
    const auto digest = identity::sha256(code_verifier);
    return identity::base64url(bytes_of(digest.bytes));
}

Handshake Handshakes::made(std::string cookie) const {
    const auto derived = [&](std::string_view what) {
        return identity::derived_secret(key_, fmt::format("{} {}", what, cookie));
    };
    Handshake handshake{
        .state = derived("state"), .nonce = derived("nonce"), .code_verifier = derived("verifier")};
    handshake.cookie = std::move(cookie);
    return handshake;
}

Handshake Handshakes::begin(Timestamp now) const {
    return made(fmt::format("{}.{}", identity::new_secret(random_), seconds(now + lifetime)));
}

std::optional<Handshake> Handshakes::of(std::string_view cookie, Timestamp now) const {
    const auto dot = cookie.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto text = cookie.substr(dot + 1);
    std::int64_t end = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), end);
    if (failure != std::errc() || stop != text.data() + text.size() || seconds(now) >= end)
        return std::nullopt;
    return made(std::string(cookie));
}

}  // namespace vigil::share::openid
