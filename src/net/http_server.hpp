#pragma once
// An HTTP/1.1 and WebSocket server on a listener.

#include <memory>
#include <utility>

#include "net/http_session.hpp"
#include "net/listener.hpp"

namespace vigil::net {

// The handler is called on the loop's thread and outlives the listener.
inline Result<std::unique_ptr<Listener>> listen_http(Loop& loop, ListenOptions options,
                                                     HttpOptions http,
                                                     session::HttpHandler& handler) {
    auto server = std::make_shared<HttpServer>(HttpServer{std::move(http), handler, loop.poster()});
    return listen(loop, std::move(options), [server = std::move(server)](session::Peer peer) {
        return std::make_unique<HttpSession>(server, std::move(peer));
    });
}

}  // namespace vigil::net
