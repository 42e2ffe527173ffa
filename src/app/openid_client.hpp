#pragma once
// The hospital's provider of OpenID Connect, as the configuration names it, asked over the loop's
// HTTP client.

#include <functional>
#include <memory>

#include "app/config.hpp"
#include "base/result.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "share/openid/client.hpp"

namespace vigil::app {

// What of it `config` says; errors name the setting. Reads the file of the secret.
Result<share::openid::Settings> openid_settings(const Config& config);

class OpenIdClient {
public:
    // Nothing: no provider is configured. `on_worker` looks host names up.
    static Result<std::unique_ptr<OpenIdClient>> open(
        const Config& config, net::Loop& loop,
        std::function<void(std::function<void()>)> on_worker);

    share::openid::Client& client() { return client_; }

private:
    OpenIdClient(share::openid::Settings settings, net::Loop& loop, net::HttpClientOptions options);

    share::openid::Client client_;
    net::HttpClient http_;  // its answers go to the client: ends before it
};

}  // namespace vigil::app
