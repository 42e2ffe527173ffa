#include "share/api/session_cookie.hpp"

#include <fmt/format.h>

namespace vigil::share {
namespace {

bool is_secure(const ApiContext& api, const session::HttpRequest& request) {
    return request.peer.tls || api.https_in_front;
}

struct Cookie {
    std::string_view secure_name, plain_name, same_site;
    std::string_view name(bool secure) const { return secure ? secure_name : plain_name; }
};
constexpr Cookie sign_in_cookie{"__Host-vigil_session", "vigil_session", "Strict"};
constexpr Cookie handshake_cookie{"__Host-vigil_provider", "vigil_provider", "Lax"};

std::string written(const Cookie& cookie, bool secure, std::string_view secret,
                    std::string_view more) {
    return fmt::format("{}={}; HttpOnly; SameSite={}; Path=/{}{}", cookie.name(secure), secret,
                       cookie.same_site, secure ? "; Secure" : "", more);
}

}  // namespace

std::optional<std::string_view> session_cookie(const ApiContext& api,
                                               const session::HttpRequest& request) {
    return request.cookie(sign_in_cookie.name(is_secure(api, request)));
}

std::string set_session_cookie(const ApiContext& api, const session::HttpRequest& request,
                               std::string_view secret) {
    return written(sign_in_cookie, is_secure(api, request), secret, "");
}

std::string end_session_cookie(const ApiContext& api, const session::HttpRequest& request) {
    return written(sign_in_cookie, is_secure(api, request), "", "; Max-Age=0");
}

std::optional<std::string_view> provider_cookie(const ApiContext& api,
                                                const session::HttpRequest& request) {
    return request.cookie(handshake_cookie.name(is_secure(api, request)));
}

std::string set_provider_cookie(const ApiContext& api, const session::HttpRequest& request,
                                std::string_view value) {
    return written(handshake_cookie, is_secure(api, request), value, "; Max-Age=600");
}

std::string end_provider_cookie(const ApiContext& api, const session::HttpRequest& request) {
    return written(handshake_cookie, is_secure(api, request), "", "; Max-Age=0");
}

}  // namespace vigil::share
