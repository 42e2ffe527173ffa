#pragma once
// Where /fhir meets the rest of the server: who asks, whether they may, and the numbers that
// identity/ gives the record's Patients.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/fhir_devices.hpp"
#include "app/fhir_jobs.hpp"
#include "app/observation_relay.hpp"
#include "app/subscription_runner.hpp"
#include "collect/act_desk.hpp"
#include "fhir/consent/consent_keeper.hpp"
#include "fhir/rest/server.hpp"
#include "fhir/search/scope_search.hpp"
#include "fhir/validation/validator.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"
#include "session/http.hpp"
#include "store/records.hpp"

namespace vigil::fhir {
class Profiles;
}

namespace vigil::app {

struct FhirDoorParts {
    identity::Registry& registry;
    collect::ActDesk& acts;
    identity::AccessDesk& desk;
    identity::AuditSink& audit;
    store::RecordStore& records;
    store::Documents& documents;
    store::SeriesStore& series;
    collect::Intake& intake;
    store::Log& log;
    std::function<void(store::Ticket, std::function<void(Result<void>)>)> when_durable;
    const Catalogue& catalogue;
    std::function<Timestamp()> now;    // on the loop
    std::function<Timestamp()> clock;  // from any thread
    std::function<void(std::function<void()>)> on_worker, on_loop;
    // Who sent a request; an error is answered 401 or 403.
    std::function<Result<identity::Principal>(const session::HttpRequest&)> sender;
    // Whom somebody reaches may have changed; on the loop.
    std::function<void()> access_changed;
    // Who asked may still do what they might then.
    std::function<bool(const identity::Principal&)> stands;
    store::Sealer& sealer;
    std::string export_folder;
    fhir::ExportLimits exports;
    std::string import_folder;  // whose files may be imported
    std::vector<std::string> import_sources;
    std::string import_ca_pem;
    fhir::ImportLimits imports;
    std::string base;           // as clients see it
    std::string organization;   // that the site is: "Organization/1"; empty: not known
    std::string authorization;  // where apps are let in, as they see it
    fhir::ValidationMode validation = fhir::ValidationMode::enforce;
    std::string cors_origins;  // separated by spaces
    std::string packages;      // folder of FHIR packages; empty: none
    std::vector<std::string> subscription_endpoints;
    std::string subscription_ca_pem;
    net::Reach reach;  // of what is asked of other servers
    std::string version;
    fhir::EventViews::ReadLines read_audit;
    fhir::AlarmViews::Read read_alarms;
    std::string site_name;
};

class FhirDoor {
public:
    static constexpr std::string_view path = "/fhir";

    explicit FhirDoor(FhirDoorParts parts);
    FhirDoor(const FhirDoor&) = delete;
    FhirDoor& operator=(const FhirDoor&) = delete;
    ~FhirDoor();

    static bool owns(std::string_view request_path);
    // On the loop's thread, like everything here.
    void handle(session::HttpRequest request, session::HttpRespond respond);
    session::Upgrade upgrade(const session::HttpRequest& request);
    // Reads the packages. Every patient of the registry has a Patient: makes those that are
    // missing, under the id that was chosen for them if one was. Returns the entry of the log up to
    // which readings were looked at for subscriptions, if they are wanted: what follows it is to be
    // told again.
    Result<std::optional<Position>> start();
    // Readings that are stored, and the end of a commit.
    void arrived(const collect::FiledMessage& message) { subscriptions_.arrived(message); }
    void commit_ended() { subscriptions_.commit_ended(); }
    void patient_added(const identity::Patient& patient);
    // Of a patient's Patient; empty until it is written.
    std::string id_of(PatientId patient) const;
    // What the search in a scope narrows a type to.
    Result<std::shared_ptr<const store::Condition>> scope_condition(std::string_view type,
                                                                    std::string_view query) {
        return fhir::read_scope_search(type, fhir::read_form(query),
                                       rest_context().search(/*strict=*/true));
    }
    // A device or whom it is on has changed.
    void devices_changed() { devices_.changed(); }
    void every_second() {
        jobs_.every_second();
        server_.look_after();
        relay_.every_second();
    }
    void end_exports() { jobs_.end_exports(); }  // from any thread
    // Before the stores end.
    void stop() {
        jobs_.stop();
        server_.stop();
        subscriptions_.stop();
    }

private:
    struct Numbering;
    fhir::RestContext rest_context();
    Result<void> read_profiles();
    void number(std::vector<fhir::Demographics> patients, std::string by,
                std::function<void(Result<std::vector<PatientId>>)> done);
    void give_number(const std::shared_ptr<Numbering>& numbering, std::size_t index,
                     const identity::Patient& patient);
    // Lets a page of an origin that is allowed read the answer (Fetch standard, CORS protocol).
    session::HttpRespond sharing(const session::HttpRequest& request,
                                 session::HttpRespond respond) const;
    FhirJobsParts jobs_parts();
    // Whoever may read the audit sees all of its lines as AuditEvents; who reaches a patient, those
    // that name them, where that is what they ask for. What is wanted, and the right to it, become
    // those of GET /api/audit and GET /api/patients/{id}/accesses. Nothing: no lines are seen.
    std::optional<fhir::EventReader> admit_to_events(const fhir::Asked& asked,
                                                     identity::Principal& who,
                                                     identity::AccessRequest& wanted) const;
    void ask_server(const identity::Principal& who, const identity::AccessRequest& wanted,
                    identity::OnRecord least, std::optional<fhir::EventReader> events,
                    session::HttpRequest request, std::string rest, session::HttpRespond respond);
    void refuse(const Error& why, session::HttpRespond respond);
    void answer_on_record(identity::OnRecord least, session::HttpRespond respond,
                          session::HttpResponse response);
    session::HttpRespond when_on_record(identity::OnRecord least, session::HttpRespond respond);
    void patient_written(PatientId number, const fhir::Demographics& demographics);
    void make_patient(const identity::Patient& patient);

    FhirDoorParts parts_;
    fhir::Definitions definitions_;
    fhir::SearchParameters parameters_;
    std::unique_ptr<fhir::Profiles> profiles_;
    fhir::terminology::Memory terms_learned_;
    fhir::Validator validator_;
    SubscriptionRunner subscriptions_;
    fhir::Server server_;
    fhir::ConsentKeeper consents_;
    FhirDevices devices_{parts_.registry, server_};
    FhirJobs jobs_;
    ObservationRelay relay_;
    std::set<PatientId> renaming_;   // whose act follows from their Patient
    std::set<PatientId> numbering_;  // whose Patient is written by who asked for the number
};

}  // namespace vigil::app
