#pragma once
// The command line under construction. Only the files command_line*.cpp know CLI11.

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/deidentify_command.hpp"
#include "app/evaluate_alarms.hpp"
#include "app/evaluate_ecg.hpp"
#include "app/privacy_commands.hpp"

namespace vigil::app {

// What only looks at a data folder does not make one: the name may be mistyped.
enum class Folder { made, must_be_there };

// Every command that works on a server or an idle data folder takes these.
inline void add_where(CLI::App& command, OperatorOptions& where, Output& output,
                      Folder folder = Folder::made) {
    command.preparse_callback(
        [&where, folder](std::size_t) { where.make_folder = folder == Folder::made; });
    command.add_option("--data", where.data, "data folder, while no server runs on it")
        ->envname("VIGIL_DATA")
        ->capture_default_str();
    command.add_option("--config", where.config_file, "TOML file of the server");
    command.add_option("--server", where.server, "address of a running server: https://HOST:8443")
        ->envname("VIGIL_SERVER");
    command.add_option("--api-token", where.token, "token for it, made with `vigil account token`")
        ->envname("VIGIL_TOKEN");
    command.add_option("--ca", where.authority, "PEM file of the authority that vouches for it");
    command.add_flag("--json", output.json, "answer with JSON, as the API gives it");
}

// One command under construction: its options live as long as the program.
struct Commands {
    CLI::App app{
        "Vigil watches over patients: it takes in what medical devices say, keeps every reading "
        "it\n"
        "acknowledged, and shows the ward live. Start with `vigil serve`, or `vigil demo` to see "
        "it\n"
        "with simulated patients. Vigil is not a certified medical device.",
        "vigil"};
    OperatorOptions where;
    Output output;
    int status = 0;

    ServeOptions serve;
    PatientAdd patient;
    PatientChange patient_changed;
    std::string query, folder, at, state = "open";
    PatientErase erase;
    PatientExport exported;
    PatientStanding standing;
    DeviceAdd device;
    DeviceChange device_changed;
    DeviceAttach attach;
    AccountAdd account;
    AccountToken token;
    AccountChange change;
    RelationAdd relation;
    AppSet app_set;
    AuditVerify audit;
    AuditSearch search;
    std::string id;
    SeriesRead series;
    std::string format = "json";
    std::vector<std::string> ids;
    std::string good_for;
    bool with_token = false, all = false, take_back = false;
    SimulateOptions simulate;
    DemoOptions demo;
    DeidentifyOptions release;
    EvaluateEcgOptions evaluation;
    EvaluateAlarmsOptions alarm_evaluation;
    std::map<std::string, std::string> settings;

    void add_serve();
    void add_people();
    void add_privacy(CLI::App& patient);
    void add_devices();
    void add_device_credentials(CLI::App& devices);
    void add_device_uses(CLI::App& devices);
    void add_accounts();
    void add_account_changes(CLI::App& group);
    void add_tokens();
    void add_relations();
    void add_apps();
    void add_keys();
    void add_data();
    void add_release();
    void add_evaluation();
    void add_simulation();
};

}  // namespace vigil::app
