#pragma once
// The addresses for programs at the authorisation server: no cookie is looked at, so any page may
// ask them (docs/reference/oauth.md).

#include "share/api/api.hpp"
#include "share/router.hpp"

namespace vigil::share {

class OAuthDoor {
public:
    // Both outlive it.
    OAuthDoor(ApiContext& context, Api& api);

    static bool owns(std::string_view path);
    void handle(session::HttpRequest request, session::HttpRespond respond);

private:
    using Handler = void (*)(ApiContext&, const ApiCallPtr&);
    void add(std::string_view method, std::string_view path, Handler handler);

    ApiContext& context_;
    Api& api_;
    Router router_;
    std::vector<Handler> handlers_;
};

}  // namespace vigil::share
