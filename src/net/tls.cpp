#include "net/tls.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace vigil::net {
namespace {

template <class T, auto Free>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;

Bio reader(const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

tl::unexpected<Error> bad(const char* what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return fail(Error::Kind::malformed,
                fmt::format("{}: {}", what, reason != nullptr ? reason : "not understood"));
}

std::vector<Certificate> read_certificates(const std::string& pem) {
    std::vector<Certificate> found;
    const auto bio = reader(pem);
    while (auto* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
        found.emplace_back(certificate);
    ERR_clear_error();  // the end of the text is reported as an error
    return found;
}

Result<void> use_identity(SSL_CTX* context, const std::string& certificate_pem,
                          const std::string& key_pem) {
    auto chain = read_certificates(certificate_pem);
    if (chain.empty()) return bad("no certificate in the PEM text");
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
        return bad("the certificate cannot be used");
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
            return bad("the certificate chain cannot be used");
    const Key key(PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, nullptr, nullptr));
    if (!key) return bad("no private key in the PEM text");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return bad("the private key does not belong to the certificate");
    return {};
}

Result<void> trust(SSL_CTX* context, const std::string& ca_pem, bool name_to_peer) {
    const auto authorities = read_certificates(ca_pem);
    if (authorities.empty()) return bad("no authority's certificate in the PEM text");
    for (const auto& authority : authorities) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
        if (name_to_peer) SSL_CTX_add_client_CA(context, authority.get());
    }
    return {};
}

// RFC 9325 (BCP 195): TLS 1.2 with forward secrecy and AEAD only, or TLS 1.3.
Result<std::shared_ptr<SSL_CTX>> make_base(const SSL_METHOD* method) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), &SSL_CTX_free);
    if (!context) return bad("TLS is not available");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return bad("cipher suites");
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_IGNORE_UNEXPECTED_EOF);
    // An idle connection gives its record buffers (2 × 17 kB) back.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    // Everything the socket gave goes in at once: fewer calls of the BIO, nothing left outside.
    SSL_CTX_set_read_ahead(context.get(), 1);
    return context;
}

std::string wire_form(const std::vector<std::string>& protocols) {
    std::string form;  // RFC 7301 3.1: each name with its length before it
    for (const auto& name : protocols) {
        form.push_back(static_cast<char>(name.size()));
        form += name;
    }
    return form;
}

// The names live as long as the OpenSSL context, which open connections keep beyond a reload.
int protocols_index() {
    static const int index = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* names, CRYPTO_EX_DATA*, int, long, void*) {
            delete static_cast<std::string*>(names);
        });
    return index;
}

int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    const auto& names = *static_cast<const std::string*>(
        SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), protocols_index()));
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(
        &chosen, out_size, reinterpret_cast<const unsigned char*>(names.data()),
        static_cast<unsigned int>(names.size()), offered, offered_size);
    *out = chosen;
    // RFC 7301 3.2: no protocol in common ends the handshake.
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> TlsServer::make_context(const TlsServerMaterial& material) {
    VIGIL_TRY(context, make_base(TLS_server_method()));
    auto* ssl = context.get();
    VIGIL_CHECK(use_identity(ssl, material.certificate_pem, material.key_pem));
    if (!material.client_ca_pem.empty()) {
        VIGIL_CHECK(trust(ssl, material.client_ca_pem, true));
        SSL_CTX_set_verify(
            ssl,
            SSL_VERIFY_PEER |
                (material.client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
            nullptr);
    }
    // Sessions resume by ticket, so the server keeps nothing of closed connections.
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl, 1);
    constexpr std::array<unsigned char, 5> session_context{'v', 'i', 'g', 'i', 'l'};
    SSL_CTX_set_session_id_context(ssl, session_context.data(), session_context.size());
    if (!material.application_protocols.empty()) {
        SSL_CTX_set_ex_data(ssl, protocols_index(),
                            new std::string(wire_form(material.application_protocols)));
        SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, nullptr);
    }
    return std::move(context);
}

Result<std::shared_ptr<TlsServer>> TlsServer::make(const TlsServerMaterial& material) {
    VIGIL_TRY(context, make_context(material));
    return std::shared_ptr<TlsServer>(new TlsServer(std::move(context)));
}

Result<void> TlsServer::reload(const TlsServerMaterial& material) {
    VIGIL_TRY(context, make_context(material));
    const std::lock_guard lock(mutex_);
    context_.swap(context);
    return {};
}

std::unique_ptr<TlsStream> TlsServer::stream() const {
    const std::lock_guard lock(mutex_);
    SSL* ssl = SSL_new(context_.get());
    if (ssl == nullptr) return nullptr;
    SSL_set_accept_state(ssl);
    return std::make_unique<TlsStream>(ssl);
}

Result<std::shared_ptr<TlsClient>> TlsClient::make(const TlsClientMaterial& material) {
    VIGIL_TRY(context, make_base(TLS_client_method()));
    auto* ssl = context.get();
    if (!material.certificate_pem.empty())
        VIGIL_CHECK(use_identity(ssl, material.certificate_pem, material.key_pem));
    if (material.ca_pem.empty())
        SSL_CTX_set_default_verify_paths(ssl);
    else
        VIGIL_CHECK(trust(ssl, material.ca_pem, false));
    SSL_CTX_set_verify(ssl, material.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    const auto protocols = wire_form(material.application_protocols);
    if (!protocols.empty())
        SSL_CTX_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned int>(protocols.size()));
    return std::shared_ptr<TlsClient>(new TlsClient(std::move(context), material.verify));
}

Result<std::unique_ptr<TlsStream>> TlsClient::stream(const std::string& host) const {
    SSL* ssl = SSL_new(context_.get());
    if (ssl == nullptr) return bad("TLS stream");
    auto stream = std::make_unique<TlsStream>(ssl);
    SSL_set_connect_state(ssl);
    in6_addr unused{};
    const bool address = ::inet_pton(AF_INET, host.c_str(), &unused) == 1 ||
                         ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
    if (!address) SSL_set_tlsext_host_name(ssl, host.c_str());
    if (verify_) {
        const int named = address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str())
                                  : SSL_set1_host(ssl, host.c_str());
        if (named != 1) return bad("server name");
    }
    return stream;
}

}  // namespace vigil::net
