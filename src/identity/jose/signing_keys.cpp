#include "identity/jose/signing_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/json_writer.hpp"
#include "identity/jose/jws.hpp"
#include "identity/openssl_handle.hpp"
#include "identity/secret.hpp"

namespace vigil::identity::jose {
namespace {

using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

constexpr int modulus_bits = 2048;
constexpr std::size_t keys_max = 16;
constexpr std::string_view time_label = "signs-from: ";
constexpr std::string_view pem_end = "-----END PRIVATE KEY-----\n";

// Base64url of a number of a key of RSA (RFC 7518 6.3.1).
std::string number(const EvpKey& key, const char* name) {
    BIGNUM* found = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &found) != 1)
        throw std::runtime_error("this is no key of RSA");
    const Number value(found);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value.get())), '\0');
    BN_bn2bin(value.get(), reinterpret_cast<std::uint8_t*>(bytes.data()));
    return base64url(bytes);
}

std::string modulus(const EvpKey& key) {
    return number(key, OSSL_PKEY_PARAM_RSA_N);
}
std::string exponent(const EvpKey& key) {
    return number(key, OSSL_PKEY_PARAM_RSA_E);
}

SigningKeys::Key named(EvpKey key, Timestamp signs_from) {
    auto id = rsa_thumbprint(modulus(key), exponent(key));
    return {.key = std::move(key), .id = std::move(id), .signs_from = signs_from};
}

EvpKey new_key() {
    EvpKey key(EVP_RSA_gen(modulus_bits), EVP_PKEY_free);
    if (!key) throw std::runtime_error("OpenSSL could not make a key of RSA");
    return key;
}

std::string to_pem(const EvpKey& key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                              nullptr) != 1)
        throw std::runtime_error("OpenSSL could not write a key");
    char* bytes = nullptr;
    const auto length = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(length)};
}

EvpKey from_pem(std::string_view pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // A passphrase is never asked for: nobody is there to type it.
    std::string none;
    EvpKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, none.data()), EVP_PKEY_free);
    const bool fits = key && EVP_PKEY_is_a(key.get(), "RSA") == 1 && bits_of(key) == modulus_bits;
    return fits ? key : nullptr;
}

}  // namespace

// Each key as PKCS #8 in PEM, led in by the time that it signs from.
std::string SigningKeys::encode() const {
    std::string text;
    for (const auto& key : keys_)
        text += std::string(time_label) + format_rfc3339(key.signs_from) + "\n" + to_pem(key.key);
    return text;
}

Result<SigningKeys> SigningKeys::decode(std::string_view text) {
    SigningKeys read;
    while (!text.empty()) {
        const auto line_end = text.find('\n');
        const auto key_end = text.find(pem_end);
        if (!text.starts_with(time_label) || key_end == std::string_view::npos ||
            line_end > key_end || read.keys_.size() == keys_max)
            return fail(Error::Kind::malformed, "this is no list of signing keys");
        VIGIL_TRY(from,
                  parse_rfc3339(text.substr(time_label.size(), line_end - time_label.size())));
        auto key = from_pem(text.substr(line_end + 1, key_end + pem_end.size() - line_end - 1));
        if (!key)
            return fail(Error::Kind::malformed, "one of the signing keys cannot be read as RSA");
        read.keys_.push_back(named(std::move(key), from.instant));
        text.remove_prefix(key_end + pem_end.size());
    }
    if (!std::ranges::is_sorted(read.keys_, {}, &Key::signs_from))
        return fail(Error::Kind::malformed, "the signing keys are not in the order of their times");
    return read;
}

// Until everything is over that it signed before the next one took its place.
bool SigningKeys::is_published(std::size_t key, Timestamp now) const {
    return key + 1 == keys_.size() || now < keys_[key + 1].signs_from + published_after;
}

bool SigningKeys::are_due(Timestamp now) const {
    return keys_.empty() || now >= keys_.back().signs_from + signs_for - published_before ||
           !is_published(0, now);
}

SigningKeys SigningKeys::rotated(Timestamp now) const {
    SigningKeys next;
    for (std::size_t i = 0; i < keys_.size(); ++i)
        if (is_published(i, now)) next.keys_.push_back(keys_[i]);
    if (next.keys_.empty()) {
        next.keys_.push_back(named(new_key(), now));
    } else if (const auto ends = next.keys_.back().signs_from + signs_for;
               now >= ends - published_before) {
        next.keys_.push_back(named(new_key(), std::max(ends, now + published_before)));
    }
    return next;
}

std::string SigningKeys::sign(std::string_view claims_json, Timestamp now,
                              std::string_view type) const {
    assert(!keys_.empty());
    // A clock that was set back finds the first.
    auto next = std::ranges::upper_bound(keys_, now, {}, &Key::signs_from);
    const auto& key = next == keys_.begin() ? *next : *std::prev(next);
    std::string header;
    JsonWriter(header)
        .begin_object()
        .member("alg", name_of(Algorithm::rs256))
        .member("kid", key.id)
        .member("typ", type)
        .end_object();
    return write_jws(header, claims_json, key.key, Algorithm::rs256);
}

std::string SigningKeys::jwks(Timestamp now) const {
    std::string json;
    JsonWriter writer(json);
    writer.begin_object().key("keys").begin_array();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (!is_published(i, now)) continue;
        writer.begin_object()
            .member("kty", "RSA")
            .member("use", "sig")
            .member("alg", name_of(Algorithm::rs256))
            .member("kid", keys_[i].id)
            .member("n", modulus(keys_[i].key))
            .member("e", exponent(keys_[i].key))
            .end_object();
    }
    writer.end_array().end_object();
    return json;
}

KeySet SigningKeys::public_keys(Timestamp now) const {
    std::vector<PublicKey> keys;
    for (std::size_t i = 0; i < keys_.size(); ++i)
        if (is_published(i, now))
            keys.push_back(
                {.id = keys_[i].id, .algorithms = {Algorithm::rs256}, .key = keys_[i].key});
    return KeySet(std::move(keys));
}

}  // namespace vigil::identity::jose
