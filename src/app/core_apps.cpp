// The authorisation server for apps: what it is made of, and its keys.
#include <fmt/format.h>

#include "app/core.hpp"
#include "app/read_file.hpp"
#include "fhir/search/request.hpp"
#include "net/http_fetch.hpp"

namespace vigil::app {
namespace {

constexpr auto fetch_time_max = std::chrono::seconds(10);

// The public keys of an app, from where its registration says.
Result<std::string> fetch_keys(const std::string& url, const net::Reach& reach,
                               const std::string& ca_pem) {
    net::FetchRequest request{.url = url, .tls = {.ca_pem = ca_pem}};
    request.headers = {{"accept", "application/json"}};
    request.reach = reach;
    request.time_max = fetch_time_max;
    request.body_bytes_max = share::ClientKeys::fetched_bytes_max;
    VIGIL_TRY(response, net::http_fetch(request));
    if (response.status != 200)
        return fail(Error::Kind::busy, "the address of an app's keys does not answer with them");
    return std::move(response.body);
}

}  // namespace

void Server::Core::make_apps() {
    apps_ = std::make_unique<share::AppState>(identity::system_random());
    apps_->search = [this](std::string_view type, std::string_view query) {
        return fhir_ ? fhir_->scope_condition(type, query)
                     : fail(Error::Kind::unsupported, "there is no record here");
    };
}

Result<void> Server::Core::open_apps(const std::string& base) {
    apps_->issuer = base;
    apps_->fhir_base = base + std::string(FhirDoor::path);
    VIGIL_TRY(reach, net::Reach::parse(config_.outbound_networks));
    std::string ca_pem;
    if (!config_.apps_ca.empty()) {
        VIGIL_TRY(pem, read_file(config_.apps_ca));
        ca_pem = std::move(pem);
    }
    apps_->fetch = [reach = std::move(reach), ca_pem = std::move(ca_pem)](const std::string& url) {
        return fetch_keys(url, reach, ca_pem);
    };
    VIGIL_TRY(keys, folder_->keys().signing_keys(loop_.now()));
    apps_->signing = std::move(keys);
    return {};
}

void Server::Core::renew_signing_keys(Timestamp now) {
    if (renewing_keys_ || !apps_->signing.are_due(now)) return;
    renewing_keys_ = true;
    workers_->post([this, now] {
        auto keys = folder_->keys().signing_keys(now);
        loop_.post([this, keys = std::move(keys)]() mutable {
            renewing_keys_ = false;
            if (keys)
                apps_->signing = std::move(*keys);
            else
                fmt::print(stderr, "vigil: {}\n", keys.error().message);
        });
    });
}

}  // namespace vigil::app
