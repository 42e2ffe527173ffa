#pragma once
// Everything a site can set, in one table: the TOML file, the environment, the command line and the
// reference page are all read off it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/key256.hpp"

namespace vigil::app {

// Who may use which topics outside the device tree, as the configuration's [[topic]] tables say.
struct TopicRule {
    std::string account;  // a user name, or "*" for every account
    std::string filter;   // an MQTT topic filter
    bool publish = false;
    bool subscribe = false;
};

// A metric of the site's own, from a [[metric]] table.
struct SiteMetric {
    std::string key, display, kind, mdc_refid, loinc, unit;
    std::uint32_t mdc_code = 0;
    Nanoseconds expected_interval{};
};

struct Config {
    std::string data = "vigil-data";
    std::string keys_source = "file";  // or "environment", "pkcs11", "tpm"
    std::string master_key_file;       // empty: keys/master.key of the data folder
    std::string keys_previous_file;    // the one before, while a rotation is due
    std::string keys_recovery_file;    // empty: no recovery key
    std::string pkcs11_module, pkcs11_token, pkcs11_key, pkcs11_pin_file;
    std::string tpm = "device:/dev/tpmrm0";
    std::string site_name = "Vigil";
    std::string site_organization;  // "Organization/1"; empty: not known
    std::string fhir_cors_origins;  // "https://app.example https://other.example"; empty: none
    std::string fhir_validation = "enforce";  // off, warn or enforce
    std::string fhir_packages;                // a folder; empty: none
    std::string fhir_subscription_endpoints;  // URLs separated by spaces; empty: no rest-hooks
    std::string fhir_subscription_ca;         // a PEM file; empty: the system's store
    std::string apps_ca;                      // the same, for the keys of apps
    std::string fhir_import_sources;          // URLs separated by spaces; empty: only files
    std::string fhir_import_ca;               // a PEM file; empty: the system's store
    std::string outbound_networks;            // "10.0.0.0/8 fd00::/8"; empty: public ones only
    std::string public_url;  // "https://vigil.example"; empty: the address it listens at

    // Listeners: "ADDRESS:PORT", port 0 picks a free one, "off" or empty is off.
    std::string http = "off";
    std::string https = "0.0.0.0:8443";
    std::string mqtt = "off";
    std::string mqtts = "0.0.0.0:8883";

    std::string tls_certificate;  // PEM files; empty: made on first run
    std::string tls_key;
    std::string web;  // folder of the built web app; empty: beside the program, or where installed

    std::int64_t connections_max = 20'000;
    std::int64_t connections_per_address_max = 20'000;
    std::int64_t mqtt_packet_bytes_max = 1 << 20;
    std::int64_t mqtt_keep_alive_max_s = 3600;
    std::int64_t mqtt_receive_maximum = 1024;
    std::int64_t mqtt_queue_messages_max = 100'000;
    std::int64_t mqtt_queue_bytes_max = 64 << 20;
    std::int64_t mqtt_all_queues_messages_max = 2'000'000;
    std::int64_t mqtt_all_queues_bytes_max = std::int64_t{1} << 30;
    std::int64_t mqtt_subscriptions_max = 1'000;
    std::int64_t mqtt_sessions_max = 50'000;
    Nanoseconds mqtt_session_expiry_max = std::chrono::hours(24 * 7);
    std::int64_t http_body_bytes_max = 16 << 20;
    std::int64_t http_requests_per_second = 5'000;
    std::int64_t http_burst = 10'000;
    std::int64_t http_connections_per_address_max = 4'000;

    Nanoseconds clock_tolerance = std::chrono::seconds(60);
    Nanoseconds clock_set_every = std::chrono::hours(1);
    std::int64_t quarantine_per_source_max = 10'000;

    Nanoseconds retention_log = std::chrono::hours(24 * 7);
    Nanoseconds retention_raw{};     // 0: as long as the log
    Nanoseconds retention_vitals{};  // 0: kept for ever
    Nanoseconds retention_rollups{};
    Nanoseconds retention_waveforms{};
    Nanoseconds retention_events{};
    std::int64_t record_kept_years = 0;  // 0: no duty
    std::int64_t log_bytes_max = std::int64_t{64} << 30;
    // Defaults: monitor::AlarmPolicy's.
    std::string alarms_escalation;
    Nanoseconds alarms_acknowledged_for_high = std::chrono::minutes(2);
    Nanoseconds alarms_acknowledged_for_medium = std::chrono::minutes(5);
    Nanoseconds alarms_acknowledged_for_low = std::chrono::minutes(10);
    Nanoseconds alarms_accepted_for = std::chrono::minutes(3);
    Nanoseconds alarms_audio_paused_max = std::chrono::minutes(2);
    Nanoseconds alarms_alarm_paused_max = std::chrono::minutes(5);
    Nanoseconds alarms_off_max = std::chrono::hours(24);
    Nanoseconds alarms_reminder_every = std::chrono::minutes(5);
    std::string scores_charts;
    Nanoseconds flush_interval = std::chrono::seconds(60);

    std::string alarms_webhook_endpoints;  // URLs separated by spaces; empty: no webhooks
    std::string alarms_webhook_ca;         // a PEM file; empty: the system's store
    std::string alarms_mail_server;        // "smtp://mail.example:587"; empty: no e-mail
    std::string alarms_mail_from;
    std::string alarms_mail_user, alarms_mail_password, alarms_mail_password_file;
    std::string alarms_mail_ca;
    std::string alarms_mail_says = "bed";  // or "patient"

    Nanoseconds live_ring_for = std::chrono::seconds(60);
    std::int64_t live_ring_bytes_max = 32 << 20;
    Nanoseconds live_resume_for = std::chrono::minutes(10);
    std::int64_t live_resume_bytes_max = 64 << 20;

    std::int64_t fhir_exports_max = 4;
    Nanoseconds fhir_export_kept_for = std::chrono::hours(1);
    Nanoseconds fhir_import_kept_for = std::chrono::hours(24);
    std::int64_t fhir_export_bytes_max = std::int64_t{16} << 30;

    std::string audit_when_unwritable = "hold";  // or "refuse"
    std::int64_t audit_held_lines_max = 100'000;
    std::int64_t audit_held_bytes_max = 64 << 20;
    Nanoseconds audit_checkpoint_interval = std::chrono::minutes(10);
    std::string audit_syslog;              // "collector.example:6514"; empty: nowhere
    std::string audit_syslog_ca;           // a PEM file; empty: the system's store
    std::string audit_syslog_name;         // empty: the host
    std::string audit_syslog_certificate;  // PEM files; empty: none is shown
    std::string audit_syslog_key;

    std::string metrics_token;  // empty: /metrics is for this machine only

    Nanoseconds enrolment_code_lifetime = std::chrono::hours(24);
    Nanoseconds enrolment_certificate_lifetime = std::chrono::hours(24 * 180);

    Nanoseconds session_idle = std::chrono::hours(12);
    std::string second_factor = "optional";  // or "administrators", "all"

    std::string openid_issuer;  // "https://idp.example/realms/ward"; empty: no such sign-in
    std::string openid_client_id;
    std::string openid_client_secret;       // this, or
    std::string openid_client_secret_file;  // a file whose first line it is; neither: PKCE alone
    std::string openid_name;                // empty: the issuer's host
    std::string openid_account_claim = "preferred_username";
    std::string openid_second_factor = "ask";  // or "trust"
    std::string openid_role_claim;             // empty: unknown people get no account
    std::string openid_roles;                  // "icu-nurses=nurse icu-doctors=physician"
    std::string openid_ca;                     // a PEM file; empty: the system's store

    std::vector<TopicRule> topics;
    std::vector<SiteMetric> metrics;

    // Where it came from, to read [keys] again; and what no file says: VIGIL_KEYS_MASTER.
    std::string file;
    std::map<std::string, std::string> environment;
    std::optional<identity::Key256> given_master_key;
};

// One key of the table.
struct Setting {
    std::string_view key;    // "mqtt.packet_bytes_max"; environment: VIGIL_MQTT_PACKET_BYTES_MAX
    std::string_view about;  // one sentence for the reference page
    std::variant<std::string Config::*, std::int64_t Config::*, Nanoseconds Config::*> field;
    std::span<const std::string_view> one_of{};  // the texts it takes; none: any
    Nanoseconds at_most{};  // of a duration, which is then more than nothing; 0: any
};

std::span<const Setting> settings();
// The variable that sets a key: "VIGIL_KEYS_SOURCE".
std::string environment_name(std::string_view key);

// Sets one key from text; an error names the key and what it takes.
Result<void> set(Config& config, std::string_view key, std::string_view text);

// Reads a TOML file over the defaults. An unknown key is an error: a typo must not pass silently.
Result<void> read_config_file(Config& config, const std::string& path);
// Its text; errors name `path` and the line.
Result<void> read_config(Config& config, std::string_view text, const std::string& path);
// VIGIL_… variables over what stands; VIGIL_ADMIN_PASSWORD is not configuration and is left alone.
Result<void> read_environment(Config& config,
                              const std::map<std::string, std::string>& environment);

// docs/reference/configuration.md is this text, kept equal by a test.
std::string configuration_reference();

}  // namespace vigil::app
