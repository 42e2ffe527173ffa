// What can be typed, and what it is for.
#include "app/command_line.hpp"

#include <fmt/format.h>

#include "app/command_line_parts.hpp"
#include "app/own_secrets.hpp"

namespace vigil::app {

void Commands::add_serve() {
    auto* command = app.add_subcommand("serve",
                                       "run the server until SIGTERM; one JSON line on standard\n"
                                       "output says when it is ready and at which addresses");
    command->add_option("--config", serve.config_file, "TOML file; `vigil config` lists its keys");
    const auto setting = [&](const char* option, const char* key, const char* about) {
        command->add_option_function<std::string>(
            option,
            [this, key](const std::string& value) { serve.settings.emplace_back(key, value); },
            about);
    };
    setting("--data", "data", "data folder (vigil-data); made if it is not there");
    setting("--http", "listen.http",
            "plain HTTP, ADDRESS:PORT; off unless named; port 0 picks a free one");
    setting("--https", "listen.https", "HTTPS (0.0.0.0:8443)");
    setting("--mqtt", "listen.mqtt", "MQTT over plain TCP; off unless named");
    setting("--mqtts", "listen.mqtts", "MQTT over TLS (0.0.0.0:8883)");
    setting("--web", "web.folder", "folder of the built web app");
    command->callback([this] { status = app::serve(serve); });

    auto* look = app.add_subcommand(
        "health",
        "ask a server whether it answers; for a container or a watchdog, no token needed");
    look->add_option("--server", where.server, "its address (https://127.0.0.1:8443)")
        ->envname("VIGIL_SERVER");
    look->add_option("--ca", where.authority, "PEM file of the authority that vouches for it");
    look->callback([this] { status = app::health(where); });

    app.add_subcommand("config", "print every setting with its default, as Markdown")->callback([] {
        fmt::print("{}", configuration_reference());
    });
}

void Commands::add_people() {
    auto* group = app.add_subcommand("patient", "add and list patients")->require_subcommand(1);
    auto* add = group->add_subcommand("add", "add a patient");
    add->add_option("identifier", patient.identifier, "the hospital's number (MRN)")->required();
    add->add_option("--name", patient.name, "name as shown on the ward")->required();
    add->add_option("--birth-date", patient.birth_date, "1957, 1957-02 or 1957-02-03");
    add->add_option("--sex", patient.sex, "female, male, other or unknown");
    add->add_option("--unit", patient.unit, "unit, such as \"ICU 1\"");
    add->add_option("--bed", patient.bed,
                    "bed in that unit; without one the patient is in no tile");
    add_where(*add, where, output);
    add->callback([this] { status = patient_add(where, output, patient); });

    auto* change_it = group->add_subcommand("change", "change where a patient lies, or their name");
    change_it->add_option("patient", patient_changed.patient, "identifier (MRN) or number")
        ->required();
    change_it->add_option("--name", patient_changed.name, "name as shown on the ward");
    change_it->add_option("--unit", patient_changed.unit, "unit; empty: in none");
    change_it->add_option("--bed", patient_changed.bed, "bed in that unit; empty: in none");
    add_where(*change_it, where, output);
    change_it->callback([this] { status = patient_change(where, output, patient_changed); });

    auto* list = group->add_subcommand("list", "list patients");
    list->add_option("query", query, "part of a name, an identifier or a bed");
    add_where(*list, where, output, Folder::must_be_there);
    list->callback([this] { status = patient_list(where, output, query); });
    add_privacy(*group);
}

void Commands::add_privacy(CLI::App& group) {
    auto* gone = group.add_subcommand(
        "erase", "erase all data of a patient, here and in every backup; asks again first");
    gone->add_option("patient", erase.patient, "identifier (MRN), or number if they have none")
        ->required();
    gone->add_option("--reason", erase.reason, "why, without naming them: it stays on record")
        ->required();
    gone->add_flag("--yes", erase.yes, "do not ask for the identifier again");
    add_where(*gone, where, output, Folder::must_be_there);
    gone->callback([this] { status = patient_erase(where, output, erase); });

    auto* shown = group.add_subcommand("certificate", "show the certificate of an erasure");
    shown->add_option("number", id, "the number that the patient had")->required();
    add_where(*shown, where, output, Folder::must_be_there);
    shown->callback([this] { status = patient_certificate(where, output, id); });

    auto* whole =
        group.add_subcommand("export-all", "write everything about a patient to a ZIP archive");
    whole->add_option("patient", exported.patient, "identifier (MRN) or number")->required();
    whole->add_option("file", exported.file, "the archive; must not exist")->required();
    add_where(*whole, where, output, Folder::must_be_there);
    whole->callback([this] { status = patient_export(where, output, exported); });

    const auto add_standing = [&](const char* name, const char* about, const char* off, auto run) {
        auto* command = group.add_subcommand(name, about);
        command->add_option("patient", standing.patient, "identifier (MRN) or number")->required();
        auto* why = command->add_option("--reason", standing.reason, "why: it goes on record");
        auto* end = command->add_flag(off, standing.release, "end it");
        why->excludes(end);
        add_where(*command, where, output, Folder::must_be_there);
        command->callback([this, run] { status = run(where, output, standing); });
    };
    add_standing("hold", "legal hold: nothing of the patient is erased while it stands",
                 "--release", patient_hold);
    add_standing("restrict", "restrict the record: stored on, read by few (GDPR 18)", "--lift",
                 patient_restrict);
}

void Commands::add_data() {
    auto* group = app.add_subcommand("series", "read what was measured")->require_subcommand(1);
    auto* read =
        group->add_subcommand("read", "metrics of one patient, oldest first, a reading a line");
    read->add_option("--patient", series.patient, "identifier (MRN) or number")->required();
    read->add_option("--metric", series.metrics, "catalogue key, such as heart_rate; may repeat")
        ->required();
    read->add_option("--device", series.device, "only of this device");
    read->add_option("--from", series.from, "from when, RFC 3339");
    read->add_option("--to", series.to, "until when");
    read->add_option("--format", format, "json (a line each) or csv")
        ->check(CLI::IsMember({"json", "csv"}));
    add_where(*read, where, output, Folder::must_be_there);
    read->callback([this] {
        series.csv = format == "csv";
        status = series_read(where, series);
    });

    auto* held = app.add_subcommand("quarantine", "what could not be read")->require_subcommand(1);
    auto* list = held->add_subcommand("list", "list unread messages");
    list->add_option("--state", state, "open, replayed, dismissed or all")->capture_default_str();
    add_where(*list, where, output, Folder::must_be_there);
    list->callback([this] { status = quarantine_list(where, output, state); });
    auto* replay = held->add_subcommand("replay", "read messages again with what is known now");
    replay->add_option("id", ids, "ids from the list")->required();
    add_where(*replay, where, output, Folder::must_be_there);
    replay->callback([this] { status = quarantine_replay(where, output, ids); });

    auto* bring = app.add_subcommand(
        "import", "send FHIR resources to a running server: NDJSON, Bundles, plain or gzip");
    bring->add_option("path", ids, "files, or folders of .ndjson and .json files (also .gz)")
        ->required();
    add_where(*bring, where, output);
    bring->callback([this] { status = import_resources(where, output, ids); });

    auto* save =
        app.add_subcommand("backup", "write a consistent copy, also while the server runs");
    save->add_option("folder", folder, "an empty or new folder, on the server's machine")
        ->required();
    add_where(*save, where, output, Folder::must_be_there);
    save->callback([this] { status = app::backup(where, output, folder); });

    auto* bring_back = app.add_subcommand("restore", "make a data folder from a backup");
    bring_back->add_option("folder", folder, "the backup")->required();
    bring_back
        ->add_option("--data", where.data, "the data folder: with its keys, without its stores")
        ->required();
    bring_back->add_option("--config", where.config_file, "TOML file of the server, for [keys]");
    bring_back->callback([this] { status = app::restore(folder, where); });

    auto* check =
        app.add_subcommand("verify", "check that everything stored reads back as it was written");
    add_where(*check, where, output, Folder::must_be_there);
    auto* chain = check->add_subcommand(
        "audit", "check that nothing of the audit was altered, removed or moved");
    auto* kept = chain->add_option("--checkpoint", audit.checkpoint_file,
                                   "file of checkpoints that were kept elsewhere");
    chain
        ->add_option("--database", audit.database,
                     "a copy of vigil.db to look at instead, without server or keys")
        ->needs(kept);
    chain->fallthrough();  // where: as for all of it
    chain->callback([this] { status = audit_verify(where, output, audit); });
    check->callback([this, chain] {
        if (!chain->parsed()) status = app::verify(where, output);
    });

    auto* record = app.add_subcommand("audit", "who did what")->require_subcommand(1);
    auto* seek = record->add_subcommand("list", "search the audit, newest first");
    seek->add_option("--who", search.who, "user name or device");
    seek->add_option("--patient", search.patient, "whose data: identifier (MRN) or number");
    seek->add_option("--what", search.what, "a part of what was done, such as fhir.delete");
    seek->add_option("--from", search.from, "from when, RFC 3339");
    seek->add_option("--to", search.to, "until when");
    seek->add_flag("--denied", search.denied, "only what was refused");
    seek->add_option("--limit", search.limit, "lines at most")->capture_default_str();
    add_where(*seek, where, output, Folder::must_be_there);
    seek->callback([this] { status = audit_list(where, output, search); });
    auto* sign = record->add_subcommand(
        "checkpoint", "print a signed checkpoint of the audit, to be kept elsewhere");
    add_where(*sign, where, output, Folder::must_be_there);
    sign->callback([this] { status = audit_checkpoint(where, output); });

    auto* again = app.add_subcommand("rebuild",
                                     "make series, roll-ups and quarantine again from the log,\n"
                                     "while no server runs");
    again->add_option("--data", where.data, "data folder")
        ->envname("VIGIL_DATA")
        ->capture_default_str();
    again->add_option("--config", where.config_file, "TOML file of the server");
    again->add_flag("--json", output.json, "answer with JSON");
    again->callback([this] { status = app::rebuild(where, output); });
}

// Who and what is played, and how its time runs.
namespace {

void add_play(CLI::App& command, PlayOptions& play, std::int64_t beds_max) {
    command.add_option("--beds", play.beds, "patients on bedside monitors")
        ->check(CLI::Range(std::int64_t{0}, beds_max));
    command
        .add_option("--home", play.homes,
                    "people at home: scale, cuff, glucose meter and sensor, thermometer and step\n"
                    "counter behind a hub")
        ->check(CLI::Range(0, 10'000));
    command.add_option("--record", play.records,
                       "a WFDB recording (its path without .hea), as a bed of its own; may repeat");
    command.add_option("--seed", play.seed, "same seed, same people, same measurements")
        ->capture_default_str();
    command.add_option("--scenario", play.scenario,
                       "what happens, to everyone; default: each patient's own");
    command.add_option("--scenario-file", play.scenario_file,
                       "file that describes it (docs/guides/simulate.md)");
    command.add_option("--since", play.since,
                       "begin in the past: 6h, 30d or an RFC 3339 time. Devices send it as stored\n"
                       "data, then go on live; bedside monitors keep no waveforms");
    command
        .add_option("--speed", play.speed,
                    "how fast the past is played, times real time; 0: as fast as it is taken")
        ->check(CLI::Range(0.0, 1e6));
    command.add_option("--duration", play.duration,
                       "end after so much played time, such as 10m; default: never");
}

}  // namespace

void Commands::add_simulation() {
    auto* play = app.add_subcommand(
        "simulate",
        "play patients, recordings and homes over real MQTT: registers them on the\n"
        "server, then sends until stopped");
    add_play(*play, simulate.play, 10'000);
    play->add_flag("--list-scenarios", simulate.list_scenarios, "name the scenarios, and end");
    play->add_option("--mqtt", simulate.mqtt, "the server's MQTT address")->capture_default_str();
    play->add_flag("--tls", simulate.tls, "over TLS, trusting --cafile or --ca");
    play->add_flag("--certificates", simulate.certificates,
                   "devices enrol by one-time codes for certificates, which they renew; means\n"
                   "--tls");
    play->add_option("--cafile", simulate.cafile,
                     "PEM file of the authority behind the MQTT address; means --tls");
    play->add_option("--log", simulate.log_file,
                     "file for each message that is sent: a line of JSON with time, topic, base64");
    add_where(*play, where, output);
    play->footer("Scenarios:\n" + scenario_list());
    play->callback([this] { status = app::simulate(where, simulate); });

    auto* show = app.add_subcommand("demo", "a server with a simulated ward, to look at");
    add_play(*show, demo.play, 48);
    show->add_option("--data", demo.data,
                     "keep it in this folder; default: a new one that is removed");
    show->add_option("--https", demo.https, "address of the pages")->capture_default_str();
    show->footer("Scenarios:\n" + scenario_list());
    show->callback([this] { status = app::demo(demo); });
}

namespace {

// One line, as every failure: what is wrong, and where to read on.
int report_wrong_words(const CLI::App& program, const CLI::ParseError& error) {
    constexpr int wrong_command_line = 2;
    std::string words = program.get_name();
    const auto* command = &program;
    for (auto inner = command->get_subcommands(); !inner.empty();
         inner = command->get_subcommands()) {
        command = inner.front();
        words += " " + command->get_name();
    }
    const auto left = command->remaining();
    const bool is_group = !command->get_subcommands({}).empty();
    const auto what = is_group && !left.empty()
                          ? fmt::format("there is no command \"{}\"", left.front())
                          : std::string(error.what());
    fmt::print(stderr, "vigil: {}: `{} --help` says more\n", what, words);
    return wrong_command_line;
}

}  // namespace

int run_command_line(int argc, char** argv) {
    Commands commands;
    commands.app.set_version_flag("--version", VIGIL_VERSION);
    commands.app.require_subcommand(1);
    commands.add_serve();
    commands.add_people();
    commands.add_devices();
    commands.add_accounts();
    commands.add_tokens();
    commands.add_relations();
    commands.add_apps();
    commands.add_keys();
    commands.add_data();
    commands.add_release();
    commands.add_evaluation();
    commands.add_simulation();
    // People are called users too: one thing, one set of commands.
    std::string account = "account";
    auto texts = take_words({argv, static_cast<std::size_t>(argc)});
    std::vector<char*> words;
    words.reserve(texts.size());
    for (auto& text : texts) words.push_back(text.data());
    if (argc > 1 && texts[1] == "user") words[1] = account.data();
    try {
        commands.app.parse(argc, words.data());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return commands.app.exit(error);  // help was asked for
        return report_wrong_words(commands.app, error);
    }
    return commands.status;
}

}  // namespace vigil::app
