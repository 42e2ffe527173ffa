// The views beside the record, as requests see them.
#include "fhir/rest/server.hpp"
#include "fhir/rest/writing.hpp"

namespace vigil::fhir {

void Server::set_devices(std::vector<DeviceFacts> devices) {
    {
        const std::lock_guard lock(device_facts_mutex_);
        device_facts_ = std::move(devices);
    }
    make_device_views();
}

// By the search parameters that are in force.
void Server::make_device_views() {
    const std::lock_guard lock(device_facts_mutex_);
    const auto rest = parameters_.now();
    const auto context = rest->extraction();
    devices_.set(
        std::make_shared<const RegistryTable>(device_table(device_facts_, patients_, context)));
    uses_.set_devices(device_facts_);
    metrics_.set_devices(device_facts_);
}

Result<void> Server::read_all(const store::Access& access,
                              const std::function<Result<void>(ViewReader&)>& work) {
    const auto rest = parameters_.now();
    return parts_.records.read(access, [&](store::RecordReader& records) {
        const ViewSources sources{readings_, groups_,   devices_, metrics_,
                                  uses_,     patients_, events_,  alarms_};
        ViewReader reader(records, sources, access, rest->extraction());
        return work(reader);
    });
}

// What is written may stand over a view: the job keeps that as its first version.
Result<void> Server::find_views(const store::Access& access, std::vector<WriteEntry>& entries) {
    std::vector<WriteEntry*> over;
    for (auto& entry : entries) {
        const bool is_view = is_view_id(entry.type, entry.id);
        if (is_view && entry.request.method != "GET") over.push_back(&entry);
    }
    if (over.empty()) return {};
    return read_all(access, [&](ViewReader& reader) -> Result<void> {
        for (auto* entry : over) {
            VIGIL_TRY(found, reader.get(entry->type, entry->id));
            if (found && !found->deleted) entry->view = std::move(*found);
        }
        return {};
    });
}

}  // namespace vigil::fhir
