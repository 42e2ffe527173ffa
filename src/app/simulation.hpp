#pragma once
// Plays simulated wards, recordings and homes against a server, over real MQTT connections, on a
// loop of its own.

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/simulated_device.hpp"
#include "app/workers.hpp"
#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "net/connect.hpp"
#include "net/loop.hpp"

namespace vigil::app {

struct SimulationOptions {
    std::size_t beds = 8, homes = 0;
    std::vector<std::string> records;  // WFDB records: a path without ".hea"
    std::uint64_t seed = 1;
    std::string scenario;       // for everyone; empty: each patient's own
    std::string scenario_file;  // with scenarios of the site's own
    std::string unit = "ICU 1";
    std::optional<Timestamp> since;  // its time begins then; none: now
    std::optional<Nanoseconds> duration;
    double speed = 1;  // 0: as fast as the server takes it
    net::Endpoint mqtt;
    std::shared_ptr<net::TlsClient> tls;
    std::string tls_host = "localhost";
    std::string authority_pem;  // of who vouches for the server; empty: the system's
    bool certificates = false;  // devices enrol by one-time codes and renew; over TLS
    std::string log_file;       // each message that is sent, a line of JSON
};

// Asks a server's API: method, path and body → the answer's body.
using AskServer = std::function<Result<std::string>(
    const std::string& method, const std::string& path, const std::string& body)>;

class Simulation {
public:
    // Registers each patient and device that the server does not know yet, attaches them, and makes
    // a token for each device that connects. `progress` is called with how many are ready, of all.
    static Result<std::unique_ptr<Simulation>> prepare(
        const SimulationOptions& options, const AskServer& ask,
        const std::function<void(std::size_t, std::size_t)>& progress);

    // Connects and plays until everything is played, or stop(), which any thread may call.
    void run();
    void stop();
    void stop_on_signals();

    struct Totals {
        std::uint64_t acknowledged = 0, refused = 0, dropped = 0;
    };
    Totals totals() const;

private:
    explicit Simulation(SimulationOptions options) : options_(std::move(options)) {}
    void connect(std::size_t number);
    void ended(std::size_t number, const std::string& reason);
    void wait_for_link(std::size_t number);
    Result<std::shared_ptr<net::TlsClient>> tls_of(const SimulatedDevice& device) const;
    void await_renewal(std::size_t number);
    void renew(std::size_t number);
    void renewed(std::size_t number, Result<EnrolledIdentity> identity);
    void write_log(const simulate::Publication& message);

    SimulationOptions options_;
    Catalogue catalogue_;
    net::Loop loop_;
    std::vector<std::unique_ptr<SimulatedDevice>> devices_;
    std::vector<std::unique_ptr<net::Client>> clients_;
    std::vector<std::unique_ptr<net::Timer>> timers_, renewals_;
    std::unique_ptr<Workers> workers_;  // ends before the loop: it calls it
    std::size_t playing_ = 0;
    std::ofstream log_;
    bool stopping_ = false;
};

}  // namespace vigil::app
