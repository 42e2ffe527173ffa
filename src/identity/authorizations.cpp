#include "identity/authorizations.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "identity/app_scopes.hpp"

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

constexpr std::size_t mac_bytes = 43;  // base64url of 32

std::string written(const Asked& asked) {
    std::string out;
    ByteWriter writer(out);
    writer.varint(asked.app.value);
    for (const auto* text :
         {&asked.redirect_uri, &asked.state, &asked.nonce, &asked.code_challenge})
        writer.sized(*text);
    writer.sized(joined_scopes(asked.scopes));
    writer.varint(static_cast<std::uint64_t>(unix_ns(asked.expires)));
    writer.varint(asked.launch ? asked.launch->account.value : 0);
    writer.varint(asked.launch ? asked.launch->patient.value : 0);
    return out;
}

// Of what bears our MAC: as it was written.
std::optional<Asked> read_asked(std::string_view bytes) {
    ByteReader reader(bytes);
    Asked asked;
    const auto app = reader.varint();
    asked.app = AppId{static_cast<std::uint32_t>(app.value_or(0))};
    for (auto* text : {&asked.redirect_uri, &asked.state, &asked.nonce, &asked.code_challenge})
        *text = reader.sized().value_or("");
    asked.scopes = split_scopes(reader.sized().value_or(""));
    const auto expires = reader.varint(), account = reader.varint(), patient = reader.varint();
    if (!expires || !account || !patient || !reader.empty()) return std::nullopt;
    asked.expires = from_unix_ns(static_cast<std::int64_t>(*expires));
    if (*account != 0)
        asked.launch = Launch{.app = asked.app,
                              .account = AccountId{static_cast<std::uint32_t>(*account)},
                              .patient = PatientId{static_cast<std::uint32_t>(*patient)}};
    return asked;
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

std::string Authorizations::ask(Asked asked, Timestamp now) const {
    asked.expires = now + asked_lifetime;
    const auto text = base64url(written(asked));
    return derived_secret(key_, text) + text;
}

std::string Authorizations::give(CodeGiven given, Timestamp now) {
    given.expires = now + code_lifetime;
    return keep(codes_, std::move(given), random_, now);
}

const Launch* Authorizations::launch(std::string_view word, Timestamp now) const {
    return current(launches_, word, now);
}

std::optional<Asked> Authorizations::asked(std::string_view id, Timestamp now) const {
    if (id.size() < mac_bytes || answered_.contains(sha256(id))) return std::nullopt;
    const auto text = id.substr(mac_bytes);
    if (!same_secret(derived_secret(key_, text), id.substr(0, mac_bytes))) return std::nullopt;
    const auto bytes = from_base64url(text);
    auto asked = bytes ? read_asked(*bytes) : std::nullopt;
    if (!asked || asked->expires <= now) return std::nullopt;
    return asked;
}

bool Authorizations::answered(std::string_view id, Timestamp now) {
    if (answered_.size() >= of_each_max) forget_past(answered_, now);
    if (answered_.size() >= of_each_max) return false;
    return answered_.emplace(sha256(id), Answered{now + asked_lifetime}).second;
}

CodeGiven* Authorizations::code(std::string_view code, Timestamp now) {
    return current(codes_, code, now);
}

void Authorizations::sweep(Timestamp now) {
    forget_past(launches_, now);
    forget_past(codes_, now);
    forget_past(answered_, now);
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
