#pragma once
// The site's own certificate authority: X.509 v3 (RFC 5280) on EC P-256, one level. It makes the
// server's certificate on first run and a certificate for each device that asks for one.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/certificate_request.hpp"
#include "identity/people.hpp"

namespace vigil::identity {

// A certificate and its private key, as PEM.
struct KeyPair {
    std::string certificate_pem;
    std::string private_key_pem;
};

struct IssuedCertificate {
    KeyPair pair;        // without the key where that never left the device
    std::string serial;  // lower-case hexadecimal
    Timestamp not_before, not_after;
};

struct ShownCertificate {
    std::string serial;
    std::string device;  // the external id it was issued to
    Timestamp not_before, not_after;
};

constexpr Nanoseconds authority_lifetime = std::chrono::hours(24 * 3650);
constexpr Nanoseconds server_lifetime = std::chrono::hours(24 * 397);  // what browsers accept
constexpr Nanoseconds device_lifetime = std::chrono::hours(24 * 730);
// Of one that its device renews by itself: docs/decisions/0038-enrolment-over-est.md.
constexpr Nanoseconds enrolled_lifetime_default = std::chrono::hours(24 * 180);
constexpr Nanoseconds renew_before = std::chrono::hours(24 * 30);

class CertificateAuthority {
public:
    // A new one, for `site_name`.
    static Result<CertificateAuthority> create(std::string_view site_name, Timestamp now);
    static Result<CertificateAuthority> load(const KeyPair& pair);
    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    const KeyPair& pair() const { return pair_; }

    // For TLS clients only; the subject's CN and the URI urn:vigil:device:<id> name the device.
    Result<IssuedCertificate> issue_device(std::string_view external_id, Timestamp now) const;
    // The same, for the key of the request; nothing else of it is in the certificate.
    Result<IssuedCertificate> sign_device(std::string_view external_id,
                                          const CertificateRequest& request, Nanoseconds lifetime,
                                          Timestamp now) const;
    // For TLS servers: names and addresses are told apart by their form.
    Result<IssuedCertificate> issue_server(const std::vector<std::string>& names_and_addresses,
                                           Timestamp now) const;

    // That this authority signed it, for a TLS client, and that it is valid now. Whether it has
    // been revoked is the registry's to say (Registry::check_certificate). `forbidden` otherwise.
    Result<ShownCertificate> verify_device(std::string_view certificate_pem, Timestamp now) const;

    // That this authority signed it, whatever it is for.
    bool signed_here(std::string_view certificate_pem) const;

private:
    struct Keys;
    CertificateAuthority(std::unique_ptr<Keys> keys, KeyPair pair);
    struct Contents {
        std::string_view common_name, alternative, usage;
        Nanoseconds lifetime;
    };
    // With a key that is made for it.
    Result<IssuedCertificate> issue(const Contents& contents, Timestamp now) const;
    Result<IssuedCertificate> sign(const Contents& contents, evp_pkey_st* key, bool with_key,
                                   Timestamp now) const;

    std::unique_ptr<Keys> keys_;
    KeyPair pair_;
};

// The certificate is from this authority, bears all the names, and is not about to expire.
bool still_serves(std::string_view certificate_pem, const CertificateAuthority& authority,
                  const std::vector<std::string>& names_and_addresses, Timestamp now);
// notAfter of any certificate.
Result<Timestamp> certificate_ends(std::string_view certificate_pem);
// "sha256:…" of the DER form, as people compare it on first contact.
Result<std::string> certificate_fingerprint(std::string_view certificate_pem);

}  // namespace vigil::identity
