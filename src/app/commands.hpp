#pragma once
// What each `vigil` command does, once the command line has been read.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/operator.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace vigil::app {

// Exit statuses that scripts may rely on: docs/reference/cli.md.
int exit_status(Error::Kind kind);
constexpr int status_tampered = 11;  // the audit is not what was written
int report(const Error& error);      // one line on standard error, and its exit status

struct Output {
    bool json = false;
};
// Runs one request and shows its answer: as it is with --json, else by `show`.
int ask(const OperatorOptions& where, Output output, const std::string& method,
        const std::string& path, const std::string& body,
        const std::function<void(JsonValue)>& show);

struct ServeOptions {
    std::string config_file;
    std::vector<std::pair<std::string, std::string>> settings;  // from the command line
};
int serve(const ServeOptions& options);
int health(const OperatorOptions& where);  // does a server answer?

struct PatientAdd {
    std::string identifier, name, birth_date, sex, unit, bed;
};
int patient_add(const OperatorOptions& where, Output output, const PatientAdd& patient);
struct PatientChange {
    std::string patient;  // identifier or number
    std::optional<std::string> name, unit, bed;
};
int patient_change(const OperatorOptions& where, Output output, const PatientChange& change);
int patient_list(const OperatorOptions& where, Output output, const std::string& query);

struct DeviceAdd {
    std::string id, display, model, gateway;
    bool certificate = false;
    bool enrol = false;  // a one-time code, by which it gets a certificate itself
    std::string out;     // folder for certificate, key and authority
    int utc_offset_minutes = 0;
};
int device_add(const OperatorOptions& where, Output output, const DeviceAdd& device);
// A new one of the kind that `device` names.
int device_credential(const OperatorOptions& where, Output output, const DeviceAdd& device);
// A one-time code; `good_for`: a duration, or empty for the site's.
int device_enrol(const OperatorOptions& where, Output output, const std::string& device,
                 const std::string& good_for);
int device_take_code_back(const OperatorOptions& where, Output output, const std::string& device);
int device_certificates(const OperatorOptions& where, Output output, const std::string& device);
int device_revoke(const OperatorOptions& where, Output output, const std::string& device);
// What is not named stays as it is.
struct DeviceChange {
    std::string id;
    std::optional<std::string> display, model;
    std::optional<int> utc_offset_minutes;
    std::optional<std::string> clock_tolerance;  // a duration; "site": as the site has it
};
int device_change(const OperatorOptions& where, Output output, const DeviceChange& change);
int device_list(const OperatorOptions& where, Output output);

struct DeviceAttach {
    std::string device, patient, from, to;
    bool correction = false;
};
int device_attach(const OperatorOptions& where, Output output, const DeviceAttach& attach);
int device_set_clock(const OperatorOptions& where, Output output, const std::string& device);
int device_detach(const OperatorOptions& where, Output output, const std::string& device,
                  const std::string& at);

struct AccountAdd {
    std::string user_name, display_name, role;  // the password comes from standard input
    std::vector<std::string> units;
    std::string fhir_user;
};
int account_add(const OperatorOptions& where, Output output, const AccountAdd& account);
int account_list(const OperatorOptions& where, Output output);
struct AccountChange {
    std::string user_name;
    std::optional<std::string> display_name, role;
    std::optional<bool> enabled;
    bool new_password = false;       // from standard input
    std::vector<std::string> units;  // none named: as they are
    std::optional<std::string> fhir_user;
    bool no_unit = false;
};
int account_change(const OperatorOptions& where, Output output, const AccountChange& change);
int account_sign_out(const OperatorOptions& where, Output output, const std::string& user_name);
int account_reset_factors(const OperatorOptions& where, Output output,
                          const std::string& user_name);
int account_tokens(const OperatorOptions& where, Output output, const std::string& user_name);
int account_revoke(const OperatorOptions& where, Output output, const std::string& user_name,
                   const std::string& token);
struct RelationAdd {
    std::string account, patient, kind = "care-team", to, reason;
};
int relation_add(const OperatorOptions& where, Output output, const RelationAdd& relation);
int relation_list(const OperatorOptions& where, Output output, const std::string& patient);
int relation_end(const OperatorOptions& where, Output output, const std::string& id);

int keys_status(const OperatorOptions& where, Output output);
int keys_rotate(const OperatorOptions& where, Output output);

// An app that people or services use: what is given of it. docs/reference/oauth.md.
struct AppSet {
    std::string client_id, name, kind, launch_uri, jwks_file, jwks_uri, account;
    std::vector<std::string> redirect_uris, scopes;
    std::optional<bool> enabled;
};
int app_list(const OperatorOptions& where, Output output);
int app_add(const OperatorOptions& where, Output output, const AppSet& app);
int app_change(const OperatorOptions& where, Output output, const AppSet& app);
int emergency_list(const OperatorOptions& where, Output output, bool all);
int emergency_review(const OperatorOptions& where, Output output, const std::string& id,
                     const std::string& finding);
struct AccountToken {
    std::string user_name, name, expires_in;
    std::vector<std::string> scopes;
};
int account_token(const OperatorOptions& where, Output output, const AccountToken& token);
// Of the service account "scripts", added where it is not there, unless another is named.
int token_issue(const OperatorOptions& where, Output output, AccountToken token);

struct SeriesRead {
    std::string patient, device, from, to;
    std::vector<std::string> metrics;
    bool csv = false;
};
int series_read(const OperatorOptions& where, const SeriesRead& read);

int quarantine_list(const OperatorOptions& where, Output output, const std::string& state);
int quarantine_replay(const OperatorOptions& where, Output output,
                      const std::vector<std::string>& ids);

// Files and folders of FHIR resources, to a running server.
int import_resources(const OperatorOptions& where, Output output,
                     const std::vector<std::string>& named);

int backup(const OperatorOptions& where, Output output, const std::string& folder);
int restore(const std::string& folder, const OperatorOptions& where);
int verify(const OperatorOptions& where, Output output);
struct AuditVerify {
    std::string checkpoint_file;  // that was kept outside
    std::string database;         // a copy of vigil.db, looked at here, without a server or keys
};
int audit_verify(const OperatorOptions& where, Output output, const AuditVerify& what);
int audit_checkpoint(const OperatorOptions& where, Output output);
struct AuditSearch {
    std::string who, what, patient, from, to;
    bool denied = false;
    std::size_t limit = 100;
};
int audit_list(const OperatorOptions& where, Output output, const AuditSearch& search);
// Of the API, of a number or an identifier (MRN).
Result<std::string> patient_id(Operator& desk, const std::string& text);
int rebuild(const OperatorOptions& where, Output output);

// Who and what is played, and how its time runs.
struct PlayOptions {
    std::optional<std::size_t> beds;  // none: 8, or 0 where homes or records are asked for
    std::size_t homes = 0;
    std::vector<std::string> records{};
    std::uint64_t seed = 1;
    std::string scenario{}, scenario_file{};
    std::string since{}, duration{};  // empty: from now on, until stopped
    std::optional<double> speed{};
};
struct SimulateOptions {
    PlayOptions play;
    std::string mqtt = "127.0.0.1:1883";
    bool tls = false;
    bool certificates = false;  // devices enrol and renew; means TLS
    std::string cafile;         // for MQTT; empty: the API's
    std::string log_file;
    bool list_scenarios = false;
};
int simulate(const OperatorOptions& where, const SimulateOptions& options);
std::string scenario_list();  // a line each, for people

struct DemoOptions {
    PlayOptions play{.beds = 12, .homes = 2};
    std::string data;
    std::string https = "127.0.0.1:8443";
};
int demo(const DemoOptions& options);

}  // namespace vigil::app
