#include "identity/authorizations.hpp"

#include <algorithm>
#include <utility>

namespace vigil::identity {
namespace {

template <class Map>
auto current(Map& map, std::string_view word, Timestamp now) -> decltype(&map.begin()->second) {
    const auto found = map.find(sha256(word));
    return found == map.end() || found->second.expires <= now ? nullptr : &found->second;
}

template <class Map>
void forget_past(Map& map, Timestamp now) {
    std::erase_if(map, [&](const auto& entry) { return entry.second.expires <= now; });
}

template <class Map, class T>
std::string keep(Map& map, T what, const RandomSource& random, Timestamp now) {
    if (map.size() >= Authorizations::of_each_max) forget_past(map, now);
    if (map.size() >= Authorizations::of_each_max) return {};
    auto word = new_secret(random);
    map.emplace(sha256(word), std::move(what));
    return word;
}

bool made_of(std::string_view text, bool (*fits)(char)) {
    return std::ranges::all_of(text, fits);
}

bool is_base64url(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool is_unreserved(char c) {
    return is_base64url(c) || c == '.' || c == '~';
}

}  // namespace

std::string Authorizations::open_launch(Launch launch, Timestamp now) {
    launch.expires = now + launch_lifetime;
    return keep(launches_, launch, random_, now);
}

std::string Authorizations::ask(Asked asked, Timestamp now) {
    asked.expires = now + asked_lifetime;
    return keep(asked_, std::move(asked), random_, now);
}

std::string Authorizations::give(CodeGiven given, Timestamp now) {
    given.expires = now + code_lifetime;
    return keep(codes_, std::move(given), random_, now);
}

const Launch* Authorizations::launch(std::string_view word, Timestamp now) const {
    return current(launches_, word, now);
}

const Asked* Authorizations::asked(std::string_view id, Timestamp now) const {
    return current(asked_, id, now);
}

std::optional<Asked> Authorizations::take_asked(std::string_view id, Timestamp now) {
    if (current(asked_, id, now) == nullptr) return std::nullopt;
    auto taken = asked_.extract(sha256(id));
    return std::move(taken.mapped());
}

CodeGiven* Authorizations::code(std::string_view code, Timestamp now) {
    return current(codes_, code, now);
}

void Authorizations::sweep(Timestamp now) {
    forget_past(launches_, now);
    forget_past(asked_, now);
    forget_past(codes_, now);
}

bool verifier_fits(std::string_view verifier, std::string_view challenge) {
    const auto digest = sha256(verifier);
    const std::string_view bytes(reinterpret_cast<const char*>(digest.bytes.data()),
                                 digest.bytes.size());
    return is_verifier(verifier) && same_secret(base64url(bytes), challenge);
}

bool is_verifier(std::string_view text) {
    return text.size() >= 43 && text.size() <= 128 && made_of(text, is_unreserved);
}

bool is_challenge(std::string_view text) {
    return text.size() == 43 && made_of(text, is_base64url);
}

}  // namespace vigil::identity
