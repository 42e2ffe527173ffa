#pragma once
// How much one identity, and one address, may ask over HTTP: looked at before anything else is done
// for a request. An identity is the credential that is shown, good or not (each token, each
// sign-in); an address is an IPv4 address or an IPv6 /64. This machine's own address has no bound:
// a proxy on it speaks for everybody, and whoever is on it needs no network to keep it busy.

#include <string_view>

#include "app/config.hpp"
#include "identity/request_quota.hpp"
#include "session/http.hpp"

namespace vigil::app {

class RequestLimits {
public:
    RequestLimits(const Config& config, const identity::RandomSource& random);

    // Zero: go on. `credential` is what the request shows (empty: none), `address` whom it came
    // from; `now` is of the steady clock.
    Nanoseconds wait(std::string_view credential, std::string_view address, Nanoseconds now);
    // 429 with Retry-After (RFC 6585 4), in the form of the address that was asked.
    static session::HttpResponse refusal(const session::HttpRequest& request, Nanoseconds wait);

    std::uint64_t refused() const { return quota_.refused(); }

private:
    identity::RequestQuota quota_;
};

}  // namespace vigil::app
