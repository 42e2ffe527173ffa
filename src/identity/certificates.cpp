#include "identity/certificates.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "identity/openssl_handle.hpp"

namespace vigil::identity {
namespace {

using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;

constexpr std::string_view device_uri = "urn:vigil:device:";
constexpr std::size_t pem_bytes_max = 64 * 1024;
// Clocks of devices that have just been switched on may be behind.
constexpr Nanoseconds backdated = std::chrono::hours(24);

tl::unexpected<Error> broken(const char* what) {
    return fail(Error::Kind::internal, fmt::format("OpenSSL could not {}", what));
}
tl::unexpected<Error> refused(const char* why) {
    return fail(Error::Kind::forbidden, fmt::format("the certificate {}", why));
}

Bio reading(std::string_view pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate read_certificate(std::string_view pem) {
    if (pem.size() > pem_bytes_max) return nullptr;
    return Certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr));
}

std::string to_pem(X509* certificate) {
    return written_to_memory([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
    return written_to_memory([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

bool set_time(ASN1_TIME* field, Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return ASN1_TIME_set(field, seconds.time_since_epoch().count()) != nullptr;
}

Result<Timestamp> time_of(const ASN1_TIME* field) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(field, &parts) != 1) return broken("read a time");
    const auto days =
        std::chrono::sys_days(std::chrono::year(parts.tm_year + 1900) /
                              std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)) /
                              std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
    // A CA of 9999 (RFC 5280 4.1.2.5) does not fit into nanoseconds.
    if (days.time_since_epoch() > std::chrono::days(106'000)) return end_of_time;
    return Timestamp(days) + std::chrono::hours(parts.tm_hour) +
           std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

// 16 random octets, positive: RFC 5280 4.1.2.2 has room for 20.
Number random_serial() {
    std::array<std::uint8_t, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) return nullptr;
    bytes[0] = (bytes[0] & 0x7F) | 0x40;
    return Number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
}

std::string serial_of(const X509* certificate) {
    const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    char* const text = number ? BN_bn2hex(number.get()) : nullptr;
    std::string serial = text ? text : "";
    OPENSSL_free(text);
    std::ranges::transform(serial, serial.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return serial;
}

bool add_name(X509_NAME* name, const char* field, std::string_view text) {
    const std::string value(text.substr(0, 64));  // ub-common-name, RFC 5280 A.1
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const std::uint8_t*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, std::string_view value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, std::string(value).c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate unsigned_certificate(std::string_view common_name, EVP_PKEY* key, Timestamp now,
                                 Nanoseconds lifetime) {
    Certificate certificate(X509_new());
    const auto serial = random_serial();
    const bool ok =
        certificate && serial && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
        BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
        set_time(X509_getm_notBefore(certificate.get()), now - backdated) &&
        set_time(X509_getm_notAfter(certificate.get()), now + lifetime) &&
        X509_set_pubkey(certificate.get(), key) == 1 &&
        add_name(X509_get_subject_name(certificate.get()), "CN", common_name);
    return ok ? std::move(certificate) : nullptr;
}

// The id in the certificate's URI name; empty: it names no device.
std::string device_named(X509* certificate) {
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        const auto* uri = name->d.uniformResourceIdentifier;
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                    static_cast<std::size_t>(ASN1_STRING_length(uri)));
        if (text.starts_with(device_uri)) return std::string(text.substr(device_uri.size()));
    }
    return {};
}

std::string uri_of(std::string_view external_id) {
    return fmt::format("URI:{}{}", device_uri, external_id);
}

bool is_address(const std::string& text) {
    std::array<std::uint8_t, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

// RFC 1123 host names, as far as they can do no harm in OpenSSL's extension grammar.
bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 &&
           text.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
               ".-_*") == std::string_view::npos;
}

}  // namespace

struct CertificateAuthority::Keys {
    Certificate certificate;
    PrivateKey key;
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Keys> keys, KeyPair pair)
    : keys_(std::move(keys)), pair_(std::move(pair)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::create(std::string_view site_name,
                                                          Timestamp now) {
    auto keys = std::make_unique<Keys>();
    keys->key.reset(EVP_EC_gen("P-256"));
    if (!keys->key) return broken("make a key");
    keys->certificate = unsigned_certificate(fmt::format("{} device authority", site_name),
                                             keys->key.get(), now, authority_lifetime);
    auto* const certificate = keys->certificate.get();
    const bool ok =
        certificate && X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
        add_extension(certificate, certificate, NID_basic_constraints,
                      "critical,CA:TRUE,pathlen:0") &&
        add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
        X509_sign(certificate, keys->key.get(), EVP_sha256()) > 0;
    if (!ok) return broken("make the authority's certificate");
    KeyPair pair{to_pem(certificate), to_pem(keys->key.get())};
    return CertificateAuthority(std::move(keys), std::move(pair));
}

Result<CertificateAuthority> CertificateAuthority::load(const KeyPair& pair) {
    auto keys = std::make_unique<Keys>();
    keys->certificate = read_certificate(pair.certificate_pem);
    keys->key.reset(
        PEM_read_bio_PrivateKey(reading(pair.private_key_pem).get(), nullptr, nullptr, nullptr));
    if (!keys->certificate || !keys->key ||
        X509_check_private_key(keys->certificate.get(), keys->key.get()) != 1)
        return fail(Error::Kind::malformed,
                    "the authority's certificate and key cannot be read or do not belong together");
    return CertificateAuthority(std::move(keys), pair);
}

Result<IssuedCertificate> CertificateAuthority::issue_device(std::string_view external_id,
                                                             Timestamp now) const {
    VIGIL_CHECK(check(Device{.id = DeviceId{1}, .external_id = std::string(external_id)}));
    return issue({external_id, uri_of(external_id), "clientAuth", device_lifetime}, now);
}

Result<IssuedCertificate> CertificateAuthority::sign_device(std::string_view external_id,
                                                            const CertificateRequest& request,
                                                            Nanoseconds lifetime,
                                                            Timestamp now) const {
    VIGIL_CHECK(check(Device{.id = DeviceId{1}, .external_id = std::string(external_id)}));
    return sign({external_id, uri_of(external_id), "clientAuth", lifetime}, request.key.get(),
                false, now);
}

Result<IssuedCertificate> CertificateAuthority::issue_server(
    const std::vector<std::string>& names_and_addresses, Timestamp now) const {
    std::string alternative;
    for (const auto& name : names_and_addresses) {
        const bool address = is_address(name);
        if (!address && !is_host_name(name))
            return fail(Error::Kind::malformed, fmt::format("\"{}\" is no host name", name));
        fmt::format_to(std::back_inserter(alternative), "{}{}:{}", alternative.empty() ? "" : ",",
                       address ? "IP" : "DNS", name);
    }
    if (alternative.empty())
        return fail(Error::Kind::malformed, "a server's certificate needs a name");
    return issue({names_and_addresses.front(), alternative, "serverAuth", server_lifetime}, now);
}

Result<IssuedCertificate> CertificateAuthority::issue(const Contents& contents,
                                                      Timestamp now) const {
    const PrivateKey key(EVP_EC_gen("P-256"));
    if (!key) return broken("make a key");
    return sign(contents, key.get(), true, now);
}

Result<IssuedCertificate> CertificateAuthority::sign(const Contents& contents, EVP_PKEY* key,
                                                     bool with_key, Timestamp now) const {
    auto* const issuer = keys_->certificate.get();
    const auto certificate =
        unsigned_certificate(contents.common_name, key, now, contents.lifetime);
    auto* const made = certificate.get();
    const bool ok = made && X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
                    add_extension(made, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(made, issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(made, issuer, NID_ext_key_usage, contents.usage) &&
                    add_extension(made, issuer, NID_subject_alt_name, contents.alternative) &&
                    add_extension(made, issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(made, issuer, NID_authority_key_identifier, "keyid") &&
                    X509_sign(made, keys_->key.get(), EVP_sha256()) > 0;
    if (!ok) return broken("issue a certificate");
    VIGIL_TRY(not_before, time_of(X509_get0_notBefore(made)));
    VIGIL_TRY(not_after, time_of(X509_get0_notAfter(made)));
    return IssuedCertificate{{to_pem(made), with_key ? to_pem(key) : std::string()},
                             serial_of(made),
                             not_before,
                             not_after};
}

Result<ShownCertificate> CertificateAuthority::verify_device(std::string_view certificate_pem,
                                                             Timestamp now) const {
    const auto shown = read_certificate(certificate_pem);
    if (!shown) return refused("cannot be read");
    if (X509_check_issued(keys_->certificate.get(), shown.get()) != X509_V_OK ||
        X509_verify(shown.get(), keys_->key.get()) != 1)
        return refused("was not issued by this server");
    if ((X509_get_extended_key_usage(shown.get()) & XKU_SSL_CLIENT) == 0)
        return refused("is not for a device");
    VIGIL_TRY(not_before, time_of(X509_get0_notBefore(shown.get())));
    VIGIL_TRY(not_after, time_of(X509_get0_notAfter(shown.get())));
    if (now < not_before || not_after <= now) return refused("is not valid at this time");
    auto device = device_named(shown.get());
    if (device.empty()) return refused("names no device");
    return ShownCertificate{serial_of(shown.get()), std::move(device), not_before, not_after};
}

bool CertificateAuthority::signed_here(std::string_view certificate_pem) const {
    const auto certificate = read_certificate(certificate_pem);
    return certificate && X509_verify(certificate.get(), keys_->key.get()) == 1;
}

bool still_serves(std::string_view certificate_pem, const CertificateAuthority& authority,
                  const std::vector<std::string>& names_and_addresses, Timestamp now) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate || !authority.signed_here(certificate_pem)) return false;
    const auto expires = time_of(X509_get0_notAfter(certificate.get()));
    if (!expires || *expires - renew_before <= now) return false;
    return std::ranges::all_of(names_and_addresses, [&](const std::string& name) {
        return is_address(name)
                   ? X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1
                   : X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1;
    });
}

Result<Timestamp> certificate_ends(std::string_view certificate_pem) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate) return fail(Error::Kind::malformed, "not a PEM certificate");
    return time_of(X509_get0_notAfter(certificate.get()));
}

Result<std::string> certificate_fingerprint(std::string_view certificate_pem) {
    const auto certificate = read_certificate(certificate_pem);
    Digest digest;
    unsigned int length = 0;
    if (!certificate ||
        X509_digest(certificate.get(), EVP_sha256(), digest.bytes.data(), &length) != 1)
        return fail(Error::Kind::malformed, "not a PEM certificate");
    return "sha256:" + to_hex(digest);
}

}  // namespace vigil::identity
