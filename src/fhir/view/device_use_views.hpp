#pragma once
// On whom each registered device was, and when, as DeviceUseStatement resources (FHIR R4, 5.1):
// views of the associations that stand, one for each stay of a device on a patient.

#include <memory>
#include <mutex>
#include <vector>

#include "fhir/view/device_views.hpp"

namespace vigil::fhir {

// Of the extension that says by what a device was put on a patient: a valueCode, "scan", "manual",
// "bed" or "account" (docs/architecture.md, Words: the ranks of an association).
constexpr std::string_view association_rank_url = "urn:vigil:association-rank";

// From any thread. Of all stays there ever were: made once somebody asks for them, and then again
// when there are others.
class DeviceUseViews {
public:
    void set_devices(std::vector<DeviceFacts> devices);
    // Stays on patients who have no Patient resource are left out.
    std::shared_ptr<const RegistryTable> table(const PatientNumbers& patients,
                                               const ExtractionContext& context) const;

private:
    mutable std::mutex mutex_;
    std::vector<DeviceFacts> devices_;
    mutable std::shared_ptr<const RegistryTable> table_;
};

// As it is read: with the status of the moment, which is no new version: "intended" before its
// timing, "active" in it, then "completed".
store::Record device_use_record(const RegistryView& view, Timestamp now);

}  // namespace vigil::fhir
