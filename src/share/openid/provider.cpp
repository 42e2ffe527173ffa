#include "share/openid/provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/percent.hpp"
#include "share/api/base64.hpp"

namespace vigil::share::openid {
namespace {

namespace jose = identity::jose;

constexpr std::string_view metadata_path = "/.well-known/openid-configuration";

tl::unexpected<Error> unbelievable(std::string what) {
    return fail(Error::Kind::forbidden, std::move(what), "id_token");
}

Error unanswered(std::string_view why) {
    return {Error::Kind::busy, fmt::format("the provider cannot be asked: {}", why),
            "openid.issuer"};
}

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;
std::string form(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields)
        out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, percent_encoded(value));
    return out;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::string only(std::vector<std::string> texts) {
    return texts.size() == 1 ? std::move(texts.front()) : std::string();
}

template <class T>
Result<T> read_answer(const Result<session::HttpResponse>& answer,
                      const std::function<Result<T>(std::string_view)>& read) {
    if (!answer) return tl::unexpected(unanswered(answer.error().message));
    if (answer->status != 200)
        return tl::unexpected(unanswered(fmt::format("it answers {}", answer->status)));
    return read(answer->body);
}

}  // namespace

// One request at a time for each copy; whoever comes meanwhile waits for the same answer. A copy
// that is old is better than none while the provider does not answer.
template <class T>
void Provider::fetch_copy(Copy<T>& copy, const std::string& url,
                          std::function<Result<T>(std::string_view)> read,
                          std::function<void(Result<T>)> done) {
    copy.waiting.push_back(std::move(done));
    if (copy.waiting.size() > 1) return;
    fetch_({.url = url, .headers = {{"accept", "application/json"}}},
           [this, &copy, read = std::move(read)](const Result<session::HttpResponse>& answer) {
               auto got = read_answer<T>(answer, read);
               if (got) copy.value = *got;
               if (got) copy.fetched = now_();
               if (!got && got.error().kind != Error::Kind::forbidden && copy.value)
                   got = *copy.value;
               for (const auto& waiting : std::exchange(copy.waiting, {})) waiting(got);
           });
}

void Provider::with_metadata(std::function<void(Result<ProviderMetadata>)> done) {
    if (metadata_.value && now_() < metadata_.fetched + copy_lifetime)
        return done(*metadata_.value);
    auto issuer = settings_.issuer;
    if (issuer.ends_with('/')) issuer.pop_back();  // Discovery 1.0 4
    fetch_copy<ProviderMetadata>(
        metadata_, issuer + std::string(metadata_path),
        [this](std::string_view json) { return read_metadata(json, settings_.issuer); },
        std::move(done));
}

void Provider::with_keys(const std::string& url, const std::string& key_id,
                         std::function<void(Result<jose::KeySet>)> done) {
    const auto age = now_() - keys_.fetched;
    const bool lacks = keys_.value && !key_id.empty() && !keys_.value->has(key_id);
    if (keys_.value && age < (lacks ? keys_interval_min : copy_lifetime)) return done(*keys_.value);
    fetch_copy<jose::KeySet>(
        keys_, url, [](std::string_view json) { return jose::read_jwks(json); }, std::move(done));
}

void Provider::address(const Handshake& handshake, const std::string& redirect_uri,
                       std::function<void(Result<std::string>)> done) {
    auto scope = std::string("openid profile");
    if (settings_.account_claim == "email") scope += " email";
    const auto challenge = code_challenge(handshake.code_verifier);
    auto query = form({{"response_type", "code"},
                       {"scope", scope},
                       {"client_id", settings_.client_id},
                       {"redirect_uri", redirect_uri},
                       {"state", handshake.state},
                       {"nonce", handshake.nonce},
                       {"code_challenge", challenge},
                       {"code_challenge_method", "S256"}});
    with_metadata([query = std::move(query),
                   done = std::move(done)](const Result<ProviderMetadata>& metadata) {
        if (!metadata) return done(tl::unexpected(metadata.error()));
        const auto& endpoint = metadata->authorization_endpoint;
        const auto* joint = endpoint.find('?') == std::string::npos ? "?" : "&";
        done(endpoint + joint + query);
    });
}

Provider::Ask Provider::token_request(const ProviderMetadata& metadata, const std::string& code,
                                      const Handshake& handshake,
                                      const std::string& redirect_uri) const {
    Ask ask{.method = "POST",
            .url = metadata.token_endpoint,
            .headers = {{"accept", "application/json"},
                        {"content-type", "application/x-www-form-urlencoded"}}};
    Fields fields{{"grant_type", "authorization_code"},
                  {"code", code},
                  {"redirect_uri", redirect_uri},
                  {"code_verifier", handshake.code_verifier}};
    const auto& secret = settings_.client_secret;
    const bool basic = !secret.empty() && metadata.takes_basic;
    if (basic)  // RFC 6749 2.3.1
        ask.headers.emplace_back("authorization",
                                 "Basic " + base64(percent_encoded(settings_.client_id) + ":" +
                                                   percent_encoded(secret)));
    else
        fields.emplace_back("client_id", settings_.client_id);
    if (!basic && !secret.empty()) fields.emplace_back("client_secret", secret);
    ask.body = form(fields);
    return ask;
}

void Provider::redeem(const std::string& code, const Handshake& handshake,
                      const std::string& redirect_uri, std::function<void(Result<Vouched>)> done) {
    if (under_way_ >= redeemed_at_once_max)
        return done(fail(Error::Kind::busy, "too many sign in at once: try again"));
    ++under_way_;
    auto ended = [this, done = std::move(done)](Result<Vouched> who) {
        --under_way_;
        done(std::move(who));
    };
    with_metadata([this, code, handshake, redirect_uri,
                   done = std::move(ended)](const Result<ProviderMetadata>& metadata) {
        if (!metadata) return done(tl::unexpected(metadata.error()));
        fetch_(token_request(*metadata, code, handshake, redirect_uri),
               [this, done, nonce = handshake.nonce,
                keys = metadata->jwks_uri](const Result<session::HttpResponse>& answer) {
                   if (!answer) return done(tl::unexpected(unanswered(answer.error().message)));
                   if (answer->status >= 500)
                       return done(tl::unexpected(
                           unanswered(fmt::format("it answers {}", answer->status))));
                   const auto token = read_id_token(answer->body);
                   if (!token) return done(tl::unexpected(token.error()));
                   verify(*token, nonce, keys, done);
               });
    });
}

void Provider::verify(const std::string& token, const std::string& nonce,
                      const std::string& jwks_uri, std::function<void(Result<Vouched>)> done) {
    const auto key_id = jose::claimed_key(token);
    if (!key_id) return done(tl::unexpected(key_id.error()));
    with_keys(
        jwks_uri, *key_id,
        [this, token, nonce, done = std::move(done)](const Result<jose::KeySet>& keys) {
            if (!keys) return done(tl::unexpected(keys.error()));
            const auto claims = jose::verify(
                token, *keys,
                {.issuer = settings_.issuer, .audiences = {settings_.client_id}, .now = now_()});
            if (!claims) return done(tl::unexpected(claims.error()));
            done(vouched(*claims, nonce));
        });
}

// Core 1.0 3.1.3.7 and 2.
Result<Vouched> Provider::vouched(const jose::Claims& claims, const std::string& nonce) const {
    if (!identity::same_secret(claims.nonce, nonce))
        return unbelievable("the token was made for another sign-in (\"nonce\")");
    if (claims.subject.empty()) return unbelievable("the token is about nobody (\"sub\")");
    if (!claims.issued_at) return unbelievable("the token does not say since when it is (\"iat\")");
    const auto party = claim_texts(claims.payload, "azp");
    if ((claims.audiences.size() > 1 || !party.empty()) && only(party) != settings_.client_id)
        return unbelievable("the token was made for another client (\"azp\")");
    const auto& claim = settings_.account_claim;
    if (claim == "email" && !claim_is_true(claims.payload, "email_verified"))
        return unbelievable("the provider has not verified the address (\"email_verified\")");
    Vouched who{.user_name = lower(only(claim_texts(claims.payload, claim))),
                .display_name = only(claim_texts(claims.payload, "name"))};
    if (who.user_name.empty())
        return unbelievable(fmt::format("the provider does not say \"{}\"", claim));
    if (who.display_name.size() > identity::label_bytes_max) who.display_name.clear();
    if (settings_.role_claim.empty()) return who;
    const auto named = claim_texts(claims.payload, settings_.role_claim);
    for (const auto& [word, role] : settings_.roles)
        if (!who.role && std::ranges::find(named, word) != named.end()) who.role = role;
    return who;
}

}  // namespace vigil::share::openid
