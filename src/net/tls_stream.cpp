#include "net/tls_stream.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace vigil::net {
namespace {

constexpr std::size_t record_bytes_max = 16384;  // RFC 8446 5.1

int wire_read(BIO* bio, char* out, int size) {
    auto* wire = static_cast<TlsStream::Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto count = std::min(wire->in.size(), static_cast<std::size_t>(std::max(size, 0)));
    if (count == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    std::memcpy(out, wire->in.data(), count);
    wire->in.remove_prefix(count);
    return static_cast<int>(count);
}

int wire_write(BIO* bio, const char* bytes, int size) {
    auto* wire = static_cast<TlsStream::Wire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (wire->out == nullptr || size < 0) return -1;
    wire->out->append(bytes, static_cast<std::size_t>(size));
    return size;
}

long wire_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* wire_method() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "turn");
        BIO_meth_set_read(made, wire_read);
        BIO_meth_set_write(made, wire_write);
        BIO_meth_set_ctrl(made, wire_control);
        BIO_meth_set_create(made, [](BIO* bio) {
            BIO_set_init(bio, 1);
            return 1;
        });
        return made;
    }();
    return method;
}

}  // namespace

TlsStream::TlsStream(SSL* owned) : ssl_(owned) {
    BIO* bio = BIO_new(wire_method());
    BIO_set_data(bio, &wire_);
    SSL_set_bio(ssl_, bio, bio);
}

TlsStream::~TlsStream() {
    SSL_free(ssl_);
}

Result<void> TlsStream::start(std::string& cipher) {
    if (SSL_is_server(ssl_) != 0) return {};
    wire_ = {.in = {}, .out = &cipher};
    return handshake();
}

Result<void> TlsStream::receive(std::string_view bytes, std::string& plain, std::string& cipher) {
    wire_ = {.in = bytes, .out = &cipher};
    if (!established()) VIGIL_CHECK(handshake());
    // Nothing to be read: SSL_read would take its buffers to find that out, and give them back.
    const auto has_more = [&] { return !wire_.in.empty() || SSL_has_pending(ssl_) == 1; };
    while (established() && !peer_closed_ && has_more()) {
        // Not in `plain` itself, which would be filled with zeros first.
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filled up to count
        std::array<char, record_bytes_max> record;
        ERR_clear_error();
        const int count = SSL_read(ssl_, record.data(), record.size());
        if (count > 0) {
            plain.append(record.data(), static_cast<std::size_t>(count));
            continue;
        }
        const int code = SSL_get_error(ssl_, count);
        if (code == SSL_ERROR_WANT_READ) break;  // all of `bytes` is inside by now
        if (code != SSL_ERROR_ZERO_RETURN) return failure(code);
        peer_closed_ = true;
    }
    return {};
}

Result<void> TlsStream::send(std::string_view plain, std::string& cipher) {
    wire_ = {.in = {}, .out = &cipher};
    while (!plain.empty()) {
        const auto size = std::min<std::size_t>(plain.size(), std::numeric_limits<int>::max());
        ERR_clear_error();
        const int count = SSL_write(ssl_, plain.data(), static_cast<int>(size));
        if (count <= 0) return failure(SSL_get_error(ssl_, count));
        plain.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

void TlsStream::close_notify(std::string& cipher) {
    wire_ = {.in = {}, .out = &cipher};
    if (established()) SSL_shutdown(ssl_);
    ERR_clear_error();
}

bool TlsStream::established() const {
    return SSL_is_init_finished(ssl_) != 0;
}

Result<void> TlsStream::handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) return {};
    const int code = SSL_get_error(ssl_, done);
    if (code == SSL_ERROR_WANT_READ) return {};
    return failure(code);
}

Result<void> TlsStream::failure(int code) const {
    const long verified = SSL_get_verify_result(ssl_);
    if (verified != X509_V_OK)
        return fail(Error::Kind::forbidden, fmt::format("the certificate is not trusted: {}",
                                                        X509_verify_cert_error_string(verified)));
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    return fail(Error::Kind::malformed,
                fmt::format("TLS failed: {}", reason != nullptr ? reason : std::to_string(code)));
}

std::string TlsStream::application_protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TlsStream::peer_certificate_pem() const {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_),
                                                                  &X509_free);
    if (!certificate || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), &BIO_free_all);
    if (PEM_write_bio_X509(memory.get(), certificate.get()) != 1) return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace vigil::net
