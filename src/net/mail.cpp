#include "net/mail.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "codec/smtp/client.hpp"
#include "net/connect.hpp"
#include "net/tls.hpp"
#include "net/uri.hpp"

namespace vigil::net {
namespace {

using codec::smtp::Client;
using Outcome = std::optional<Result<std::string>>;

struct Address {
    std::string host{};
    std::uint16_t port = 0;
    bool secure = false;  // TLS from the first byte
};

// smtp://host:587, smtps://host:465: read as if they were http, with ports of their own.
Result<Address> address_of(const std::string& text) {
    constexpr std::uint16_t submission = 587, submissions = 465;  // RFC 8314 3.3
    const bool secure = text.starts_with("smtps://");
    if (secure || text.starts_with("smtp://")) {
        const auto rest = text.substr(text.find("://"));
        const auto url = parse_url((secure ? "https" : "http") + rest);
        const bool is_plain = rest.find_first_of("@?#/ \r\n", 3) == std::string::npos;
        if (url && is_plain && url->port != 0) {
            const auto colon = rest.rfind(':'), bracket = rest.rfind(']');
            const bool names_port = colon > 2 && (bracket == std::string::npos || colon > bracket);
            return Address{url->host, names_port ? url->port : (secure ? submissions : submission),
                           secure};
        }
    }
    return fail(Error::Kind::malformed,
                "a mail server such as smtp://mail.example:587 or smtps://mail.example:465", "url");
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

std::string domain_of(const std::string& address) {
    return address.substr(std::min(address.find('@') + 1, address.size()));
}

// One message handed over. TLS that STARTTLS asks for is spoken here, within the connection.
class MailSession final : public session::ByteSession {
public:
    MailSession(codec::smtp::Delivery delivery, std::shared_ptr<TlsClient> tls, std::string host,
                Outcome& outcome)
        : client_(std::move(delivery)),
          tls_(std::move(tls)),
          host_(std::move(host)),
          outcome_(outcome) {}

    void on_open(Timestamp, session::Waker, session::Actions&) override { opened_ = true; }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        if (!stream_) return listen(bytes, out);
        std::string plain;
        const auto received = stream_->receive(bytes, plain, out.send);
        if (!received) return end(tl::unexpected(received.error()), out);
        if (!greeted_ && stream_->established()) {
            greeted_ = true;
            std::string text;
            client_.tls_started(text);
            say(text, out);
        }
        if (!plain.empty()) listen(plain, out);
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {
        if (!outcome_)
            outcome_ = fail(Error::Kind::busy, opened_ ? "the mail server hung up"
                                                       : "the mail server cannot be reached");
    }

private:
    void listen(std::string_view bytes, session::Actions& out) {
        std::string text;
        const auto next = client_.feed(bytes, text);
        say(text, out);
        switch (next) {
            case Client::Next::more:
                return;
            case Client::Next::start_tls:
                return start_tls(out);
            case Client::Next::done:
                return end(client_.said(), out);
            case Client::Next::failed:
                return end(
                    fail(client_.refused_for_good() ? Error::Kind::forbidden : Error::Kind::busy,
                         client_.said()),
                    out);
        }
    }
    void start_tls(session::Actions& out) {
        auto stream = tls_->stream(host_);
        if (!stream) return end(tl::unexpected(stream.error()), out);
        stream_ = std::move(*stream);
        if (const auto started = stream_->start(out.send); !started)
            end(tl::unexpected(started.error()), out);
    }
    void say(std::string_view text, session::Actions& out) {
        if (text.empty()) return;
        if (!stream_) {
            out.send += text;
        } else if (const auto sent = stream_->send(text, out.send); !sent) {
            end(tl::unexpected(sent.error()), out);
        }
    }
    void end(Result<std::string> outcome, session::Actions& out) {
        if (!outcome_) outcome_ = std::move(outcome);
        out.close = true;
    }

    Client client_;
    std::shared_ptr<TlsClient> tls_;
    std::string host_;
    std::unique_ptr<TlsStream> stream_;
    Outcome& outcome_;
    bool opened_ = false, greeted_ = false;
};

Result<std::string> send_to(const Endpoint& endpoint, const Address& address,
                            const codec::smtp::Delivery& delivery,
                            const std::shared_ptr<TlsClient>& tls, Nanoseconds time_max,
                            const std::atomic<bool>& stop) {
    constexpr Nanoseconds look_at_stop = std::chrono::milliseconds(200);
    Outcome outcome;
    Loop loop;
    auto client = connect(loop,
                          {.endpoint = endpoint,
                           .tls = address.secure ? tls : nullptr,
                           .host = address.host,
                           .limits = {.first_byte_time_max = time_max}},
                          std::make_unique<MailSession>(delivery, tls, address.host, outcome));
    if (!client) return tl::unexpected(client.error());
    for (Nanoseconds waited{}; waited < time_max && !outcome && !stop; waited += look_at_stop)
        loop.run_until([&] { return outcome.has_value(); }, look_at_stop);
    Result<std::string> answer = fail(Error::Kind::busy, "the mail server did not answer in time");
    if (outcome) answer = std::move(*outcome);
    if (const auto& failure = (*client)->failure(); !answer && failure)
        return fail(Error::Kind::busy, failure->message);
    return answer;
}

}  // namespace

Result<void> check(const MailServer& server) {
    VIGIL_TRY(address, address_of(server.url));
    (void)address;
    return {};
}

Result<std::string> send_mail(const MailServer& server, const std::string& from,
                              const std::string& to, const std::string& message,
                              const std::atomic<bool>& stop) {
    VIGIL_TRY(address, address_of(server.url));
    VIGIL_TRY(tls, TlsClient::make({.ca_pem = server.ca_pem}));
    VIGIL_TRY(found, resolve(address.host, address.port));
    const codec::smtp::Delivery delivery{.client_name = domain_of(from),
                                         .user = server.user,
                                         .password = server.password,
                                         .from = from,
                                         .to = to,
                                         .message = message,
                                         .secure = address.secure,
                                         .tls_required = !is_this_machine(address.host)};
    Result<std::string> answer = fail(Error::Kind::busy, "the mail server has no address");
    for (const auto& endpoint : found) {
        answer = send_to(endpoint, address, delivery, tls, server.time_max, stop);
        if (answer || answer.error().kind != Error::Kind::busy) return answer;
    }
    return answer;
}

}  // namespace vigil::net
