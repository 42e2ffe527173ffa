#pragma once
// Makes a simulation's patients and devices known to a server, over its API.

#include "app/simulation.hpp"

namespace vigil::app {

// Everyone that `options` asks for, attached and with credentials, ready to play from `now`.
Result<std::vector<std::unique_ptr<SimulatedDevice>>> register_devices(
    const SimulationOptions& options, const Catalogue& catalogue, Timestamp now,
    const AskServer& ask, const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace vigil::app
