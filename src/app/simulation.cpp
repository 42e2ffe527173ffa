#include "app/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/est_client.hpp"
#include "app/simulated_registration.hpp"
#include "app/simulated_session.hpp"
#include "base/json_writer.hpp"
#include "share/api/base64.hpp"

namespace vigil::app {
namespace {

constexpr Nanoseconds retry = std::chrono::seconds(1);
constexpr Nanoseconds step = std::chrono::milliseconds(200);
constexpr Nanoseconds renew_again_after = std::chrono::seconds(10);

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::prepare(
    const SimulationOptions& options, const AskServer& ask,
    const std::function<void(std::size_t, std::size_t)>& progress) {
    std::unique_ptr<Simulation> simulation(new Simulation(options));
    if (!options.log_file.empty()) {
        simulation->log_.open(options.log_file, std::ios::trunc);
        if (!simulation->log_)
            return fail(Error::Kind::not_found, "cannot be written", options.log_file);
    }
    VIGIL_TRY(devices, register_devices(options, simulation->catalogue_,
                                        net::system_clocks().wall(), ask, progress));
    simulation->devices_ = std::move(devices);
    return simulation;
}

void Simulation::run() {
    playing_ = devices_.size();
    clients_.resize(devices_.size());
    for (std::size_t number = 0; number < devices_.size(); ++number) {
        timers_.push_back(std::make_unique<net::Timer>(loop_, [this, number] { connect(number); }));
        // The devices of a real ward are not in step either.
        timers_.back()->after(
            std::chrono::milliseconds(static_cast<std::int64_t>(number * 37 % 1000)));
    }
    if (options_.certificates) {
        workers_ = std::make_unique<Workers>(1);
        renewals_.resize(devices_.size());
        for (std::size_t number = 0; number < devices_.size(); ++number) await_renewal(number);
    }
    if (playing_ > 0) loop_.run();
    workers_.reset();
    clients_.clear();
}

void Simulation::stop() {
    loop_.post([this] {
        if (std::exchange(stopping_, true)) return;
        for (auto& client : clients_)
            if (client) client->stop();
        timers_.push_back(std::make_unique<net::Timer>(loop_, [this] { loop_.stop(); }));
        timers_.back()->after(std::chrono::milliseconds(300));
    });
}

void Simulation::stop_on_signals() {
    (void)loop_.on_stop_signals([this](int) { stop(); });
}

void Simulation::connect(std::size_t number) {
    if (stopping_) return;
    net::ConnectOptions options;
    options.endpoint = options_.mqtt;
    const auto tls = tls_of(*devices_[number]);
    if (!tls) return ended(number, tls.error().message);
    options.tls = *tls;
    options.host = options_.tls_host;
    SimulatedSession::Owner owner{
        .ended = [this, number](const std::string& reason) { ended(number, reason); },
        .sent = [this](const simulate::Publication& message) { write_log(message); }};
    auto client =
        net::connect(loop_, std::move(options),
                     std::make_unique<SimulatedSession>(*devices_[number], std::move(owner)));
    if (client)
        clients_[number] = std::move(*client);
    else
        ended(number, client.error().message);
}

void Simulation::ended(std::size_t number, const std::string& reason) {
    if (stopping_) return;
    auto& device = *devices_[number];
    if (device.finished()) {
        if (--playing_ == 0) stop();
        return;
    }
    const auto* failure = clients_[number] && clients_[number]->failure()
                              ? &clients_[number]->failure()->message
                              : nullptr;
    const bool lost = !device.link_up();
    fmt::print(stderr, "vigil: {}: {}{}\n", device.id(), failure != nullptr ? *failure : reason,
               lost ? "" : "; trying again");
    timers_[number] = std::make_unique<net::Timer>(
        loop_, [this, number, lost] { lost ? wait_for_link(number) : connect(number); });
    timers_[number]->after(lost ? step : retry);
}

// While its network is away a device goes on measuring.
void Simulation::wait_for_link(std::size_t number) {
    auto& device = *devices_[number];
    device.play(net::system_clocks().wall(), false);
    if (device.link_up()) return connect(number);
    timers_[number]->after(step);
}

Result<std::shared_ptr<net::TlsClient>> Simulation::tls_of(const SimulatedDevice& device) const {
    if (!device.enrolled()) return options_.tls;
    return net::TlsClient::make({.ca_pem = options_.authority_pem,
                                 .certificate_pem = device.enrolled()->certificate_pem,
                                 .key_pem = device.enrolled()->key_pem,
                                 .application_protocols = {"mqtt"}});
}

void Simulation::await_renewal(std::size_t number) {
    if (!devices_[number]->enrolled()) return;
    const auto left = devices_[number]->enrolled()->renew_at - net::system_clocks().wall();
    renewals_[number] = std::make_unique<net::Timer>(loop_, [this, number] { renew(number); });
    renewals_[number]->after(std::max(left, Nanoseconds(0)));
}

void Simulation::renew(std::size_t number) {
    if (stopping_) return;
    workers_->post([this, number, id = devices_[number]->id(), has = *devices_[number]->enrolled(),
                    est = est_server(options_)] {
        auto identity = renew_over_est(est, id, has);
        loop_.post([this, number, identity = std::move(identity)] { renewed(number, identity); });
    });
}

void Simulation::renewed(std::size_t number, Result<EnrolledIdentity> identity) {
    if (stopping_) return;
    auto& device = *devices_[number];
    if (!identity) {
        fmt::print(stderr, "vigil: {}: its certificate was not renewed: {}\n", device.id(),
                   identity.error().message);
        renewals_[number]->after(renew_again_after);
        return;
    }
    device.enrol(std::move(*identity));
    fmt::print(stderr, "vigil: {}: has renewed its certificate\n", device.id());
    await_renewal(number);
    // Connects again with the new one, which shows that it has it.
    if (clients_[number] && !clients_[number]->ended()) clients_[number]->stop();
}

void Simulation::write_log(const simulate::Publication& message) {
    if (!log_.is_open()) return;
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("time", message.time).member("topic", message.topic);
    json.member("base64", share::base64(message.payload)).end_object();
    log_ << line << '\n';
}

Simulation::Totals Simulation::totals() const {
    Totals totals;
    for (const auto& device : devices_) {
        totals.acknowledged += device->acknowledged;
        totals.refused += device->refused;
        totals.dropped += device->dropped;
    }
    return totals;
}

}  // namespace vigil::app
