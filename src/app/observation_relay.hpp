#pragma once
// Device Observations that were written as resources join the readings (docs/architecture.md,
// Records): a consumer of the record's outbox that appends them to the log.

#include <atomic>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "collect/intake.hpp"
#include "fhir/rest/server.hpp"
#include "fhir/view/device_observation.hpp"
#include "identity/registry.hpp"
#include "store/documents.hpp"
#include "store/log.hpp"
#include "store/records.hpp"

namespace vigil::app {

struct ObservationRelayParts {
    const identity::Registry& registry;
    collect::Intake& intake;
    store::Log& log;
    store::RecordStore& records;
    store::Documents& documents;
    fhir::Server& server;
    fhir::DeviceObservationContext context;
    std::function<void(std::function<void()>)> on_worker, on_loop;
    std::function<void(store::Ticket, std::function<void(Result<void>)>)> when_durable;
};

// On the loop's thread but for what says otherwise. Each Observation is filed once: its entry's
// identity is its version, and how far the outbox has been looked at is kept in vigil.db after the
// entries are durable. What a crash leaves between the two is found in the log at the next start.
class ObservationRelay {
public:
    explicit ObservationRelay(ObservationRelayParts parts) : parts_(std::move(parts)) {}

    // Waits for the disk.
    Result<void> start();
    // A write begins that may hold such an Observation; to be called back when it has ended. From
    // any thread.
    std::function<void()> begins();
    void every_second();

private:
    // What one version of an Observation has for the series.
    struct Found {
        std::string source;  // "fhir/Observation/12/_history/1"
        std::string text;
        Timestamp written;
        Fingerprint identity;
        fhir::DeviceObservation observation;
    };
    struct Step {
        std::uint64_t up_to = 0;  // of the outbox
        bool more = false;
        std::vector<Found> found;
    };

    void wake();
    void look();
    Result<Step> read(std::uint64_t after) const;
    void file(Step step);
    const identity::Device* whose(const fhir::DeviceObservation& observation) const;
    bool belongs(const identity::Device* device, const Found& found) const;
    void keep(std::uint64_t up_to, bool more);
    void pass_over();
    void failed(const Error& error);
    Result<void> find_filed(Position after);
    store::DocumentChange cursor(std::uint64_t up_to) const;

    ObservationRelayParts parts_;
    std::atomic<std::size_t> under_way_ = 0;  // writes that may hold one
    std::atomic<bool> woken_ = true;
    bool busy_ = false, failing_ = false;
    std::uint64_t up_to_ = 0;  // of the outbox
    std::size_t seconds_ = 0;
    std::unordered_set<Fingerprint> filed_;  // in the log, and not yet behind the cursor
};

}  // namespace vigil::app
