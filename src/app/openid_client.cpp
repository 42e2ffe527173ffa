#include "app/openid_client.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "app/setting_values.hpp"
#include "net/uri.hpp"

namespace vigil::app {
namespace {

constexpr Nanoseconds answer_time_max = std::chrono::seconds(10);

tl::unexpected<Error> wrong(std::string what, std::string setting) {
    return fail(Error::Kind::malformed, std::move(what), std::move(setting));
}

// "icu-nurses=nurse icu-doctors=physician"; what the provider says may hold "=", a role does not.
Result<std::vector<std::pair<std::string, identity::Role>>> roles(const Config& config) {
    std::vector<std::pair<std::string, identity::Role>> roles;
    std::istringstream words(config.openid_roles);
    for (std::string word; words >> word;) {
        const auto equals = word.rfind('=');
        const auto role = equals == std::string::npos
                              ? std::nullopt
                              : identity::role(std::string_view(word).substr(equals + 1));
        if (!role || equals == 0)
            return wrong(fmt::format("\"{}\" should be like icu-nurses=nurse, with one of {}", word,
                                     identity::role_names()),
                         "openid.roles");
        roles.emplace_back(word.substr(0, equals), *role);
    }
    return roles;
}

}  // namespace

Result<share::openid::Settings> openid_settings(const Config& config) {
    const auto url = net::parse_url(config.openid_issuer);
    if (!url || config.openid_issuer.find_first_of("?#@") != std::string::npos)
        return wrong("this should be an address such as https://idp.example", "openid.issuer");
    if (config.openid_client_id.empty())
        return wrong("what does the provider call this server?", "openid.client_id");
    if (config.openid_account_claim.empty())
        return wrong("which claim is the user name?", "openid.account_claim");
    VIGIL_TRY(secret, secret_setting(config.openid_client_secret, config.openid_client_secret_file,
                                     "openid.client_secret"));
    VIGIL_TRY(named, roles(config));
    if (config.openid_role_claim.empty() != named.empty())
        return wrong("openid.role_claim and openid.roles go together",
                     named.empty() ? "openid.roles" : "openid.role_claim");
    return share::openid::Settings{
        .issuer = config.openid_issuer,
        .client_id = config.openid_client_id,
        .client_secret = std::move(secret),
        .name = config.openid_name.empty() ? url->host : config.openid_name,
        .account_claim = config.openid_account_claim,
        .role_claim = config.openid_role_claim,
        .roles = std::move(named),
        .trusts_second_factor = config.openid_second_factor == "trust"};
}

OpenIdClient::OpenIdClient(share::openid::Settings settings, net::Loop& loop,
                           net::HttpClientOptions options)
    : client_{.handshakes = share::openid::Handshakes(identity::system_random()),
              .provider = share::openid::Provider(
                  std::move(settings),
                  [this](share::openid::Provider::Ask ask,
                         share::openid::Provider::Answered answered) {
                      http_.send({.method = std::move(ask.method),
                                  .url = std::move(ask.url),
                                  .headers = std::move(ask.headers),
                                  .body = std::move(ask.body),
                                  .time_max = answer_time_max,
                                  .body_bytes_max = share::openid::document_bytes_max},
                                 std::move(answered));
                  },
                  [&loop] { return loop.now(); })},
      http_(loop, std::move(options)) {}

Result<std::unique_ptr<OpenIdClient>> OpenIdClient::open(
    const Config& config, net::Loop& loop, std::function<void(std::function<void()>)> on_worker) {
    if (config.openid_issuer.empty()) return std::unique_ptr<OpenIdClient>();
    VIGIL_TRY(settings, openid_settings(config));
    VIGIL_TRY(reach, net::Reach::parse(config.outbound_networks));
    net::HttpClientOptions options{.reach = std::move(reach), .on_worker = std::move(on_worker)};
    if (!config.openid_ca.empty()) {
        std::ifstream file(config.openid_ca, std::ios::binary);
        if (!file) return fail(Error::Kind::not_found, "cannot be read", config.openid_ca);
        options.ca_pem = std::string((std::istreambuf_iterator<char>(file)), {});
    }
    return std::unique_ptr<OpenIdClient>(
        new OpenIdClient(std::move(settings), loop, std::move(options)));
}

}  // namespace vigil::app
