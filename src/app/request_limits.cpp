#include "app/request_limits.hpp"

#include "app/fhir_door.hpp"
#include "fhir/rest/exchange.hpp"
#include "identity/sign_in_guard.hpp"
#include "share/answer.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view message = "too many requests: come back after Retry-After";

bool is_this_machine(std::string_view network) {
    static const auto ipv6_loopback = identity::network_of("[::1]:1");
    return network.starts_with("127.") || network == ipv6_loopback;
}

}  // namespace

RequestLimits::RequestLimits(const Config& config, const identity::RandomSource& random)
    : quota_({.requests_per_second = static_cast<double>(config.http_requests_per_second),
              .burst = static_cast<double>(config.http_burst)},
             random) {}

Nanoseconds RequestLimits::wait(std::string_view credential, std::string_view address,
                                Nanoseconds now) {
    // A credential is longer than any address: neither is taken for the other.
    if (!credential.empty())
        if (const auto wait = quota_.take(credential, now); wait > Nanoseconds(0)) return wait;
    const auto network = identity::network_of(address);
    return is_this_machine(network) ? Nanoseconds(0) : quota_.take(network, now);
}

session::HttpResponse RequestLimits::refusal(const session::HttpRequest& request,
                                             Nanoseconds wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    if (!FhirDoor::owns(request.path))
        return share::try_later(429, message, static_cast<int>(seconds));
    const fhir::Problem problem{
        429, {{fhir::Severity::error, "throttled", std::string(message), std::string()}}};
    auto response = fhir::http_response(fhir::response_of(problem), {}, {});
    response.headers.emplace_back("retry-after", std::to_string(seconds));
    return response;
}

}  // namespace vigil::app
