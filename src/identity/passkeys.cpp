#include "identity/passkeys.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/bytes.hpp"
#include "codec/webauthn/authenticator_data.hpp"
#include "codec/webauthn/client_data.hpp"

namespace vigil::identity {
namespace {

namespace webauthn = codec::webauthn;

constexpr std::size_t nonce_bytes = 16, end_bytes = 8;

tl::unexpected<Error> wrong(const char* message) {
    return fail(Error::Kind::forbidden, message, "passkey");
}

std::string bytes_of(const Digest& digest) {
    return {digest.bytes.begin(), digest.bytes.end()};
}

Result<void> check_client_data(std::string_view json, std::string_view type,
                               std::string_view context, const RelyingParty& party,
                               const Challenges& challenges, Timestamp now) {
    VIGIL_TRY(data, webauthn::decode_client_data(json));
    if (data.type != type) return wrong("this is an answer to something else");
    if (data.origin != party.origin || data.cross_origin)
        return wrong("the passkey was used on another site's page");
    if (!challenges.good(data.challenge, context, now))
        return wrong("this took too long, or was answered already: try again");
    return {};
}

Result<void> check_flags(const webauthn::AuthenticatorData& data, const RelyingParty& party) {
    if (!same_secret(data.rp_id_hash, bytes_of(sha256(party.id))))
        return wrong("the passkey is another site's");
    if (!data.user_present || !data.user_verified)
        return wrong("the passkey did not ask for a PIN, a finger or a face");
    if (data.backed_up && !data.backup_eligible) return wrong("the passkey contradicts itself");
    return {};
}

}  // namespace

std::string Challenges::issue(std::string_view context, Timestamp now) const {
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random_(nonce);
    std::string bytes(nonce.begin(), nonce.end());
    ByteWriter(bytes).big_endian((now + lifetime).time_since_epoch().count());
    return base64url(bytes + mac(bytes, context));
}

std::string Challenges::mac(std::string_view nonce_and_end, std::string_view context) const {
    return derived_secret(key_, fmt::format("{} {}", base64url(nonce_and_end), context));
}

bool Challenges::good(std::string_view challenge, std::string_view context, Timestamp now) const {
    const auto bytes = from_base64url(challenge);
    if (!bytes || bytes->size() < nonce_bytes + end_bytes) return false;
    const auto claimed = std::string_view(*bytes).substr(0, nonce_bytes + end_bytes);
    if (!same_secret(mac(claimed, context), std::string_view(*bytes).substr(claimed.size())))
        return false;
    ByteReader reader(claimed.substr(nonce_bytes));
    const Timestamp end{Nanoseconds(*reader.big_endian<std::int64_t>())};
    return now < end && !used_.contains(sha256(*bytes));
}

void Challenges::use_up(std::string_view challenge, Timestamp now) {
    std::erase_if(used_, [&](const auto& entry) { return entry.second <= now; });
    if (const auto bytes = from_base64url(challenge)) used_[sha256(*bytes)] = now + lifetime;
}

std::string user_handle(AccountId account) {
    return base64url(bytes_of(sha256(fmt::format("vigil account {}", account.value))));
}

std::string challenge_of(std::string_view client_data) {
    const auto data = webauthn::decode_client_data(client_data);
    return data ? data->challenge : std::string();
}

Result<Passkey> check_created(const PasskeyCreated& created, std::string_view challenge_context,
                              const RelyingParty& party, const Challenges& challenges,
                              Timestamp now) {
    VIGIL_CHECK(check_client_data(created.client_data, "webauthn.create", challenge_context, party,
                                  challenges, now));
    VIGIL_TRY(bytes, webauthn::authenticator_data_of(created.attestation_object));
    VIGIL_TRY(data, webauthn::decode_authenticator_data(bytes));
    VIGIL_CHECK(check_flags(data, party));
    if (!data.credential) return wrong("the authenticator made no key");
    return Passkey{.credential = base64url(data.credential->id),
                   .public_key = base64url(webauthn::encode(data.credential->key)),
                   .sign_count = data.sign_count,
                   .registered = now};
}

Result<PasskeyProof> check_shown(const PasskeyShown& shown, const Passkey& known, AccountId account,
                                 std::string_view challenge_context, const RelyingParty& party,
                                 const Challenges& challenges, Timestamp now) {
    if (base64url(shown.credential_id) != known.credential) return wrong("this is another passkey");
    if (!shown.user_handle.empty() && base64url(shown.user_handle) != user_handle(account))
        return wrong("the passkey is another account's");
    VIGIL_CHECK(check_client_data(shown.client_data, "webauthn.get", challenge_context, party,
                                  challenges, now));
    VIGIL_TRY(data, webauthn::decode_authenticator_data(shown.authenticator_data));
    VIGIL_CHECK(check_flags(data, party));
    VIGIL_TRY(key_bytes, from_base64url(known.public_key));
    VIGIL_TRY(key, webauthn::decode_cose_key(key_bytes));
    const auto message = shown.authenticator_data + bytes_of(sha256(shown.client_data));
    if (!signature_holds(key, message, shown.signature))
        return wrong("the signature of the passkey does not hold");
    const bool counts = data.sign_count > 0 || known.sign_count > 0;
    return PasskeyProof{.sign_count = data.sign_count,
                        .counted_back = counts && data.sign_count <= known.sign_count};
}

}  // namespace vigil::identity
