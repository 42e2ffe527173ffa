#include "share/api/session_cookie.hpp"

#include <fmt/format.h>

namespace vigil::share {
namespace {

bool is_secure(const ApiContext& api, const session::HttpRequest& request) {
    return request.peer.tls || api.https_in_front;
}

std::string_view name(bool secure) {
    return secure ? "__Host-vigil_session" : "vigil_session";
}

std::string written(bool secure, std::string_view secret, std::string_view more) {
    return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}{}", name(secure), secret,
                       secure ? "; Secure" : "", more);
}

}  // namespace

std::optional<std::string_view> session_cookie(const ApiContext& api,
                                               const session::HttpRequest& request) {
    return request.cookie(name(is_secure(api, request)));
}

std::string set_session_cookie(const ApiContext& api, const session::HttpRequest& request,
                               std::string_view secret) {
    return written(is_secure(api, request), secret, "");
}

std::string end_session_cookie(const ApiContext& api, const session::HttpRequest& request) {
    return written(is_secure(api, request), "", "; Max-Age=0");
}

}  // namespace vigil::share
