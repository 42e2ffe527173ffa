#pragma once
// Keeps what FHIR shows of the registered devices as the registry has it: told anew before a
// request is answered, where something may have changed.

#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/registry.hpp"

namespace vigil::fhir {
class Server;
}

namespace vigil::app {

// On the loop's thread.
class FhirDevices {
public:
    // Both outlive it.
    FhirDevices(const identity::Registry& registry, fhir::Server& server)
        : registry_(registry), server_(server) {}

    // An act about devices, or on whom they are, was applied.
    void changed() { is_told_ = false; }
    void keep_up(Timestamp now);

private:
    bool is_stale(Timestamp now) const;
    void tell(Timestamp now);

    const identity::Registry& registry_;
    fhir::Server& server_;
    bool is_told_ = false;
    Timestamp told_until_ = identity::end_of_time;  // a stay begins or ends
    std::vector<PatientId>
        without_record_;  // who wore one, and had no Patient yet when it was told
};

}  // namespace vigil::app
