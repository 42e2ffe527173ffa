#pragma once
// The cookie of a sign-in (RFC 6265bis). Where the browser came by HTTPS it is Secure and its name
// begins with __Host-: no other host of the domain, and no plain page, can have set it.

#include <optional>
#include <string>
#include <string_view>

#include "share/api/context.hpp"

namespace vigil::share {

std::optional<std::string_view> session_cookie(const ApiContext& api,
                                               const session::HttpRequest& request);

// Values of Set-Cookie.
std::string set_session_cookie(const ApiContext& api, const session::HttpRequest& request,
                               std::string_view secret);
std::string end_session_cookie(const ApiContext& api, const session::HttpRequest& request);

// The cookie of a sign-in through a provider, of ten minutes: between this server and the provider
// the handshake (share/openid/handshake.hpp), after it the ticket of the second step. SameSite is
// Lax: the browser comes back from another site.
std::optional<std::string_view> provider_cookie(const ApiContext& api,
                                                const session::HttpRequest& request);
std::string set_provider_cookie(const ApiContext& api, const session::HttpRequest& request,
                                std::string_view value);
std::string end_provider_cookie(const ApiContext& api, const session::HttpRequest& request);

}  // namespace vigil::share
