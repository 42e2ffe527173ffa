#pragma once
// Websockets that are told of Subscriptions: "bind [id]" of R4 (3.1.7, websocket), answered "bound
// [id]" and then "ping [id]" for each event; "bind-with-token [token]" or the same as JSON
// ({"type": "bind-with-token", "payload": {"token": …}}) of Subscriptions R5 Backport, told by
// notification Bundles. On the loop's thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "session/http.hpp"

namespace vigil::app {

class SubscriptionSockets {
public:
    struct Parts {
        // What to bind to, for a token; an error says why not.
        std::function<Result<std::vector<std::string>>(std::string_view token)> redeem;
        // What a socket is told when it binds to one; back on the loop.
        std::function<void(std::string id, std::function<void(Result<std::string>)>)> greeting;
    };
    explicit SubscriptionSockets(Parts parts) : parts_(std::move(parts)) {}
    SubscriptionSockets(const SubscriptionSockets&) = delete;
    SubscriptionSockets& operator=(const SubscriptionSockets&) = delete;
    ~SubscriptionSockets();

    // `may_bind`: puts on record that whoever opened it binds to a Subscription, if they may; none:
    // with tokens only.
    using MayBind = std::function<Result<void>(std::string_view id)>;
    std::unique_ptr<session::MessageSession> open(MayBind may_bind);
    bool full() const { return sessions_.size() >= sockets_max; }
    void tell(std::string_view id, const std::string& text);

    static constexpr std::size_t sockets_max = 10'000, bindings_max = 100;
    static constexpr std::size_t message_bytes_max = 4096;
    static constexpr std::size_t untaken_bytes_max = std::size_t{4} << 20;

private:
    class Session;
    friend class Session;
    Parts parts_;
    std::set<Session*> sessions_;
    std::map<std::string, std::set<Session*>, std::less<>> bound_;
};

}  // namespace vigil::app
