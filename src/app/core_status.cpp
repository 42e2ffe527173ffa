// What the server says of itself, and what the live stream asks of it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ranges>

#include "app/core.hpp"
#include "app/own_process.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t gaps_shown_max = 50;

// What subscribers were sent, and what they never got (promise 2).
void write_mqtt(JsonWriter& json, const broker::BrokerStatistics& counts,
                const broker::WaitingMessages& waiting,
                const std::vector<broker::DeliveryGap>& gaps) {
    json.key("mqtt").begin_object().member("published", counts.published);
    json.member("refused", counts.publish_refused).member("delivered", counts.delivered);
    json.member("expired", counts.dropped_expired).member("too_large", counts.dropped_too_large);
    json.member("lost", counts.lost).member("overtaken", counts.overtaken);
    json.member("sessions_over_queue", counts.sessions_over_queue);
    json.member("sessions_over_all_queues", counts.sessions_over_all_queues);
    json.member("sessions_overtaken", counts.sessions_overtaken);
    json.member("waiting", waiting.messages).member("waiting_bytes", waiting.bytes);
    json.key("gaps").begin_array();
    for (const auto& gap : std::views::reverse(gaps)) {
        json.begin_object().member("time", gap.time).member("principal", gap.principal);
        json.member("client", gap.client_identifier).member("messages", gap.messages);
        json.member("first", share::position_text(gap.first));
        json.member("last", share::position_text(gap.last)).end_object();
    }
    json.end_array().end_object();
}

// How far the collector has the audit.
void write_syslog(JsonWriter& json, const std::optional<AuditSyslogState>& syslog) {
    json.key("syslog");
    if (!syslog) {
        json.null();
        return;
    }
    json.begin_object().member("collector", syslog->collector);
    json.member("connected", syslog->connected).member("received", syslog->received);
    json.member("lag_lines", syslog->waiting).member("lag_s", syslog->waiting_s);
    json.member("messages", syslog->messages).member("failures", syslog->failures);
    json.member_or_null("problem", syslog->problem).end_object();
}

// Whether accesses can be put on record (promise 5), and whether the record holds.
void write_audit(JsonWriter& json, const AuditState& audit,
                 const std::optional<AuditSyslogState>& syslog,
                 const AuditCheckpoints& checkpoints) {
    json.key("audit").begin_object();
    json.member_or_null("unwritable_since", audit.unwritable_since);
    json.member_or_null("why", audit.why).member("held_lines", audit.lines);
    json.member("held_bytes", audit.bytes).member("refusing", audit.full);
    json.member("written_late", audit.written_late).member("not_kept", audit.not_kept);
    json.key("checkpoint");
    if (const auto newest = checkpoints.newest())
        json.begin_object()
            .member("line", newest->end.number)
            .member("time", newest->time)
            .end_object();
    else
        json.null();
    json.key("check");
    if (const auto check = checkpoints.last_check()) {
        json.begin_object().member("time", check->at).member("sound", check->sound);
        json.member("lines", check->lines).member_or_null("problem", check->problem).end_object();
    } else {
        json.null();
    }
    write_syslog(json, syslog);
    json.end_object();
}

void write_disk(JsonWriter& json, const std::string& folder) {
    std::error_code ignored;
    const auto space = std::filesystem::space(folder, ignored);
    json.key("disk").begin_object().member("free_bytes", space.available);
    json.member("total_bytes", space.capacity).key("files").begin_array();
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
        if (!file.is_regular_file(ignored)) continue;
        json.begin_object().member("name", file.path().filename().string());
        json.member("bytes", file.file_size(ignored)).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

void Server::Core::sample_rates() {
    const auto now = loop_.now();
    const auto& counts = intake_->counts();
    const std::lock_guard lock(measures_mutex_);
    messages_.sample(now, counts.messages);
    readings_.sample(now, counts.readings);
    samples_.sample(now, counts.samples);
    bytes_.sample(now, counts.bytes);
    commits_.sample(now, commit_count_);
    quarantined_.sample(now, counts.unread);
    const auto& gaps = broker_->gaps();
    const auto shown = std::min(gaps.size(), gaps_shown_max);
    mqtt_gaps_.assign(gaps.end() - static_cast<std::ptrdiff_t>(shown), gaps.end());
    figures_.intake = counts;
    figures_.broker = broker_->statistics();
    figures_.mqtt_waiting = broker_->waiting();
    figures_.audit = audit_->state();
    if (syslog_) figures_.syslog = syslog_->state();
    figures_.connects_refused = gatekeeper_->refused();
    figures_.sign_ins_refused = sign_in_->refused();
    figures_.requests_refused = request_limits_->refused();
    figures_.mqtt_connections = figures_.http_connections = 0;
    for (const auto* listener : mqtt_listeners_)
        figures_.mqtt_connections += listener->counts().open;
    for (const auto* listener : http_listeners_)
        figures_.http_connections += listener->counts().open;
    figures_.mqtt_sessions = broker_->sessions();
    figures_.retained = broker_->retained_messages();
    figures_.viewers = live_->viewers();
    figures_.web_sessions = sessions_->size();
}

void Server::Core::count_certificates(Timestamp now) {
    using identity::CertificateState;
    CertificateCounts counts;
    for (const auto& [id, device] : registry_.devices()) {
        const auto* newest = registry_.newest_certificate(id, now);
        if (newest == nullptr) continue;
        const auto state = identity::state_of(*newest, now);
        ++(state == CertificateState::good       ? counts.good
           : state == CertificateState::expiring ? counts.expiring
           : state == CertificateState::ended    ? counts.ended
                                                 : counts.revoked);
    }
    const std::lock_guard lock(measures_mutex_);
    figures_.certificates = counts;
}

void Server::Core::write_status(JsonWriter& json) {
    auto& log = folder_->log();
    const auto end = log.end();
    const auto now = net::system_clocks().wall();
    const auto behind = lags(now);
    const std::lock_guard lock(measures_mutex_);
    json.member("version", context_->version).member("server_time", now);
    json.member("started", started_);
    json.member("uptime_s", std::chrono::duration<double>(now - started_).count());
    json.key("log").begin_object().member("first", share::position_text(log.first()));
    json.member("end", share::position_text(end)).member("pending_bytes", log.pending_bytes());
    json.key("commit_ms").begin_object().member("p50", commit_latency_.quantile_ms(0.5));
    json.member("p99", commit_latency_.quantile_ms(0.99)).end_object();
    json.member_or_null("failing", failing_.value_or("")).end_object();
    json.key("alarm_latency_ms").begin_object().member("p50", alarm_latency_.quantile_ms(0.5));
    json.member("p99", alarm_latency_.quantile_ms(0.99)).end_object();
    json.key("rates").begin_object().member("messages_s", messages_.per_second());
    json.member("readings_s", readings_.per_second()).member("samples_s", samples_.per_second());
    json.member("bytes_s", bytes_.per_second()).member("commits_s", commits_.per_second());
    json.member("quarantined_s", quarantined_.per_second()).end_object();
    json.key("consumers").begin_array();
    for (const auto& each : behind) {
        json.begin_object().member("name", each.consumer);
        json.member("applied", share::position_text(each.applied));
        json.member("lag_entries", each.entries).member("lag_s", each.seconds).end_object();
    }
    json.end_array().key("connections").begin_object().member("mqtt", figures_.mqtt_connections);
    json.member("http", figures_.http_connections);
    json.member("live", figures_.viewers).end_object();
    write_mqtt(json, figures_.broker, figures_.mqtt_waiting, mqtt_gaps_);
    write_audit(json, figures_.audit, figures_.syslog, folder_->audit_checkpoints());
    write_keys(json);
    const auto& certificates = figures_.certificates;
    json.key("certificates").begin_object().member("good", certificates.good);
    json.member("expiring", certificates.expiring).member("ended", certificates.ended);
    json.member("revoked", certificates.revoked).end_object();
    json.member("refused", figures_.connects_refused);
    const auto counts = folder_->quarantine().counts();
    json.member("quarantine_open", counts ? counts->open : 0);
    write_disk(json, folder_->path());
    json.member("memory_bytes", own_process().resident_bytes);
}

std::vector<Server::Core::Lag> Server::Core::lags(Timestamp now) {
    auto& log = folder_->log();
    std::vector<Lag> all{{.consumer = "series", .applied = folder_->series().applied()}};
    for (const auto& each : folder_->consumers().consumers())
        if (each.consumer != all.front().consumer)
            all.push_back({.consumer = each.consumer, .applied = each.up_to});
    const auto end = log.end();
    for (auto& each : all) {
        const auto next = std::max(each.applied.offset + 1, log.first().offset);
        if (next >= end.offset) continue;
        each.entries = end.offset - next;
        if (const auto time = log.commit_time({0, next}))
            each.seconds = std::max(0.0, std::chrono::duration<double>(now - *time).count());
    }
    return all;
}

Result<std::string> Server::Core::verify_report() {
    VIGIL_TRY(found, folder_->verify(catalogue_));
    VIGIL_TRY(audit, folder_->audit_checkpoints().verify({}, [this] { return !stopping_; }));
    std::string report;
    JsonWriter json(report);
    json.begin_object().member("sound", found.sound() && audit.sound());
    json.member("commits", found.commits);
    json.member("entries", found.entries).member("chunks", found.chunks);
    json.member("samples", found.samples).member("rolled_up_days", found.rolled_up_days);
    json.key("problems").begin_array();
    for (const auto& problem : found.problems) json.text(problem);
    for (const auto& finding : audit.findings) json.text("audit: " + finding.message);
    json.end_array().key("audit").verbatim(to_json(audit)).end_object();
    return report;
}

Result<std::string> Server::Core::audit_report(std::vector<std::string> kept) {
    VIGIL_TRY(found,
              folder_->audit_checkpoints().verify(std::move(kept), [this] { return !stopping_; }));
    return to_json(found);
}

share::LiveSources Server::Core::live_sources() {
    return {.catalogue = catalogue_,
            .registry = registry_,
            .devices = intake_->devices(),
            .log = folder_->log(),
            .series = folder_->series(),
            .on_worker = [this](std::function<void()> work) { workers_->post(std::move(work)); },
            .on_loop = [this](std::function<void()> call) { loop_.post(std::move(call)); },
            .decide =
                [this](const identity::Principal& who, const std::vector<PatientId>& patients,
                       const store::Access* before) { return decide_live(who, patients, before); },
            .still_valid =
                [this](const identity::Principal& who, const std::string& session) {
                    const auto now = loop_.now();
                    return registry_.stands(who, now) &&
                           (who.token_id || who.app || sessions_->find(session, now) != nullptr);
                },
            .version = VIGIL_VERSION};
}

// Of those who are named the stream shows whom they reach; it says who the others are.
Result<store::Access> Server::Core::decide_live(const identity::Principal& who,
                                                const std::vector<PatientId>& patients,
                                                const store::Access* before) {
    const auto now = loop_.now();
    identity::AccessRequest request{.act = store::Act::read,
                                    .subjects = identity::Subjects::all(),
                                    .areas = {identity::Area::vitals},
                                    .resources = {},
                                    .what = "live stream",
                                    .from = "",
                                    .at = now};
    if (!patients.empty()) {
        request.subjects = {.everyone = false, .patients = patients};
        auto theirs = desk_->open_to(who, request);
        // Of nobody whom they reach: refused, and on record by whom it was asked.
        if (!theirs.empty()) request.subjects.patients = std::move(theirs);
    }
    return before != nullptr ? desk_->renew(who, request, *before) : desk_->decide(who, request);
}

}  // namespace vigil::app
