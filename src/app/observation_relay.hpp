#pragma once
// Device Observations that were written as resources join the readings, and what is written over
// them and over views corrects the readings (docs/architecture.md, Records): a consumer of the
// record's outbox that appends to the log.

#include <atomic>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "collect/intake.hpp"
#include "fhir/rest/server.hpp"
#include "fhir/view/device_observation.hpp"
#include "fhir/view/view_id.hpp"
#include "identity/registry.hpp"
#include "store/documents.hpp"
#include "store/log.hpp"
#include "store/records.hpp"

namespace vigil::app {

// A reading as it is now known to have been, in the place of one that was filed.
struct ReadingCorrection {
    FiledReading reading;
    std::uint32_t sequence = 0;  // of the one whose place it takes
};

struct ObservationRelayParts {
    const identity::Registry& registry;
    collect::Intake& intake;
    store::Log& log;
    store::RecordStore& records;
    store::Documents& documents;
    store::SeriesStore& series;
    fhir::Server& server;
    fhir::DeviceObservationContext context;
    std::function<void(std::function<void()>)> on_worker, on_loop;
    std::function<void(store::Ticket, std::function<void(Result<void>)>)> when_durable;
};

// On the loop's thread but for what says otherwise. Each version of an Observation is filed once:
// its entries' identity is the version, and how far the outbox has been looked at is kept in
// vigil.db after the entries are durable. What a crash leaves between the two is found in the log
// at the next start.
class ObservationRelay {
public:
    explicit ObservationRelay(ObservationRelayParts parts) : parts_(std::move(parts)) {}

    // Waits for the disk.
    Result<void> start();
    // A write begins that may hold such an Observation; to be called back when it has ended, with
    // whether there may be one. From any thread.
    std::function<void(bool)> begins();
    void every_second();

private:
    // What one version of an Observation has for the series.
    struct Found {
        std::string source;  // "fhir/Observation/12/_history/1"
        std::string text;    // empty: deleted
        Timestamp written;
        std::optional<fhir::ViewId> view;             // whose place it takes
        std::optional<fhir::DeviceObservation> says;  // none: what was said is withdrawn
        // By the last version before it that said anything; of a view by the first, the view
        // itself.
        std::optional<fhir::DeviceObservation> said;
        DeviceId device, said_device;                  // as the registry knows them; 0: not
        PatientId said_patient;                        // whom the device is on at that time
        bool belongs = false;                          // what it says may be filed
        bool corrects = false;                         // what was said may have been
        std::vector<Timestamp> versions;               // when they were written
        bool has_all_versions = true;                  // or there are more than are looked at
        std::vector<ReadingCorrection> corrections{};  // of what was said
    };
    struct Step {
        std::uint64_t up_to = 0;  // of the outbox
        bool more = false;
        std::vector<Found> found;
    };

    void wake();
    void look();
    Result<Step> read(std::uint64_t after) const;
    Result<std::optional<Found>> read(const store::Record& record, fhir::ViewReader& reader) const;
    void identify(Step step);
    DeviceId whose(const fhir::DeviceObservation& observation) const;
    bool belongs(const Found& found) const;
    bool corrects(const Found& found) const;
    Result<void> correct(Found& found) const;
    void file(Step step);
    void keep(std::uint64_t up_to, bool more);
    void pass_over();
    void failed(const Error& error);
    Result<void> find_filed();
    static store::DocumentChange cursor(std::uint64_t up_to, std::uint64_t log_seen);

    ObservationRelayParts parts_;
    std::atomic<std::size_t> under_way_ = 0;  // writes that may hold one
    std::atomic<bool> woken_ = true;
    bool busy_ = false, failing_ = false;
    std::uint64_t up_to_ = 0;     // of the outbox
    std::uint64_t log_seen_ = 0;  // no entry before it is of what the outbox has beyond
    std::size_t seconds_ = 0;
    std::unordered_set<Fingerprint> filed_;  // in the log, and not yet behind the cursor
};

}  // namespace vigil::app
