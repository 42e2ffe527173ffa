// GET /metrics: docs/reference/metrics.md. Everything is gathered on a worker; what belongs to the
// loop it left there a second ago at most.
#include <filesystem>

#include "app/core.hpp"
#include "app/own_process.hpp"
#include "app/prometheus.hpp"
#include "identity/secret.hpp"
#include "identity/sign_in_guard.hpp"

namespace vigil::app {
namespace {

// On this very machine, and not by way of a proxy that stands on it for others.
bool is_local(const session::HttpRequest& request) {
    const auto network = identity::network_of(request.peer.address);
    const bool loopback = network.starts_with("127.") || network == identity::network_of("[::1]:1");
    return loopback && !request.header("x-forwarded-for") && !request.header("forwarded");
}

bool allowed(const session::HttpRequest& request, const std::string& token) {
    if (token.empty()) return is_local(request);
    return identity::same_secret(request.header("authorization").value_or(""), "Bearer " + token);
}

void write_process(PrometheusText& text) {
    const auto process = own_process();
    text.counter("process_cpu_seconds_total", "CPU time used.", process.cpu_seconds);
    text.gauge("process_resident_memory_bytes", "Memory in use.", process.resident_bytes);
    text.gauge("process_virtual_memory_bytes", "Memory mapped.", process.virtual_bytes);
    text.gauge("process_open_fds", "Open file descriptors.", process.open_descriptors);
}

void write_intake(PrometheusText& text, const collect::IntakeCounts& counts) {
    text.counter("vigil_messages_total", "Device messages taken in.", counts.messages);
    text.counter("vigil_message_bytes_total", "Their payload bytes.", counts.bytes);
    text.counter("vigil_messages_resent_total", "Messages known already, stored once.",
                 counts.resent);
    text.counter("vigil_readings_total", "Readings stored.", counts.readings);
    text.counter("vigil_waveform_samples_total", "Waveform samples stored.", counts.samples);
    text.counter("vigil_quarantined_total", "Messages kept unread, in quarantine.", counts.unread);
    text.counter("vigil_quarantine_over_quota_total", "Unread messages refused: over the quota.",
                 counts.over_quota);
}

void write_broker(PrometheusText& text, const Figures& figures) {
    const auto& broker = figures.broker;
    text.metric("vigil_connections", "gauge", "Open connections.");
    text.sample("protocol", "mqtt", figures.mqtt_connections);
    text.sample("protocol", "http", figures.http_connections);
    text.gauge("vigil_live_viewers", "Live streams open.", figures.viewers);
    text.gauge("vigil_web_sessions", "Web sessions signed in.", figures.web_sessions);
    text.gauge("vigil_mqtt_sessions", "MQTT sessions kept, connected or not.",
               figures.mqtt_sessions);
    text.gauge("vigil_mqtt_retained_messages", "MQTT retained messages.", figures.retained);
    text.counter("vigil_mqtt_connects_total", "MQTT connections accepted.",
                 broker.connects_accepted);
    text.counter("vigil_mqtt_connects_refused_total", "CONNECT packets refused.",
                 broker.connects_refused);
    text.counter("vigil_mqtt_published_total", "PUBLISH packets taken.", broker.published);
    text.counter("vigil_mqtt_publish_refused_total", "PUBLISH packets refused.",
                 broker.publish_refused);
    text.counter("vigil_mqtt_delivered_total", "PUBLISH packets sent.", broker.delivered);
    text.metric("vigil_mqtt_undelivered_total", "counter", "Messages a subscriber did not get.");
    text.sample("reason", "expired", broker.dropped_expired);
    text.sample("reason", "too_large", broker.dropped_too_large);
    text.sample("reason", "withheld", broker.dropped_withheld);
    text.sample("reason", "session_ended", broker.lost - broker.overtaken);
    text.sample("reason", "log_bound", broker.overtaken);
    text.gauge("vigil_mqtt_waiting_messages", "Messages that wait for all subscribers together.",
               figures.mqtt_waiting.messages);
    text.gauge("vigil_mqtt_waiting_bytes", "Their bytes.", figures.mqtt_waiting.bytes);
    text.metric("vigil_mqtt_sessions_over_bound_total", "counter",
                "Sessions ended because a bound was passed.");
    text.sample("bound", "queue", broker.sessions_over_queue);
    text.sample("bound", "all_queues", broker.sessions_over_all_queues);
    text.sample("bound", "log", broker.sessions_overtaken);
    text.counter("vigil_http_requests_over_quota_total",
                 "HTTP requests answered 429: a token, a sign-in or an address asked too much.",
                 figures.requests_refused);
    text.metric("vigil_sign_ins_refused_total", "counter", "Wrong or missing credentials.");
    text.sample("way", "mqtt", figures.connects_refused);
    text.sample("way", "password", figures.sign_ins_refused);
}

void write_certificates(PrometheusText& text, const CertificateCounts& counts) {
    text.metric("vigil_device_certificates", "gauge",
                "Devices by the state of their newest certificate.");
    text.sample("state", "good", counts.good);
    text.sample("state", "expiring", counts.expiring);
    text.sample("state", "ended", counts.ended);
    text.sample("state", "revoked", counts.revoked);
}

void write_audit(PrometheusText& text, const AuditState& audit,
                 const AuditCheckpoints& checkpoints) {
    const auto check = checkpoints.last_check();
    text.gauge("vigil_audit_tampered", "1 where the last check found that the audit does not hold.",
               check && !check->sound ? 1 : 0);
    text.gauge("vigil_audit_checked_timestamp_seconds",
               "When that was, in seconds since 1970; 0: never.",
               check ? std::chrono::duration<double>(check->at.time_since_epoch()).count() : 0.0);
    text.gauge("vigil_audit_unwritable", "1 while the disk takes no audit lines.",
               audit.unwritable_since ? 1 : 0);
    text.gauge("vigil_audit_held_lines", "Audit lines in memory that are not on disk yet.",
               audit.lines);
    text.gauge("vigil_audit_held_bytes", "Their bytes.", audit.bytes);
    text.counter("vigil_audit_written_late_total", "Audit lines written after their answer.",
                 audit.written_late);
    text.counter("vigil_audit_not_kept_total",
                 "Audit lines that found no room: no data was given for them.", audit.not_kept);
}

void write_syslog(PrometheusText& text, const AuditSyslogState& syslog) {
    text.gauge("vigil_audit_syslog_connected", "1 while there is a connection to the collector.",
               syslog.connected ? 1 : 0);
    text.gauge("vigil_audit_syslog_lag_lines",
               "Audit lines that the collector is not known to have.", syslog.waiting);
    text.gauge("vigil_audit_syslog_lag_seconds", "Age of the oldest of them.", syslog.waiting_s);
    text.counter("vigil_audit_syslog_messages_total",
                 "Messages sent to it, those that were sent again too.", syslog.messages);
    text.counter("vigil_audit_syslog_failures_total",
                 "Connections that could not be made or did not end in order.", syslog.failures);
}

void write_latency(PrometheusText& text, const Histogram& histogram) {
    text.metric("vigil_commit_latency_seconds", "histogram",
                "From the receipt of a commit's first message until it was durable.");
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i)
        text.part("_bucket", fmt::format("{{le=\"{}\"}}", Histogram::bounds[i]),
                  histogram.count_up_to(i));
    const auto count = histogram.count_up_to(Histogram::bounds.size());
    text.part("_bucket", "{le=\"+Inf\"}", count);
    text.part("_sum", "", histogram.sum());
    text.part("_count", "", count);
}

void write_disk(PrometheusText& text, const std::string& folder) {
    std::error_code ignored;
    const auto space = std::filesystem::space(folder, ignored);
    text.gauge("vigil_disk_free_bytes", "Room left where the data is.", space.available);
    text.gauge("vigil_disk_size_bytes", "Size of the disk where the data is.", space.capacity);
    text.metric("vigil_file_bytes", "gauge", "Size of the data folder's files.");
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored))
        if (file.is_regular_file(ignored))
            text.sample("file", file.path().filename().string(), file.file_size(ignored));
}

}  // namespace

void Server::Core::answer_metrics(const session::HttpRequest& request,
                                  session::HttpRespond respond) {
    if (request.method != "GET" && request.method != "HEAD")
        return respond({.status = 405, .headers = {{"allow", "GET, HEAD"}}});
    if (!allowed(request, config_.metrics_token))
        return respond(share::error_answer({Error::Kind::forbidden,
                                            "metrics are for this machine, or for who shows "
                                            "metrics.token of the configuration",
                                            "Authorization"}));
    workers_->post([this, respond = std::move(respond)] {
        respond({.status = 200,
                 .headers = {{"content-type", std::string(PrometheusText::content_type)},
                             {"cache-control", "no-store"}},
                 .body = metrics_text()});
    });
}

std::string Server::Core::metrics_text() {
    PrometheusText text;
    const auto now = net::system_clocks().wall();
    text.metric("vigil_build_info", "gauge", "The version that runs.");
    text.sample("version", context_->version, 1);
    text.gauge("process_start_time_seconds", "When it was started.",
               std::chrono::duration<double>(started_.time_since_epoch()).count());
    write_process(text);
    {
        const std::lock_guard lock(measures_mutex_);
        write_intake(text, figures_.intake);
        write_broker(text, figures_);
        write_certificates(text, figures_.certificates);
        write_audit(text, figures_.audit, folder_->audit_checkpoints());
        if (figures_.syslog) write_syslog(text, *figures_.syslog);
        text.counter("vigil_commits_total", "Commits of the log.", commit_count_);
        text.counter("vigil_commit_failures_total",
                     "Commits that failed: nothing was acknowledged.", failed_commits_);
        write_latency(text, commit_histogram_);
    }
    const auto counts = folder_->quarantine().counts();
    text.gauge("vigil_quarantine_open", "Unread messages that nobody has decided on.",
               counts ? counts->open : 0);
    text.gauge("vigil_log_pending_bytes", "Bytes taken in that are not durable yet.",
               folder_->log().pending_bytes());
    text.gauge("vigil_series_memory_bytes", "Readings in memory, not in chunks yet.",
               folder_->series().head_bytes());
    const auto behind = lags(now);
    text.metric("vigil_consumer_lag_entries", "gauge", "Entries of the log not applied yet.");
    for (const auto& each : behind) text.sample("consumer", each.consumer, each.entries);
    text.metric("vigil_consumer_lag_seconds", "gauge", "Age of the oldest of them.");
    for (const auto& each : behind) text.sample("consumer", each.consumer, each.seconds);
    write_disk(text, folder_->path());
    return text.take();
}

}  // namespace vigil::app
