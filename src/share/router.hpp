#pragma once
// Which handler answers which method and path. Patterns are literal segments and {names}:
// "/api/devices/{id}/attach".

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "session/http.hpp"

namespace vigil::share {

struct RouteMatch {
    std::size_t handler = 0;                 // as numbered by add()
    std::vector<std::string_view> captured;  // the {names}' segments, in order; views of the path
};

class Router {
public:
    // Returns the handler's number, counted from 0.
    std::size_t add(std::string_view method, std::string_view pattern);

    // HEAD is answered by GET's handler. An error is `not_found`, or `unsupported` where the path
    // has other methods (405; the message lists them).
    Result<RouteMatch> match(std::string_view method, std::string_view path) const;

private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;  // a name in braces captures
    };
    std::vector<Route> routes_;
};

}  // namespace vigil::share
