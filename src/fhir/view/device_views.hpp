#pragma once
// The registered devices as Device resources: views of the registry, which knows who wears what.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/patients.hpp"
#include "fhir/view/registry_table.hpp"
#include "identity/associations.hpp"

namespace vigil::fhir {

// Of the identifier that is a device's name in topics.
constexpr std::string_view device_system = "urn:vigil:device";

struct DeviceFacts {
    DeviceId id;
    std::string external_id;  // its name in topics: the identifier
    std::string display, model, kind;
    DeviceId gateway;   // 0: it speaks for itself
    PatientId patient;  // who wears it now; 0: nobody
    Timestamp changed;
    std::vector<identity::Association> stays{};  // on whom it was, in order of time
};

RegistryTable device_table(std::vector<DeviceFacts> devices, const PatientNumbers& patients,
                           const ExtractionContext& context);

// The table as it is now; from any thread.
class DeviceViews {
public:
    void set(std::shared_ptr<const RegistryTable> table) {
        const std::lock_guard lock(mutex_);
        table_ = std::move(table);
    }
    std::shared_ptr<const RegistryTable> table() const {
        const std::lock_guard lock(mutex_);
        return table_;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const RegistryTable> table_;
};

}  // namespace vigil::fhir
