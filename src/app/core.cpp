#include "app/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "app/root_keys.hpp"
#include "app/site_metrics.hpp"
#include "app/snapshots.hpp"
#include "identity/password.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t worker_count = 3;
constexpr double upkeep_idle = 3;  // a quarter of the writer's time at most
constexpr std::string_view version = VIGIL_VERSION;
constexpr std::string_view first_account = "admin";

broker::BrokerLimits broker_limits(const Config& config) {
    broker::BrokerLimits limits;
    limits.connections_max = static_cast<std::size_t>(config.connections_max);
    limits.packet_bytes_max = static_cast<std::uint32_t>(config.mqtt_packet_bytes_max);
    limits.receive_maximum = static_cast<std::uint16_t>(config.mqtt_receive_maximum);
    limits.keep_alive_max_s = static_cast<std::uint16_t>(config.mqtt_keep_alive_max_s);
    limits.sessions_max = static_cast<std::size_t>(config.mqtt_sessions_max);
    limits.subscriptions_max = static_cast<std::size_t>(config.mqtt_subscriptions_max);
    limits.queue_messages_max = static_cast<std::size_t>(config.mqtt_queue_messages_max);
    limits.queue_bytes_max = static_cast<std::size_t>(config.mqtt_queue_bytes_max);
    limits.all_queues_messages_max = static_cast<std::size_t>(config.mqtt_all_queues_messages_max);
    limits.all_queues_bytes_max = static_cast<std::size_t>(config.mqtt_all_queues_bytes_max);
    limits.session_expiry_max_s = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(config.mqtt_session_expiry_max).count());
    return limits;
}

AuditRules audit_rules(const Config& config) {
    return {.hold = config.audit_when_unwritable == "hold",
            .lines_max = static_cast<std::size_t>(config.audit_held_lines_max),
            .bytes_max = static_cast<std::size_t>(config.audit_held_bytes_max)};
}

identity::FactorPolicy factor_policy(const std::string& word) {
    if (word == "all") return identity::FactorPolicy::all;
    return word == "administrators" ? identity::FactorPolicy::administrators
                                    : identity::FactorPolicy::optional;
}

void say(const std::string& line) {
    fmt::print(stderr, "vigil: {}\n", line);
}

Result<identity::TopicRules> topic_rules(const Config& config) {
    std::vector<identity::TopicRule> rules;
    rules.reserve(config.topics.size());
    for (const auto& rule : config.topics)
        rules.push_back({rule.account, rule.filter, rule.publish, rule.subscribe});
    return identity::TopicRules::make(std::move(rules));
}

}  // namespace

Result<void> Server::Core::open(std::string admin_password, bool stop_on_signals) {
    // Before any thread is started: they must not take the signals.
    if (stop_on_signals) {
        VIGIL_CHECK(loop_.on_stop_signals([this](int) { stop(); }));
        // A file that may not grow, or a reader of our output that is gone, is an error to answer.
        static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
        static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    }
    VIGIL_TRY(roots, root_keys(config_));
    VIGIL_TRY(folder, DataFolder::open({.path = config_.data,
                                        .roots = std::move(roots),
                                        .site_name = config_.site_name,
                                        .catalogue = catalogue_,
                                        .clock = net::system_clocks().wall,
                                        .committed = [this](std::vector<store::Commit> commits) {
                                            loop_.post([this, commits = std::move(commits)] {
                                                on_commits(commits);
                                            });
                                        }}));
    folder_ = std::move(folder);
    if (stop_on_signals) tell_about_keys();
    VIGIL_CHECK(load_site_metrics(config_.metrics, folder_->documents(), catalogue_));
    workers_ = std::make_unique<Workers>(worker_count);
    upkeep_ = std::make_unique<Upkeep>(
        *folder_, config_, upkeep_idle,
        [this](std::vector<broker::SessionNumber> sessions, Position before) {
            loop_.post([this, sessions = std::move(sessions), before] {
                broker_->let_go(sessions, before, loop_.now());
            });
        });
    started_ = expired_up_to_ = net::system_clocks().wall();
    VIGIL_TRY(rules, topic_rules(config_));
    VIGIL_CHECK(make_parts());
    VIGIL_CHECK(make_dissemination());
    VIGIL_TRY(openid, OpenIdClient::open(config_, loop_, [this](std::function<void()> work) {
                  workers_->post(std::move(work));
              }));
    openid_ = std::move(openid);
    context_->openid_client = openid_ ? &openid_->client() : nullptr;
    gatekeeper_ = std::make_unique<RegistryGatekeeper>(RegistryGatekeeper::Sources{
        .registry = registry_,
        .desk = *desk_,
        .authority = folder_->authority(),
        .sign_in = *sign_in_,
        .rules = std::move(rules),
        .now = [this] { return loop_.now(); },
        .on_worker = [this](auto work) { workers_->post(std::move(work)); },
        .on_loop = [this](auto call) { loop_.post(std::move(call)); }});
    broker_ = std::make_unique<broker::Broker>(folder_->log(), *gatekeeper_, *intake_, *this,
                                               broker_limits(config_));
    VIGIL_CHECK(restore_snapshots());
    VIGIL_CHECK(replay_log());
    VIGIL_CHECK(watch_->start(registry_));
    VIGIL_CHECK(finish_erasures());
    broker_->start(started_);
    VIGIL_CHECK(first_administrator(std::move(admin_password)));
    second_ = std::make_unique<net::Timer>(loop_, [this] { every_second(); });
    second_->after(std::chrono::seconds(1));
    return {};
}

Result<void> Server::Core::make_parts() {
    const auto on_loop = [this](std::function<void()> call) { loop_.post(std::move(call)); };
    audit_ = std::make_unique<AuditWriter>(
        folder_->audit(), audit_rules(config_),
        AuditWriter::Sources{
            .on_loop = on_loop, .now = [this] { return loop_.now(); }, .say = say});
    unread_ = std::make_unique<UnreadKeeper>(folder_->quarantine(), on_loop);
    refiler_ = std::make_unique<Refiler>(folder_->series(), on_loop);
    desk_ = std::make_unique<identity::AccessDesk>(*audit_, registry_);
    desk_->know_record(config_.site_organization, [this](PatientId patient) {
        return fhir_ ? fhir_->id_of(patient) : std::string();
    });
    sign_in_ = std::make_unique<identity::SignInDesk>(registry_, guard_, *desk_,
                                                      factor_policy(config_.second_factor));
    second_factor_ = std::make_unique<identity::SecondFactorDesk>(
        identity::SecondFactorDesk::Parts{.registry = registry_,
                                          .sealer = folder_->sealer(),
                                          .sign_in = *sign_in_,
                                          .audit = *desk_,
                                          .random = identity::system_random(),
                                          .issuer = config_.site_name});
    passkeys_ = std::make_unique<identity::PasskeyDesk>(
        identity::PasskeyDesk::Parts{.registry = registry_,
                                     .sign_in = *sign_in_,
                                     .audit = *desk_,
                                     .random = identity::system_random()});
    enrolments_ = std::make_unique<identity::EnrolmentDesk>(registry_);
    sessions_ =
        std::make_unique<identity::Sessions>(identity::SessionRules{.idle = config_.session_idle});
    acts_ = std::make_unique<collect::ActDesk>(
        registry_, folder_->log(),
        [this](const identity::Act& act, const identity::Applied& applied, Position position) {
            took(act, applied, position);
        });
    collect::IntakeRules rules;
    rules.clock.tolerance = config_.clock_tolerance;
    rules.open_unread_per_sender_max =
        static_cast<std::uint32_t>(config_.quarantine_per_source_max);
    intake_ = std::make_unique<collect::Intake>(
        catalogue_, registry_, folder_->log(), rules,
        collect::Intake::Audience{
            .arrived = [this](const collect::FiledMessage& message) { arrived(message); },
            .unread = [this](Position position, PatientId subject,
                             const std::string& body) { quarantine(position, subject, body); },
            .device_changed =
                [this](DeviceId device) {
                    const auto now = loop_.now();
                    if (live_)
                        live_->device_changed(device, registry_.patient_at(device, now), now);
                }});
    live_ = std::make_unique<share::LiveHub>(
        live_sources(),
        share::LiveLimits{
            .ring_for = config_.live_ring_for,
            .ring_bytes = static_cast<std::size_t>(config_.live_ring_bytes_max),
            .resume_for = config_.live_resume_for,
            .resume_bytes_max = static_cast<std::size_t>(config_.live_resume_bytes_max)});
    VIGIL_CHECK(make_watch());
    erasure_ = std::make_unique<Erasure>(ErasureParts{
        .folder = *folder_,
        .registry = registry_,
        .acts = *acts_,
        .consents = desk_->consents(),
        .record_kept_years = static_cast<int>(config_.record_kept_years),
        .site_name = config_.site_name,
        .version = std::string(version),
        .now = net::system_clocks().wall,
        .on_worker = [this](std::function<void()> work) { workers_->post(std::move(work)); },
        .on_loop = on_loop,
        .is_moving_readings = [this] { return !refiler_->settled(); },
        .end_exports =
            [this] {
                if (fhir_) fhir_->end_exports();
            }});
    privacy_ = {.erase =
                    [this](PatientId patient, std::string reason, identity::Given given,
                           std::function<void(Result<std::string>)> done) {
                        erasure_->erase(patient, std::move(reason), std::move(given),
                                        std::move(done));
                    },
                .certificate = [this](PatientId patient) { return erasure_->certificate(patient); },
                .each_resource =
                    [this](const store::Access& access, std::uint64_t after, const auto& visit) {
                        return folder_->records().each_current(access, after, visit);
                    }};
    make_apps();
    context_ = std::make_unique<share::ApiContext>(share::ApiContext{
        .catalogue = catalogue_,
        .registry = registry_,
        .desk = *desk_,
        .audit = *audit_,
        .sessions = *sessions_,
        .sign_in = *sign_in_,
        .second_factor = *second_factor_,
        .passkeys = *passkeys_,
        .enrolments = *enrolments_,
        .apps = *apps_,
        .random = identity::system_random(),
        .authority = folder_->authority(),
        .intake = *intake_,
        .acts = *acts_,
        .log = folder_->log(),
        .series = folder_->series(),
        .quarantine = folder_->quarantine(),
        .events = folder_->events(),
        .live = *live_,
        .watch = watch_.get(),
        .alarms = alarms_.get(),
        .now = [this] { return loop_.now(); },
        .on_worker = [this](std::function<void()> work) { workers_->post(std::move(work)); },
        .on_loop = on_loop,
        .refile = [this](const store::Refile& refile,
                         Refiler::Done done) { refiler_->refile(refile, std::move(done)); },
        .status = [this](JsonWriter& json) { write_status(json); },
        .rotate_keys = [this] { return rotate_keys(); },
        .backup = [this](const std::string& folder) { return folder_->backup(folder); },
        .verify = [this] { return verify_report(); },
        .verify_audit =
            [this](std::vector<std::string> kept) { return audit_report(std::move(kept)); },
        .audit_checkpoint = [this]() -> Result<std::string> {
            VIGIL_TRY(made, folder_->audit_checkpoints().make("asked"));
            return encode(made);
        },
        .read_audit =
            [this](const store::Access& access, std::uint64_t before, const auto& visit) {
                return folder_->audit().read(access, before, visit);
            },
        .when_durable =
            [this](store::Ticket ticket, std::function<void(Result<void>)> done) {
                when_durable(ticket, std::move(done));
            },
        .set_clock = [this](const identity::Device& device) { return set_clock(device); },
        .fhir_id = [this](PatientId id) { return fhir_ ? fhir_->id_of(id) : std::string(); },
        .privacy = &privacy_,
        .code_lifetime = config_.enrolment_code_lifetime,
        .enrolled_lifetime = config_.enrolment_certificate_lifetime,
        .version = std::string(version),
        .site_name = config_.site_name,
        .public_url = config_.public_url,
        .https_in_front = config_.public_url.starts_with("https://")});
    api_ = std::make_unique<share::Api>(*context_);
    oauth_ = std::make_unique<share::OAuthDoor>(*context_, *api_);
    est_ = std::make_unique<share::EstDoor>(*context_);
    request_limits_ = std::make_unique<RequestLimits>(config_, identity::system_random());
    return {};
}

Server::Core::~Core() {
    if (upkeep_) upkeep_->stop();
    if (watch_) watch_->stop();
    // The threads of the stores call the loop: they end before it.
    if (workers_) workers_->finish();
    if (fhir_) fhir_->stop();
    if (folder_) folder_->finish();
    listeners_.clear();
}

void Server::Core::every_second() {
    ++seconds_;
    const auto now = loop_.now();
    broker_->on_timer(now);
    sample_rates();
    audit_->flush();
    unread_->flush();
    refiler_->retry();
    if (seconds_ % 60 == 0) {
        sessions_->sweep(now);
        second_factor_->sweep(now);
        apps_->sweep(now);
        renew_signing_keys(now);
    }
    if (seconds_ % 10 == 0) set_wrong_clocks();
    if (seconds_ % 10 == 0) end_expired(now);
    if (seconds_ % 10 == 1) count_certificates(now);
    if (fhir_) fhir_->every_second();
    if (syslog_) syslog_->every_second();
    const auto flush_s =
        std::chrono::duration_cast<std::chrono::seconds>(config_.flush_interval).count();
    const bool due = flush_s > 0 && seconds_ % static_cast<std::uint64_t>(flush_s) == 0;
    watch_->every_second(now);
    dissemination_->every_second(now);
    if (due) watch_->take_snapshot();
    sign_audit(now);
    if (!flush_under_way_ && (due || folder_->series().head_bytes() > head_bytes_max)) {
        flush_under_way_ = true;
        folder_->series().flush(
            [this](const Result<void>&) { loop_.post([this] { flush_under_way_ = false; }); });
    }
    if (due) {
        folder_->consumers().advance({std::string(quarantine_consumer), unread_->kept_up_to()},
                                     [](const Result<void>&) {});
        // The acts of what has not moved yet must be found in the log by the next start.
        if (refiler_->settled()) upkeep_->ask(now, taken_);
    }
    second_->after(std::chrono::seconds(1));
}

void Server::Core::sign_audit(Timestamp now) {
    auto& checkpoints = folder_->audit_checkpoints();
    if (signing_ || !checkpoints.due(now, config_.audit_checkpoint_interval)) return;
    signing_ = true;
    workers_->post([this, &checkpoints] {
        if (const auto made = checkpoints.make("interval"); !made)
            say("no checkpoint of the audit was made: " + made.error().message);
        loop_.post([this] { signing_ = false; });
    });
}

// --- Accounts at first start
// --------------------------------------------------------------------------

Result<void> Server::Core::first_administrator(std::string password) {
    if (!registry_.accounts().empty()) return {};
    const auto random = identity::system_random();
    if (password.empty()) password = made_password_ = identity::generate_password(random);
    VIGIL_CHECK(identity::check_password_rules(password, first_account));
    VIGIL_TRY(hash, identity::hash_password(password));
    identity::Account account;
    account.user_name = first_account;
    account.display_name = "Administrator";
    account.role = identity::Role::administrator;
    account.password_hash = hash;
    VIGIL_TRY(act, registry_.plan_add_account(std::move(account), {started_, "system"}));
    VIGIL_CHECK(give_and_wait(std::move(act)));
    return {};
}

// Whoever was erased stays erased, whatever was restored since.
Result<void> Server::Core::finish_erasures() {
    VIGIL_TRY(acts, erasure_->missing_acts());
    for (auto& act : acts) {
        VIGIL_TRY(applied, give_and_wait(std::move(act)));
        for (const auto& refile : applied.refiles)
            VIGIL_CHECK(store::await<std::uint64_t>(
                [&](auto done) { folder_->series().refile(refile, std::move(done)); }));
    }
    return erasure_->finish_left();
}

Result<identity::Applied> Server::Core::give_and_wait(identity::Act act) {
    std::optional<Result<identity::Applied>> outcome;
    acts_->give(std::move(act), [&](Result<identity::Applied> done) { outcome = std::move(done); });
    if (!loop_.run_until([&] { return outcome.has_value(); }, std::chrono::seconds(30)))
        return fail(Error::Kind::busy, "the data folder's disk does not answer");
    return std::move(*outcome);
}

// --- Running
// --------------------------------------------------------------------------------------------

void Server::Core::run() {
    upkeep_->start();
    loop_.run();
    finish();
}

// What remains to be done is done by run(): a loop must not be turned from within its own turn. The
// second time, without waiting for anybody.
void Server::Core::stop() {
    in_a_hurry_ = stopping_.exchange(true);
    loop_.stop();
}

// Finishes what is in flight: no new connections, what was received is committed and acknowledged,
// memory goes to disk.
void Server::Core::finish() {
    for (const auto& listener : listeners_) listener->stop();
    upkeep_->stop();
    loop_.run_until(
        [this] {
            const bool drained = folder_->log().pending_bytes() == 0 &&
                                 std::ranges::all_of(listeners_, [](const auto& listener) {
                                     return listener->counts().open == 0;
                                 });
            return drained || in_a_hurry_;
        },
        std::chrono::seconds(5));
    for (const auto& listener : listeners_) listener->cut();
    finish_watch();
    write_last_of_audit();
    send_last_of_audit();
    auto flushed =
        store::await<void>([this](store::Done done) { folder_->series().flush(std::move(done)); });
    if (!flushed) say("readings stay in the log: " + flushed.error().message);
    if (!refiler_->settled()) return;
    if (auto kept = keep_snapshots(*folder_, taken_); !kept)
        say("no snapshot was kept: " + kept.error().message);
}

// What the disk does not take now is lost: it was held in memory only.
void Server::Core::write_last_of_audit() {
    audit_->flush();
    loop_.run_until([this] { return audit_->settled() || in_a_hurry_; }, std::chrono::seconds(5));
    if (const auto lines = audit_->state().lines; lines > 0)
        say(fmt::format("{} lines of the audit could not be written, and are lost", lines));
}

// What does not get there in time is sent after the next start.
void Server::Core::send_last_of_audit() {
    if (!syslog_) return;
    syslog_->stop();
    loop_.run_until([this] { return syslog_->settled() || in_a_hurry_; }, std::chrono::seconds(5));
}

// --- Server
// ---------------------------------------------------------------------------------------------

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(const Config& config, std::string admin_password,
                                             bool stop_on_signals) {
    auto core = std::make_unique<Core>(config);
    VIGIL_CHECK(core->open(std::move(admin_password), stop_on_signals));
    return std::unique_ptr<Server>(new Server(std::move(core)));
}

const std::string& Server::made_password() const {
    return core_->made_password();
}
Result<Addresses> Server::listen() {
    return core_->listen();
}
void Server::run() {
    core_->run();
}
void Server::stop() {
    core_->stop();
}
void Server::finish() {
    core_->finish();
}
session::HttpResponse Server::ask(session::HttpRequest request) {
    return core_->ask(std::move(request));
}

}  // namespace vigil::app
