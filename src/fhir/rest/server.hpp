#pragma once
// FHIR R4 over HTTP: takes a request whose sender is known and may ask, and answers it.

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "fhir/audit/event_views.hpp"
#include "fhir/rest/bundle.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/rest/demographics.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/interaction.hpp"
#include "fhir/rest/parameter_index.hpp"
#include "fhir/rest/patients.hpp"
#include "fhir/view/view_reader.hpp"
#include "session/http.hpp"

namespace vigil::fhir {

class ConsentKeeper;
class ImportBatch;
struct ImportLine;
struct Imported;
struct ImportedBy;
class WriteJob;
struct WriteEntry;

struct ServerParts {
    RestContext rest;  // with the standard search parameters
    store::RecordStore& records;
    store::Documents& documents;
    store::SeriesStore& series;
    const Catalogue& catalogue;
    std::function<void(std::function<void()>)> on_worker;
    // A number for each of them, durable, in the name of who asks; from any thread, and comes back
    // on any.
    std::function<void(std::vector<Demographics>, std::string by,
                       std::function<void(Result<std::vector<PatientId>>)>)>
        number_patients;
    // A Patient was written: what it says of who it is. From any thread.
    std::function<void(PatientId, Demographics)> patient_written;
    // After every commit, from any thread: the outbox has more.
    std::function<void()> records_written;
    // A write begins that may hold what a device measured, or correct it; what this returns is
    // called when it has ended, well or not, with whether it may have done so. From any thread.
    std::function<std::function<void(bool)>()> observation_begins;
    // A Subscription was written; its answer waits until this calls on.
    std::function<void(std::string id, std::uint64_t version, const store::Access& by,
                       std::function<void()> then)>
        subscription_written;
    // Consents that are written are in force when their writer is told; null: none ever is.
    ConsentKeeper* consents = nullptr;
    std::string software_version;
    Timestamp started;
    // The lines of the audit; none: there are no views of it.
    EventViews::ReadLines read_audit = {};
    // What was alarmed; none: there are no views of it.
    AlarmViews::Read read_alarms = {};
    std::string site_name = {};
};

// What a request is about, for the decision whether it may be: before anything is looked up.
struct Asked {
    store::Act act = store::Act::read;
    // "fhir.read Condition/12", as the audit names it. Of what a search asks, values that may say
    // who somebody is are left out: "fhir.search Patient?family=***".
    std::string what;
    std::string patient;  // the Patient's id, where the address names one; else everyone's
    // Whose data a search asks for; what it includes may be others'.
    std::string searched;
    bool is_bulk = false;    // export or import: of all there is
    bool of_events = false;  // reads or searches AuditEvents
    Needed needed;           // else
};

class Server {
public:
    explicit Server(ServerParts parts);

    // The path after the base: "Patient/12".
    static Asked asked(const session::HttpRequest& request, std::string_view path);
    // The same words for an entry of a batch.
    static std::string said_of(const Request& request);
    // Open to whoever asks: the CapabilityStatement.
    static bool is_open(const session::HttpRequest& request, std::string_view path);

    using Respond = std::function<void(session::HttpResponse)>;
    // Parses on a worker, writes on the store's thread; `respond` comes from either. What the
    // access still owes the audit commits with what is written; if nothing is, it stays owed.
    // `events`: the lines of the audit are seen too, as AuditEvents.
    void handle(store::Access access, session::HttpRequest request, std::string path,
                Respond respond, std::shared_ptr<store::OwedLine> owed = {},
                std::optional<EventReader> events = {});

    const PatientNumbers& patients() const { return patients_; }
    // What is worked with now, with the search parameters that are in force: to be kept for as long
    // as a request takes. From any thread.
    std::shared_ptr<const RestContext> rest() const { return parameters_.now(); }
    // What is read: the store's records and the views beside them.
    Result<void> read_all(const store::Access& access,
                          const std::function<Result<void>(ViewReader&)>& work);
    // The registered devices as they are now; from the thread that knows them.
    void set_devices(std::vector<DeviceFacts> devices);
    // The Patients that are in the store, with their numbers; after a restore all is indexed anew
    // first. Waits for the disk: at start.
    Result<void> learn_patients(const store::Access& access);
    // A Patient for someone who has a number already; under `id` where one is given, and there
    // never was a Patient of that id.
    void create_patient(store::Access access, std::string resource, PatientId number,
                        std::string id);
    // An import's resources, read and checked on the calling thread.
    Result<std::shared_ptr<ImportBatch>> prepare_import(const ImportedBy& by,
                                                        const std::vector<ImportLine>& lines);
    // Keeps them; `done` is called from any thread once they are durable, with what became of each.
    // Batches that are written in turn are kept in that order.
    using ImportDone = std::function<void(Result<std::vector<Imported>>)>;
    void write_import(std::shared_ptr<ImportBatch> batch, ImportDone done);
    // Each second: what stopped indexing goes on.
    void look_after() { parameters_.look_after(); }
    // Before the stores end.
    void stop() { parameters_.stop(); }
    // What a Subscription of that version has come to, and why; a newer one stays as it is.
    void set_subscription_status(store::Access access, std::string id, std::uint64_t version,
                                 std::string status, std::string error);
    const ReadingViews& readings() const { return readings_; }
    const std::vector<GroupRows>& groups() const { return groups_; }

private:
    struct Call;
    using CallPtr = std::shared_ptr<Call>;
    using Answered = std::function<void(Response)>;
    void answer(const CallPtr& call);
    void answer_one(const CallPtr& call);
    Response read(const Call& call);
    void write(const CallPtr& call);
    void bundle(const CallPtr& call);
    void transaction(const CallPtr& call, IncomingBundle bundle);
    struct BatchEntries;
    void batch(const CallPtr& call, IncomingBundle bundle);
    void end_batch(const CallPtr& call, BatchEntries& batch);
    void number_and_commit(const CallPtr& call);
    Answer<std::vector<std::size_t>> patients_to_number(const CallPtr& call);
    void take_turn(const CallPtr& call);
    void turn_over();
    void try_and_number(const CallPtr& call);
    void write_and_undo(const CallPtr& call, const std::vector<std::size_t>& fresh);
    void number(const CallPtr& call, const std::vector<std::size_t>& fresh);
    Result<void> find_views(const store::Access& access, std::vector<WriteEntry>& entries);
    void number_import(std::vector<std::size_t> places, std::shared_ptr<ImportBatch> batch,
                       ImportDone done);
    void commit_import(std::shared_ptr<ImportBatch> batch, ImportDone done);
    void commit_import_from(std::size_t place, std::shared_ptr<ImportBatch> batch, ImportDone done);
    void import_committed(std::shared_ptr<ImportBatch> batch, ImportDone done);
    void tell_consents(const std::vector<const WriteEntry*>& entries) const;
    void tell_subscriptions(const std::vector<const WriteEntry*>& entries, const store::Access& by,
                            const std::function<void()>& then);
    void commit(const CallPtr& call);
    static Result<void> put_on_record(store::RecordTransaction& transaction, Call& call);
    void forget_terms(const WriteJob& job) const;
    void tell_patients(const WriteJob& job) const;
    void committed(const CallPtr& call);
    void make_device_views();
    void answer_written(const CallPtr& call);

    ServerParts parts_;
    ParameterIndex parameters_;
    PatientNumbers patients_;
    std::mutex turns_mutex_;
    std::deque<CallPtr> turns_;  // no more than there are requests; the first has its turn
    ReadingViews readings_;
    std::vector<GroupRows> groups_;
    DeviceViews devices_;
    DeviceMetricViews metrics_;
    DeviceUseViews uses_;
    EventViews events_;
    AlarmViews alarms_;
    std::mutex device_facts_mutex_;
    std::vector<DeviceFacts> device_facts_;
};

}  // namespace vigil::fhir
