#include "app/est_client.hpp"

#include <fmt/format.h>

#include "identity/device_key.hpp"
#include "identity/est_messages.hpp"
#include "net/http_fetch.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;

Error refused(const session::HttpResponse& response) {
    auto words = response.body;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    return {Error::Kind::forbidden, fmt::format("{} ({})", words, response.status), {}};
}

Result<EnrolledIdentity> ask(net::FetchRequest request, const std::string& device) {
    VIGIL_TRY(key, identity::new_device_key(device));
    request.method = "POST";
    request.headers.emplace_back("content-type", "application/pkcs10");
    request.body = identity::to_est_body(key.request_der);
    request.tls.application_protocols = {"http/1.1"};
    request.body_bytes_max = answer_bytes_max;
    VIGIL_TRY(response, net::http_fetch(request));
    if (response.status != 200) return tl::unexpected(refused(response));
    VIGIL_TRY(der, identity::from_est_body(response.body));
    VIGIL_TRY(received, identity::received_certificate(der));
    // After two thirds of its time: there is time left to try again.
    const auto now = net::system_clocks().wall();
    return EnrolledIdentity{.certificate_pem = std::move(received.pem),
                            .key_pem = std::move(key.private_key_pem),
                            .renew_at = now + (received.not_after - now) * 2 / 3};
}

}  // namespace

EstServer est_server(const SimulationOptions& options) {
    auto host = options.tls_host;
    if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
    return {.url = fmt::format("https://{}:{}", host, options.mqtt.port()),
            .authority_pem = options.authority_pem};
}

Result<EnrolledIdentity> enrol_over_est(const EstServer& server, const std::string& device,
                                        const std::string& code) {
    net::FetchRequest request;
    request.url = server.url + "/.well-known/est/simpleenroll";
    const auto credential = identity::to_est_body(device + ":" + code);
    request.headers.emplace_back("authorization", "Basic " + credential);
    request.tls.ca_pem = server.authority_pem;
    return ask(std::move(request), device);
}

Result<EnrolledIdentity> renew_over_est(const EstServer& server, const std::string& device,
                                        const EnrolledIdentity& has) {
    net::FetchRequest request;
    request.url = server.url + "/.well-known/est/simplereenroll";
    request.tls.ca_pem = server.authority_pem;
    request.tls.certificate_pem = has.certificate_pem;
    request.tls.key_pem = has.key_pem;
    return ask(std::move(request), device);
}

}  // namespace vigil::app
