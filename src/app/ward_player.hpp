#pragma once
// Plays a simulated ward against a server, over real MQTT connections, on a loop of its own.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/monitor_session.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "net/connect.hpp"
#include "net/loop.hpp"
#include "simulate/ward.hpp"

namespace vigil::app {

struct WardPlayerOptions {
    std::size_t beds = 8;
    std::uint64_t seed = 1;
    double speed = 1.0;
    std::string scenario;  // for every bed; empty: each patient's own
    std::string unit = "ICU 1";
    net::Endpoint mqtt;
    std::shared_ptr<net::TlsClient> tls;
    std::string tls_host = "localhost";
};

// Asks a server's API: POST path, body → the answer's body.
using AskServer =
    std::function<Result<std::string>(const std::string& path, const std::string& body)>;

class WardPlayer {
public:
    // Registers each patient and monitor that the server does not know yet, attaches them, and
    // makes a token for each monitor. `progress` is called after each bed.
    static Result<std::unique_ptr<WardPlayer>> prepare(
        const WardPlayerOptions& options, const AskServer& ask,
        const std::function<void(std::size_t)>& progress);

    // Connects and plays until stop(), which any thread may call.
    void run();
    void stop();
    // Calls `after` on the player's thread when so much time has passed.
    void stop_after(Nanoseconds duration) { limit_ = duration; }
    void stop_on_signals();

    struct Totals {
        std::uint64_t acknowledged = 0, refused = 0;
        std::size_t connected = 0;
    };
    Totals totals() const;

private:
    explicit WardPlayer(WardPlayerOptions options) : options_(std::move(options)) {}
    void connect(std::size_t bed);
    void connect_again(std::size_t bed, const std::string& reason);

    WardPlayerOptions options_;
    Catalogue catalogue_;
    net::Loop loop_;
    std::vector<std::unique_ptr<Monitor>> monitors_;
    std::vector<std::unique_ptr<net::Client>> clients_;
    std::vector<std::unique_ptr<net::Timer>> timers_;
    std::optional<Nanoseconds> limit_;
    std::unique_ptr<net::Timer> limit_timer_;
    bool stopping_ = false;
};

}  // namespace vigil::app
