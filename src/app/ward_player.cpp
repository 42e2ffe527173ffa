#include "app/ward_player.hpp"

#include <fmt/format.h>

#include "app/operator.hpp"
#include "base/json_writer.hpp"

namespace vigil::app {
namespace {

constexpr Nanoseconds retry = std::chrono::seconds(1);

std::string patient_body(const simulate::WardPatient& patient, const std::string& unit,
                         std::size_t number) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("display_name", patient.given_name + " " + patient.family_name)
        .member("identifier", fmt::format("SIM-{:05}", number))
        .member("sex", patient.sex == 'f' ? "female" : "male")
        .member("unit", unit)
        .member("bed", patient.bed)
        .end_object();
    return body;
}

// The id of the patient just added; a ward that was played before is there already.
Result<std::string> add_patient(const AskServer& ask, const std::string& body) {
    VIGIL_TRY(answer, ask("/api/patients", body));
    JsonDocument document;
    VIGIL_TRY(root, document.parse(answer));
    return std::string(root["id"].string());
}

Result<std::string> add_monitor(const AskServer& ask, const std::string& device) {
    std::string body;
    JsonWriter(body)
        .begin_object()
        .member("id", device)
        .member("display", "Simulated bedside monitor")
        .member("model", "Vigil simulator")
        .end_object();
    VIGIL_TRY(answer, ask("/api/devices", body));
    JsonDocument document;
    VIGIL_TRY(root, document.parse(answer));
    return std::string(root["secret"]["password"].string());
}

const simulate::Scenario* scenario_for(const WardPlayerOptions& options,
                                       const simulate::WardPatient& patient) {
    return simulate::find_scenario(options.scenario.empty() ? patient.scenario : options.scenario);
}

}  // namespace

Result<std::unique_ptr<WardPlayer>> WardPlayer::prepare(
    const WardPlayerOptions& options, const AskServer& ask,
    const std::function<void(std::size_t)>& progress) {
    if (!options.scenario.empty() && simulate::find_scenario(options.scenario) == nullptr)
        return fail(Error::Kind::not_found, "there is no scenario of this name", options.scenario);
    std::unique_ptr<WardPlayer> player(new WardPlayer(options));
    const auto start = net::system_clocks().wall();
    std::size_t number = 0;
    for (const auto& patient : simulate::ward(options.beds, options.seed)) {
        ++number;
        VIGIL_TRY(id, add_patient(ask, patient_body(patient, options.unit, number)));
        VIGIL_TRY(token, add_monitor(ask, patient.device));
        std::string attach;
        JsonWriter(attach).begin_object().member("patient", id).end_object();
        VIGIL_CHECK(ask("/api/devices/" + patient.device + "/attach", attach));
        auto monitor = std::make_unique<Monitor>(
            Monitor{.identity = {patient.device, token},
                    .patient = simulate::VirtualPatient(player->catalogue_, patient.body,
                                                        patient.monitor, patient.seed, start),
                    .speed = options.speed,
                    .began = start,
                    .patient_began = start,
                    .unacknowledged = {},
                    .kept = {}});
        if (const auto* scenario = scenario_for(options, patient)) monitor->patient.play(*scenario);
        player->monitors_.push_back(std::move(monitor));
        progress(number);
    }
    return player;
}

void WardPlayer::run() {
    clients_.resize(monitors_.size());
    for (std::size_t bed = 0; bed < monitors_.size(); ++bed) {
        timers_.push_back(std::make_unique<net::Timer>(loop_, [this, bed] { connect(bed); }));
        // Monitors of a real ward are not in step either.
        timers_.back()->after(
            std::chrono::milliseconds(static_cast<std::int64_t>(bed * 37 % 1000)));
    }
    if (limit_) {
        limit_timer_ = std::make_unique<net::Timer>(loop_, [this] { stop(); });
        limit_timer_->after(*limit_);
    }
    loop_.run();
    clients_.clear();
}

void WardPlayer::stop() {
    loop_.post([this] {
        if (std::exchange(stopping_, true)) return;
        for (auto& client : clients_)
            if (client) client->stop();
        timers_.push_back(std::make_unique<net::Timer>(loop_, [this] { loop_.stop(); }));
        timers_.back()->after(std::chrono::milliseconds(300));
    });
}

void WardPlayer::stop_on_signals() {
    (void)loop_.on_stop_signals([this](int) { stop(); });
}

void WardPlayer::connect(std::size_t bed) {
    if (stopping_) return;
    net::ConnectOptions options;
    options.endpoint = options_.mqtt;
    options.tls = options_.tls;
    options.host = options_.tls_host;
    auto client =
        net::connect(loop_, std::move(options),
                     std::make_unique<MonitorSession>(
                         *monitors_[bed], catalogue_,
                         [this, bed](const std::string& reason) { connect_again(bed, reason); }));
    if (client)
        clients_[bed] = std::move(*client);
    else
        connect_again(bed, client.error().message);
}

void WardPlayer::connect_again(std::size_t bed, const std::string& reason) {
    if (stopping_) return;
    fmt::print(stderr, "vigil: {}: {}; trying again\n", monitors_[bed]->identity.device, reason);
    timers_[bed]->after(retry);
}

WardPlayer::Totals WardPlayer::totals() const {
    Totals totals;
    for (const auto& monitor : monitors_) {
        totals.acknowledged += monitor->acknowledged;
        totals.refused += monitor->refused;
        totals.connected += monitor->up ? 1 : 0;
    }
    return totals;
}

}  // namespace vigil::app
