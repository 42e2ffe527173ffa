#include "app/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/simulated_registration.hpp"
#include "app/simulated_session.hpp"
#include "base/json_writer.hpp"
#include "share/api/base64.hpp"

namespace vigil::app {
namespace {

constexpr Nanoseconds retry = std::chrono::seconds(1);
constexpr Nanoseconds step = std::chrono::milliseconds(200);

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
    if (playing_ > 0) loop_.run();
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
    options.tls = options_.tls;
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
