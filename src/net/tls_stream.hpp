#pragma once
// One TLS conversation as a machine between bytes and bytes: ciphertext in, plaintext out, and
// back. It owns no socket, so a turn of a connection stays one read and one write.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

using SSL = struct ssl_st;

namespace vigil::net {

class TlsStream {
public:
    explicit TlsStream(SSL* owned);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    // Feeds what the socket gave. Appends plaintext to `plain` and what must be sent (handshake,
    // alerts) to `cipher`. An error ends the connection after `cipher` was sent.
    Result<void> receive(std::string_view bytes, std::string& plain, std::string& cipher);
    // Starts the handshake of a client; a server waits for the first bytes.
    Result<void> start(std::string& cipher);
    Result<void> send(std::string_view plain, std::string& cipher);
    void close_notify(std::string& cipher);

    bool established() const;
    bool peer_closed() const { return peer_closed_; }
    std::string peer_certificate_pem() const;  // verified; empty: none
    std::string application_protocol() const;  // ALPN's; empty: none

    struct Wire {  // what the BIO reads from and writes to during one call
        std::string_view in;
        std::string* out = nullptr;
    };

private:
    Result<void> handshake();
    Result<void> failure(int code) const;
    SSL* ssl_;
    Wire wire_;
    bool peer_closed_ = false;
};

}  // namespace vigil::net
