#pragma once
// One HTTP/1.1 request and its answer, blocking: for the command line. Never on a loop's thread.

#include <optional>
#include <string>

#include "net/reach.hpp"
#include "net/tls.hpp"
#include "net/uri.hpp"
#include "session/http.hpp"

namespace vigil::net {

struct FetchRequest {
    std::string method = "GET";
    std::string url;  // http:// or https://
    session::HttpHeaders headers = {};
    std::string body = {};
    TlsClientMaterial tls = {};
    std::optional<Reach> reach = {};  // where the host's name may lead; none: anywhere
    Nanoseconds time_max = std::chrono::seconds(30);
    std::size_t body_bytes_max = 256 * 1024 * 1024;
};

// The answer whatever its status; an error is that there was none: `busy` if the server cannot be
// reached, `forbidden` if it is not the one it should be.
Result<session::HttpResponse> http_fetch(const FetchRequest& request);

// What can be sent: a method and header fields without what would end them.
Result<void> check(const FetchRequest& request);
// The request's bytes; `kept`: the connection is to stay open after it.
std::string written(const FetchRequest& request, const Url& url, bool kept);

}  // namespace vigil::net
