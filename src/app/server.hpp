#pragma once
// The server, wired: stores, registry, broker, intake, live stream and API on one loop
// (docs/decisions/0003-one-loop.md).

#include <memory>
#include <optional>
#include <string>

#include "app/config.hpp"
#include "base/result.hpp"
#include "session/http.hpp"

namespace vigil::app {

struct Addresses {
    std::string http, https, mqtt, mqtts;  // as bound; empty: off
};

class Server {
public:
    // Opens the data folder and brings memory up to the log. `admin_password` is used on an empty
    // folder; empty: one is made.
    // With `stop_on_signals`, SIGTERM and SIGINT end run() after what is in flight is finished.
    static Result<std::unique_ptr<Server>> open(const Config& config, std::string admin_password,
                                                bool stop_on_signals);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // The password made for the first administrator: to be shown once. Empty: none was made.
    const std::string& made_password() const;

    Result<Addresses> listen();
    void run();     // until a signal or stop(), then finish()
    void stop();    // on the loop's thread
    void finish();  // what is in flight is committed and acknowledged, memory goes to disk

    // One request by the operator at the machine, on a server that does not listen: the command
    // line on an idle data folder.
    session::HttpResponse ask(session::HttpRequest request);

private:
    class Core;
    explicit Server(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace vigil::app
