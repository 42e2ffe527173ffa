#pragma once
// The port of MQTT over TLS, where devices show their certificates, as HTTP sees it: enrolment and
// renewal (EST), and nothing else. A client says by ALPN (RFC 7301) that it speaks HTTP here; pages
// and the API have a port where no browser is asked for a certificate
// (docs/decisions/0038-enrolment-over-est.md).

#include <functional>
#include <utility>

#include "session/http.hpp"

namespace vigil::app {

class DevicePort final : public session::HttpHandler {
public:
    using Answer = std::function<void(session::HttpRequest, session::HttpRespond)>;
    explicit DevicePort(Answer answer) : answer_(std::move(answer)) {}

    static constexpr std::size_t body_bytes_max = 64 * 1024;

    void handle(session::HttpRequest request, session::HttpRespond respond) override {
        answer_(std::move(request), std::move(respond));
    }
    session::Upgrade upgrade(const session::HttpRequest&) override {
        session::Upgrade refused;
        refused.refusal = session::HttpResponse{.status = 404};
        return refused;
    }

private:
    Answer answer_;
};

}  // namespace vigil::app
