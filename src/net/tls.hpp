#pragma once
// TLS 1.2 and 1.3 on OpenSSL 3: what a listener and a client need of keys, certificates and trust.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/tls_stream.hpp"

using SSL_CTX = struct ssl_ctx_st;

namespace vigil::net {

struct TlsServerMaterial {
    std::string certificate_pem = {};  // the server's own first, then the chain
    std::string key_pem = {};
    // Client certificates are asked for and verified against these; empty: not asked for. A client
    // without one is let through, its conversation decides; one with a wrong one is refused.
    std::string client_ca_pem = {};
    bool client_certificate_required = false;
    std::vector<std::string> application_protocols = {};  // ALPN, in order: {"http/1.1"}, {"mqtt"}
};

class TlsServer {
public:
    static Result<std::shared_ptr<TlsServer>> make(const TlsServerMaterial& material);
    // New connections use the new material; those that are open go on. Any thread. On an error the
    // old material stays in use.
    Result<void> reload(const TlsServerMaterial& material);
    std::unique_ptr<TlsStream> stream() const;

private:
    explicit TlsServer(std::shared_ptr<SSL_CTX> context) : context_(std::move(context)) {}
    static Result<std::shared_ptr<SSL_CTX>> make_context(const TlsServerMaterial& material);
    mutable std::mutex mutex_;
    std::shared_ptr<SSL_CTX> context_;
};

struct TlsClientMaterial {
    std::string ca_pem = {};           // trusted to vouch for the server; empty: the system's store
    std::string certificate_pem = {};  // the client's own, with its chain; empty: none
    std::string key_pem = {};
    // Encrypts without knowing to whom: only to read a certificate before trusting it.
    bool verify = true;
    std::vector<std::string> application_protocols = {};
};

class TlsClient {
public:
    static Result<std::shared_ptr<TlsClient>> make(const TlsClientMaterial& material);
    // `host` is what the server's certificate must name: a DNS name or an address.
    Result<std::unique_ptr<TlsStream>> stream(const std::string& host) const;

private:
    TlsClient(std::shared_ptr<SSL_CTX> context, bool verify)
        : context_(std::move(context)), verify_(verify) {}
    std::shared_ptr<SSL_CTX> context_;
    bool verify_;
};

}  // namespace vigil::net
