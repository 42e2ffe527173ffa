#pragma once
// A simulated device's way to its certificate: EST (RFC 7030) on the port of MQTT over TLS.

#include <string>

#include "app/simulation.hpp"

namespace vigil::app {

struct EstServer {
    std::string url;            // "https://vigil.example:8883"
    std::string authority_pem;  // who vouches for it; empty: the system's
};
EstServer est_server(const SimulationOptions& options);

// Both block, and make a new key each time.
Result<EnrolledIdentity> enrol_over_est(const EstServer& server, const std::string& device,
                                        const std::string& code);
Result<EnrolledIdentity> renew_over_est(const EstServer& server, const std::string& device,
                                        const EnrolledIdentity& has);

}  // namespace vigil::app
