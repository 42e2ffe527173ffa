#pragma once
// The registered devices as Device resources: views of the registry, which knows who wears what.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/patients.hpp"
#include "fhir/search/index_rows.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct DeviceFacts {
    DeviceId id;
    std::string external_id;  // its name in topics: the identifier
    std::string display, model, kind;
    DeviceId gateway;   // 0: it speaks for itself
    PatientId patient;  // who wears it now; 0: nobody
    Timestamp changed;
};

struct DeviceView {
    store::Record record;
    std::vector<store::IndexRow> rows;
};

// A table of all of them, of one moment.
class DeviceTable {
public:
    DeviceTable(std::vector<DeviceFacts> devices, const PatientNumbers& patients,
                const ExtractionContext& context);
    const std::vector<DeviceView>& all() const { return views_; }  // by device number
    const DeviceView* find(std::string_view id) const;

private:
    std::vector<DeviceView> views_;
};

// The table as it is now; from any thread.
class DeviceViews {
public:
    void set(std::shared_ptr<const DeviceTable> table) {
        const std::lock_guard lock(mutex_);
        table_ = std::move(table);
    }
    std::shared_ptr<const DeviceTable> table() const {
        const std::lock_guard lock(mutex_);
        return table_;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const DeviceTable> table_;
};

}  // namespace vigil::fhir
