#pragma once
// What the authorisation server for apps works with, beside the API's context. Of the loop's
// thread.

#include <functional>
#include <string>

#include "identity/access_tokens.hpp"
#include "identity/authorizations.hpp"
#include "identity/jose/signing_keys.hpp"
#include "identity/request_quota.hpp"
#include "identity/rights.hpp"
#include "share/oauth/client_keys.hpp"

namespace vigil::share {

struct AppState {
    explicit AppState(const identity::RandomSource& random)
        : authorizations(random),
          failures({.requests_per_second = 1, .burst = 60, .buckets = 4'096}, random) {}

    identity::AccessTokens tokens{};
    identity::Authorizations authorizations;
    ClientKeys client_keys{};
    identity::RequestQuota failures;        // that go on record, of one network
    identity::jose::SigningKeys signing{};  // of ID tokens
    identity::ScopeSearch search{};
    std::string issuer{};     // "https://vigil.example:8443": where clients know this server to be
    std::string fhir_base{};  // "https://vigil.example:8443/fhir"
    // GET of an address that an app's registration names; blocks: on a worker.
    std::function<Result<std::string>(const std::string& url)> fetch{};

    std::string address(std::string_view path) const { return issuer + std::string(path); }
    void sweep(Timestamp now) {
        tokens.sweep(now);
        authorizations.sweep(now);
        client_keys.sweep(now);
    }
};

}  // namespace vigil::share
