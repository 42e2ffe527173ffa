#include "app/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "identity/certificates.hpp"
#include "identity/enrolment.hpp"

namespace vigil::app {
namespace {

constexpr std::array<std::string_view, 2> unwritable_ways{"hold", "refuse"};

constexpr std::array<std::string_view, 4> key_sources{"file", "environment", "pkcs11", "tpm"};

constexpr std::array<std::string_view, 3> factor_policies = {"optional", "administrators", "all"};

constexpr std::array<std::string_view, 2> provider_factors = {"ask", "trust"};

constexpr std::array<std::string_view, 2> mail_contents = {"bed", "patient"};

constexpr std::array<std::string_view, 3> validation_ways = {"off", "warn", "enforce"};

constexpr std::array table{
    Setting{"data", "The data folder: log.db, vigil.db and the keys.", &Config::data},
    Setting{"keys.source",
            "What wraps the keys of the data folder: \"file\", \"environment\" "
            "(VIGIL_KEYS_MASTER), \"pkcs11\" or \"tpm\". Where it is not what wraps them yet, the "
            "server starts all the same, and `vigil keys rotate` moves them.",
            &Config::keys_source, key_sources},
    Setting{"keys.master_file",
            "File of the root key (32 bytes), where it is kept apart from the data folder, such "
            "as a credential of systemd. Empty: keys/master.key, made on first run.",
            &Config::master_key_file},
    Setting{"keys.previous_master_file",
            "The file that keys.master_file took the place of, until `vigil keys rotate` is done.",
            &Config::keys_previous_file},
    Setting{"keys.recovery_file",
            "File of a second key (32 bytes) that opens the keys too, kept away from the machine. "
            "It is read on first run and by `vigil keys rotate`, and need not be there otherwise.",
            &Config::keys_recovery_file},
    Setting{"keys.pkcs11_module",
            "The library of the PKCS #11 token, by its absolute path, such as "
            "/usr/lib/softhsm/libsofthsm2.so.",
            &Config::pkcs11_module},
    Setting{"keys.pkcs11_token", "The label of the token.", &Config::pkcs11_token},
    Setting{"keys.pkcs11_key", "The label of an AES or RSA key in it.", &Config::pkcs11_key},
    Setting{"keys.pkcs11_pin_file",
            "A file whose first line is the token's PIN, readable by its owner and group only, "
            "such as a credential of systemd. Empty: the token asks for none.",
            &Config::pkcs11_pin_file},
    Setting{"keys.tpm", "How the TPM is reached, as tpm2-tss calls it.", &Config::tpm},
    Setting{"site.name", "What the pages call this site.", &Config::site_name},
    Setting{"site.organization",
            "Which Organization of the record this site is, such as Organization/1: whom consents "
            "mean by it. Empty: a consent that names an Organization is refused.",
            &Config::site_organization},
    Setting{"site.public_url",
            "How clients reach this server, such as https://vigil.example. Empty: by the address "
            "it listens at.",
            &Config::public_url},
    Setting{"fhir.cors_origins",
            "Origins whose pages may ask /fhir from a browser, separated by spaces; * is all. They "
            "show a token: the web app's sign-in is not theirs.",
            &Config::fhir_cors_origins},
    Setting{
        "fhir.validation",
        "What happens to a resource that is not valid FHIR R4: enforce refuses it, warn keeps "
        "it and says so to whoever asks with Prefer: return=OperationOutcome, and in Bundles; off "
        "does not look.",
        &Config::fhir_validation, validation_ways},
    Setting{"fhir.packages",
            "A folder of FHIR packages (.tgz, or unpacked): what claims a profile of theirs must "
            "conform to it; their value sets, code systems and concept maps are at hand.",
            &Config::fhir_packages},
    Setting{"fhir.subscription_endpoints",
            "Where Subscriptions may send rest-hooks: URLs separated by spaces, each with all that "
            "lies below it, such as https://hooks.example/vigil/. Empty: there are no rest-hooks.",
            &Config::fhir_subscription_endpoints},
    Setting{"fhir.subscription_ca",
            "A file of certificates (PEM) that vouch for those endpoints. Empty: those the system "
            "trusts.",
            &Config::fhir_subscription_ca},
    Setting{"apps.ca",
            "A file of certificates (PEM) that vouch for the addresses of apps' keys (jwks_uri). "
            "Empty: those the system trusts.",
            &Config::apps_ca},
    Setting{"fhir.exports_max",
            "Bulk exports under way at once; further ones are told to come back (429).",
            &Config::fhir_exports_max},
    Setting{"fhir.export_kept_for", "How long the files of a whole export are kept.",
            &Config::fhir_export_kept_for},
    Setting{"fhir.export_bytes_max", "The bytes of all exports' files together.",
            &Config::fhir_export_bytes_max},
    Setting{"fhir.import_sources",
            "What bulk imports may read: URLs separated by spaces, each with all that lies below "
            "it. Files in the folder import of the data folder may be read always.",
            &Config::fhir_import_sources},
    Setting{"fhir.import_ca",
            "A file of certificates (PEM) that vouch for those sources. Empty: those the system "
            "trusts.",
            &Config::fhir_import_ca},
    Setting{"fhir.import_kept_for", "How long it is told what a bulk import has come to.",
            &Config::fhir_import_kept_for},
    Setting{"outbound.networks",
            "Networks that are not public, such as 10.0.0.0/8, to which a host name of "
            "fhir.subscription_endpoints, fhir.import_sources and openid.issuer may lead. An "
            "address that is written there as such, and localhost, needs none.",
            &Config::outbound_networks},
    Setting{"listen.http", "Plain HTTP, for a proxy on the same machine or for tests.",
            &Config::http},
    Setting{"listen.https",
            "HTTPS and WebSocket: the pages, the API, MQTT over WebSocket at /mqtt.",
            &Config::https},
    Setting{"listen.mqtt",
            "MQTT over plain TCP. Credentials travel readable: use it on loopback only.",
            &Config::mqtt},
    Setting{"listen.mqtts", "MQTT over TLS.", &Config::mqtts},
    Setting{"tls.certificate",
            "PEM file of the site's own certificate chain. Empty: made on first run.",
            &Config::tls_certificate},
    Setting{"tls.key", "PEM file of its private key.", &Config::tls_key},
    Setting{"web.folder", "Folder of the built web app. Empty: found beside the program.",
            &Config::web},
    Setting{"limits.connections_max", "Connections of all kinds.", &Config::connections_max},
    Setting{"limits.connections_per_address_max", "Connections from one address.",
            &Config::connections_per_address_max},
    Setting{"mqtt.packet_bytes_max", "The longest MQTT packet taken (Maximum Packet Size).",
            &Config::mqtt_packet_bytes_max},
    Setting{"mqtt.keep_alive_max_s",
            "The longest keep-alive granted (Server Keep Alive), in seconds.",
            &Config::mqtt_keep_alive_max_s},
    Setting{"mqtt.receive_maximum", "QoS 1 and 2 messages a client may have unacknowledged.",
            &Config::mqtt_receive_maximum},
    Setting{"mqtt.queue_messages_max", "Messages that wait for a slow or absent subscriber.",
            &Config::mqtt_queue_messages_max},
    Setting{"mqtt.queue_bytes_max", "Their bytes.", &Config::mqtt_queue_bytes_max},
    Setting{"mqtt.all_queues_messages_max",
            "Messages that wait for all subscribers together; beyond, who holds most is ended.",
            &Config::mqtt_all_queues_messages_max},
    Setting{"mqtt.all_queues_bytes_max", "Their bytes.", &Config::mqtt_all_queues_bytes_max},
    Setting{"mqtt.subscriptions_max", "Subscriptions a session may hold.",
            &Config::mqtt_subscriptions_max},
    Setting{"mqtt.sessions_max", "Sessions kept, connected or not.", &Config::mqtt_sessions_max},
    Setting{"mqtt.session_expiry_max", "The longest session expiry granted.",
            &Config::mqtt_session_expiry_max},
    Setting{"http.body_bytes_max", "The longest HTTP request body taken.",
            &Config::http_body_bytes_max},
    Setting{"http.requests_per_second",
            "Requests to /api and /fhir that one token, one sign-in or one other machine's address "
            "may make over time; beyond, 429 says when to come back.",
            &Config::http_requests_per_second},
    Setting{"http.burst", "How many of them may come at once.", &Config::http_burst},
    Setting{"http.connections_per_address_max",
            "HTTP connections from one address; further ones are closed.",
            &Config::http_connections_per_address_max},
    Setting{"clock.tolerance", "A device's time is believed within this of the time of receipt.",
            &Config::clock_tolerance},
    Setting{"clock.set_every",
            "A wrong clock is set at most this often, if its device listens; 0s: only by hand.",
            &Config::clock_set_every},
    Setting{"quarantine.per_source_max", "Unread messages kept open for one source.",
            &Config::quarantine_per_source_max},
    Setting{"retention.log", "How long entries stay in the log, raw messages in them.",
            &Config::retention_log},
    Setting{"retention.log_bytes_max",
            "How many bytes of entries the log keeps at most, however young they are.",
            &Config::log_bytes_max},
    Setting{"retention.raw",
            "How long raw messages are kept; after that, their SHA-256. 0s is as long as the log.",
            &Config::retention_raw},
    Setting{"retention.vitals", "How long numeric readings are kept; 0s is for ever.",
            &Config::retention_vitals},
    Setting{"retention.rollups",
            "How long minutes, hours and days of numeric readings are kept; 0s is for ever.",
            &Config::retention_rollups},
    Setting{"retention.waveforms", "How long waveforms are kept; 0s is for ever.",
            &Config::retention_waveforms},
    Setting{"retention.events",
            "How long coded readings, texts and events are kept; 0s is for ever.",
            &Config::retention_events},
    Setting{"privacy.record_kept_years",
            "For how many years after its last entry a record must be kept: erasure is refused "
            "until then. 0: no such duty.",
            &Config::record_kept_years},
    Setting{"store.flush_interval",
            "How often readings move from memory to compressed chunks, and what stands of alarms "
            "is kept.",
            &Config::flush_interval},
    Setting{"alarms.escalation",
            "A file that says who is told of an alarm when, as data/alarm-escalation.tsv does. "
            "Empty: Vigil's own (docs/guides/alarms.md).",
            &Config::alarms_escalation},
    Setting{"alarms.acknowledged_for_high",
            "An acknowledged alarm whose condition lasts sounds again after this.",
            &Config::alarms_acknowledged_for_high},
    Setting{"alarms.acknowledged_for_medium", "The same, of medium priority.",
            &Config::alarms_acknowledged_for_medium},
    Setting{"alarms.acknowledged_for_low", "The same, of low priority.",
            &Config::alarms_acknowledged_for_low},
    Setting{"alarms.accepted_for",
            "Who accepted responsibility has this long before others are told.",
            &Config::alarms_accepted_for},
    Setting{"alarms.audio_paused_max", "The longest audio pause, 10min at most.",
            &Config::alarms_audio_paused_max},
    Setting{"alarms.alarm_paused_max", "The longest alarm pause, 10min at most.",
            &Config::alarms_alarm_paused_max},
    Setting{"alarms.off_max", "For how long audio or an alarm may be off, until asked for anew.",
            &Config::alarms_off_max},
    Setting{"alarms.reminder_every", "How often people are reminded of what is off.",
            &Config::alarms_reminder_every},
    Setting{"scores.charts",
            "Files of the site's own early-warning charts, separated by spaces "
            "(docs/guides/early-warning.md).",
            &Config::scores_charts},
    Setting{
        "alarms.webhook_endpoints",
        "Systems that may be told of alarms (paging, nurse call): URLs separated by spaces, each "
        "with all that lies below it, such as https://paging.example/. Empty: none.",
        &Config::alarms_webhook_endpoints},
    Setting{"alarms.webhook_ca",
            "A file of certificates (PEM) that vouch for those systems. Empty: those the system "
            "trusts.",
            &Config::alarms_webhook_ca},
    Setting{"alarms.mail_server",
            "Who takes e-mail about alarms: smtp://mail.example:587 (STARTTLS) or "
            "smtps://mail.example:465. Empty: none is sent.",
            &Config::alarms_mail_server},
    Setting{"alarms.mail_from", "The address that it comes from, such as vigil@hospital.example.",
            &Config::alarms_mail_from},
    Setting{"alarms.mail_user", "Whom Vigil signs in as there. Empty: it does not.",
            &Config::alarms_mail_user},
    Setting{"alarms.mail_password", "With which password.", &Config::alarms_mail_password},
    Setting{"alarms.mail_password_file",
            "A file whose first line is that password, readable by its owner and group only.",
            &Config::alarms_mail_password_file},
    Setting{"alarms.mail_ca",
            "A file of certificates (PEM) that vouch for the mail server. Empty: those the system "
            "trusts.",
            &Config::alarms_mail_ca},
    Setting{"alarms.mail_says",
            "Which bed it is (\"bed\"), or who lies there too (\"patient\"): e-mail may travel "
            "readable "
            "from mail server to mail server.",
            &Config::alarms_mail_says, mail_contents},
    Setting{"live.ring_for", "How much of what just came in is kept in memory for the live stream.",
            &Config::live_ring_for},
    Setting{"live.ring_bytes_max", "Its bytes.", &Config::live_ring_bytes_max},
    Setting{"live.resume_for",
            "A screen that was cut off for no longer is sent what it missed out of the log.",
            &Config::live_resume_for},
    Setting{"live.resume_bytes_max",
            "The bytes of the log that are read for it; beyond, it is told of the gap.",
            &Config::live_resume_bytes_max},
    Setting{"audit.when_unwritable",
            "While the disk takes no audit lines: \"hold\" lets people who are signed in go on "
            "reading, their lines held in memory; \"refuse\" answers 503.",
            &Config::audit_when_unwritable, unwritable_ways},
    Setting{"audit.held_lines_max", "Audit lines that may wait for the disk; then 503.",
            &Config::audit_held_lines_max},
    Setting{"audit.held_bytes_max", "Their bytes.", &Config::audit_held_bytes_max},
    Setting{"audit.checkpoint_interval",
            "How long audit lines go without a signed checkpoint; 10,000 lines for a minute at "
            "most.",
            &Config::audit_checkpoint_interval},
    Setting{"audit.syslog",
            "A syslog collector that each line of the audit is sent to over TLS (RFC 5425), such "
            "as collector.example:6514; without a port 6514. Empty: none.",
            &Config::audit_syslog},
    Setting{"audit.syslog_ca",
            "A file of certificates (PEM) that vouch for the collector. Empty: those the system "
            "trusts.",
            &Config::audit_syslog_ca},
    Setting{"audit.syslog_name",
            "The name that the collector's certificate must bear. Empty: the host.",
            &Config::audit_syslog_name},
    Setting{"audit.syslog_certificate",
            "PEM file of the certificate chain that the collector is shown. Empty: none.",
            &Config::audit_syslog_certificate},
    Setting{"audit.syslog_key", "PEM file of its private key.", &Config::audit_syslog_key},
    Setting{"metrics.token",
            "What Prometheus shows to read /metrics (bearer token). Empty: this machine only.",
            &Config::metrics_token},
    Setting{"enrolment.code_lifetime",
            "How long a device's one-time code is good, where nothing else was said; 30d at most.",
            &Config::enrolment_code_lifetime,
            {},
            identity::enrolment_lifetime_max},
    Setting{"enrolment.certificate_lifetime",
            "How long a certificate is good that a device enrolled for or renewed; devices renew "
            "after two thirds of it. 730d at most.",
            &Config::enrolment_certificate_lifetime,
            {},
            identity::device_lifetime},
    Setting{"session.idle", "An idle sign-in ends after this.", &Config::session_idle},
    Setting{"accounts.second_factor",
            "Of whom a second factor is asked beside the password: \"optional\" (who set one up), "
            "\"administrators\" or \"all\" people. Who has none yet sets it up as they sign in. "
            "Tokens and devices are not asked.",
            &Config::second_factor, factor_policies},
    Setting{"openid.issuer",
            "The hospital's own provider of OpenID Connect, as it calls itself, such as "
            "https://idp.example/realms/ward. Empty: people sign in with passwords and passkeys.",
            &Config::openid_issuer},
    Setting{"openid.client_id", "What the provider calls this server.", &Config::openid_client_id},
    Setting{"openid.client_secret",
            "The secret that it gave this server. Empty, and no file: a public client.",
            &Config::openid_client_secret},
    Setting{"openid.client_secret_file",
            "A file whose first line is that secret, readable by its owner and group only.",
            &Config::openid_client_secret_file},
    Setting{"openid.name",
            "What the button on the sign-in page calls the provider. Empty: its host.",
            &Config::openid_name},
    Setting{"openid.account_claim",
            "The claim that is the user name here, such as preferred_username, or email (which the "
            "provider must have verified).",
            &Config::openid_account_claim},
    Setting{"openid.second_factor",
            "Whether who comes from there is asked for their second factor here too: \"ask\", or "
            "\"trust\" where the provider asks for one itself.",
            &Config::openid_second_factor, provider_factors},
    Setting{"openid.role_claim",
            "The claim that names the role of people who have no account here, such as groups or "
            "realm_access.roles: they get one. Empty: they get none.",
            &Config::openid_role_claim},
    Setting{"openid.roles",
            "What it says and which role that is, such as icu-nurses=nurse icu-doctors=physician, "
            "separated by spaces. The first that fits counts; without one there is no account.",
            &Config::openid_roles},
    Setting{"openid.ca",
            "A file of certificates (PEM) that vouch for the provider. Empty: those the system "
            "trusts.",
            &Config::openid_ca},
};

std::string duration_text(Nanoseconds d) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(d).count();
    if (seconds != 0 && seconds % 86400 == 0) return fmt::format("{}d", seconds / 86400);
    if (seconds != 0 && seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
    return fmt::format("{}s", seconds);
}

std::string default_text(const Setting& setting) {
    const Config defaults;
    if (const auto* text = std::get_if<std::string Config::*>(&setting.field))
        return fmt::format("\"{}\"", defaults.*(*text));
    if (const auto* number = std::get_if<std::int64_t Config::*>(&setting.field))
        return fmt::format("{}", defaults.*(*number));
    return fmt::format("\"{}\"",
                       duration_text(defaults.*std::get<Nanoseconds Config::*>(setting.field)));
}

}  // namespace

std::span<const Setting> settings() {
    return table;
}

std::string environment_name(std::string_view key) {
    std::string name = "VIGIL_";
    for (const char c : key)
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

Result<void> set(Config& config, std::string_view key, std::string_view text) {
    const auto* setting =
        std::ranges::find_if(table, [&](const Setting& s) { return s.key == key; });
    if (setting == table.end())
        return fail(Error::Kind::not_found,
                    fmt::format("there is no setting \"{}\"; `vigil config` lists them all", key));
    if (const auto* field = std::get_if<std::string Config::*>(&setting->field)) {
        const auto& words = setting->one_of;
        if (!words.empty() && std::ranges::find(words, text) == words.end())
            return fail(Error::Kind::malformed,
                        fmt::format("{} takes \"{}\"", key, fmt::join(words, "\" or \"")));
        config.*(*field) = text;
        return {};
    }
    if (const auto* field = std::get_if<std::int64_t Config::*>(&setting->field)) {
        std::int64_t number = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc() || end != text.data() + text.size() || number < 1)
            return fail(Error::Kind::malformed,
                        fmt::format("{} takes a whole number above 0", key));
        config.*(*field) = number;
        return {};
    }
    auto duration = parse_duration(text);
    if (!duration)
        return fail(Error::Kind::malformed,
                    fmt::format("{} takes a duration such as 90s, 12h or 7d", key));
    const auto at_most = setting->at_most;
    if (at_most > Nanoseconds(0) && (*duration <= Nanoseconds(0) || *duration > at_most))
        return fail(Error::Kind::malformed,
                    fmt::format("{} takes a duration of at most {}", key, duration_text(at_most)));
    config.*std::get<Nanoseconds Config::*>(setting->field) = *duration;
    return {};
}

Result<void> read_environment(Config& config,
                              const std::map<std::string, std::string>& environment) {
    for (const auto& setting : table) {
        const auto found = environment.find(environment_name(setting.key));
        if (found == environment.end()) continue;
        if (auto done = set(config, setting.key, found->second); !done) {
            done.error().place = found->first;
            return done;
        }
    }
    return {};
}

std::string configuration_reference() {
    std::string page =
        "# Configuration\n\n"
        "One TOML file (`vigil serve --config FILE`). Each key can also be set by the environment "
        "variable beside it, which wins over the file; the command line wins over both. Durations "
        "are "
        "written `90s`, `5m`, `12h`, `7d`. An unknown key is refused.\n\n"
        "| key | default | environment | what it sets |\n|---|---|---|---|\n";
    for (const auto& setting : table)
        page += fmt::format("| `{}` | `{}` | `{}` | {} |\n", setting.key, default_text(setting),
                            environment_name(setting.key), setting.about);
    page +=
        "\n`VIGIL_ADMIN_PASSWORD` sets the first administrator's password on an empty data "
        "folder; "
        "`VIGIL_ADMIN_PASSWORD_FILE` names a file with it. Neither is a word of the command line, "
        "and the "
        "server wipes the first from its environment. `VIGIL_KEYS_MASTER` is the root key in 64 "
        "hexadecimal digits, for `keys.source = \"environment\"`; it is wiped too, and stands in "
        "no file.\n"
        "\n## Topics outside the device tree\n\n"
        "Devices publish and subscribe under `vigil/<their id>/` only. Accounts may use other "
        "topics, so "
        "that a site can have Vigil as its one broker:\n\n"
        "```toml\n[[topic]]\naccount = \"*\"            # a user name, or * for every account\n"
        "filter = \"site/porters/#\"  # an MQTT topic filter\nallow = [\"publish\", "
        "\"subscribe\"]\n```\n\n"
        "What devices send is passed on whole, or not at all: an account gets no message of a "
        "device whose patient withholds some of their readings from it\n"
        "([consent](../guides/consent.md)), or is restricted and out of its reach.\n"
        "\n## Metrics of your own\n\n"
        "```toml\n[[metric]]\nkey = \"room_pressure\"\ndisplay = \"Air pressure in the room\"\n"
        "kind = \"numeric\"           # numeric, waveform, event or setting\n"
        "unit = \"hPa\"               # UCUM\nexpected_interval = \"10s\"   # 0s: measured now and "
        "then\n"
        "```\n";
    return page;
}

}  // namespace vigil::app
