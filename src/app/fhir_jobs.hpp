#pragma once
// Bulk export and import as the server runs them: whose they are, over restarts too, the threads
// they work on, and what the audit is told of their end.

#include <functional>
#include <span>
#include <string>

#include "app/import_source.hpp"
#include "app/workers.hpp"
#include "fhir/bulk/exports.hpp"
#include "fhir/bulk/imports.hpp"
#include "fhir/rest/server.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"

namespace vigil::app {

struct FhirJobsParts {
    fhir::Server& server;
    identity::Registry& registry;
    identity::AccessDesk& desk;
    store::RecordStore& records;
    store::Documents& documents;
    store::Sealer& sealer;
    std::function<Timestamp()> now;  // on the loop
    std::function<void(std::function<void()>)> on_worker, on_loop;
    std::function<bool(const identity::Principal&)> stands;
    std::string export_folder;
    fhir::ExportLimits exports;
    fhir::ImportRules import_rules;
    ImportSources import_sources;
    fhir::ImportLimits imports;
};

class FhirJobs {
public:
    explicit FhirJobs(FhirJobsParts parts);
    FhirJobs(const FhirJobs&) = delete;
    FhirJobs& operator=(const FhirJobs&) = delete;

    static bool owns(std::string_view path);
    // On the loop's thread, like everything here.
    void handle(const identity::Principal& who, store::Access access, session::HttpRequest request,
                std::string path, session::HttpRespond respond);
    Result<void> start();  // takes up what an earlier process left
    void every_second() {
        exports_.look_after();
        imports_.look_after();
    }
    void end_exports() { exports_.end_all(); }  // from any thread
    // Before the stores end.
    void stop();

private:
    fhir::JobCaller caller(identity::Principal who, store::Access access, const std::string& from,
                           store::Act act, std::string_view what);
    void put_end_on_record(const identity::Principal& who, identity::AccessRequest request,
                           const std::string& how, std::span<const PatientId> whose);
    std::optional<fhir::JobCaller> readmit(const fhir::JobOwner& owner, store::Act act,
                                           std::string_view what);

    FhirJobsParts parts_;
    Workers background_;  // makes imported resources ready
    fhir::Exports exports_;
    fhir::Imports imports_;
};

}  // namespace vigil::app
