#pragma once
// The parts of a running server and how a commit goes through them.

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/alarm_sender.hpp"
#include "app/alarm_watch.hpp"
#include "app/audit_syslog.hpp"
#include "app/audit_writer.hpp"
#include "app/config.hpp"
#include "app/data_folder.hpp"
#include "app/device_port.hpp"
#include "app/erasure.hpp"
#include "app/fhir_door.hpp"
#include "app/gatekeeper.hpp"
#include "app/measures.hpp"
#include "app/openid_client.hpp"
#include "app/refiler.hpp"
#include "app/request_limits.hpp"
#include "app/server.hpp"
#include "app/unread_keeper.hpp"
#include "app/upkeep.hpp"
#include "app/workers.hpp"
#include "broker/broker.hpp"
#include "collect/act_desk.hpp"
#include "collect/intake.hpp"
#include "identity/access_desk.hpp"
#include "identity/enrolment_desk.hpp"
#include "identity/passkey_desk.hpp"
#include "identity/registry.hpp"
#include "identity/second_factor.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"
#include "net/http_server.hpp"
#include "net/loop.hpp"
#include "net/static_files.hpp"
#include "share/alarms/hub.hpp"
#include "share/api/api.hpp"
#include "share/est/door.hpp"
#include "share/live_hub.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/door.hpp"

namespace vigil::app {

class Server::Core : public session::HttpHandler, public broker::Backlog {
public:
    explicit Core(Config config) : config_(std::move(config)) {}
    ~Core() override;

    Result<void> open(std::string admin_password, bool stop_on_signals);
    Result<Addresses> listen();
    void run();
    void stop();
    void finish();
    session::HttpResponse ask(session::HttpRequest request);
    const std::string& made_password() const { return made_password_; }

    // session::HttpHandler
    void handle(session::HttpRequest request, session::HttpRespond respond) override;
    session::Upgrade upgrade(const session::HttpRequest& request) override;
    // broker::Backlog
    void request(broker::SessionNumber session, std::vector<Position> wanted) override;

private:
    // core.cpp
    Result<void> make_parts();
    void write_last_of_audit();
    void send_last_of_audit();
    Result<void> first_administrator(std::string password);
    Result<identity::Applied> give_and_wait(identity::Act act);
    Result<void> finish_erasures();
    void every_second();
    void sign_audit(Timestamp now);

    // core_commits.cpp
    void on_commits(const std::vector<store::Commit>& commits);
    void on_commit(const store::Commit& commit);
    void arrived(const collect::FiledMessage& message);
    void when_durable(store::Ticket ticket, std::function<void(Result<void>)> done);

    // core_http.cpp
    void answer_enrolment(session::HttpRequest request, session::HttpRespond respond);
    Nanoseconds over_limits(const session::HttpRequest& request);  // zero: go on
    session::HttpRespond compressing(session::HttpRequest& request, session::HttpRespond respond);

    // core_acts.cpp
    void took(const identity::Act& act, const identity::Applied& applied, Position position);
    void access_changed();  // somebody may see more than before, or less
    void end_access(const identity::AccessEnded& whose);
    void end_expired(Timestamp now);

    // core_start.cpp
    Result<void> restore_snapshots();
    Result<void> replay_log();
    Result<void> replay(const store::Entry& entry, Position series_from, Position quarantine_from);
    Result<void> refile_again(Position act, const std::vector<store::Refile>& refiles);
    Result<void> count_open_unread();
    Result<void> check_log_reaches();
    void quarantine(Position position, PatientId subject, std::string_view body);

    // core_listen.cpp
    Result<void> listen_mqtt(Addresses& out);
    Result<void> listen_http(Addresses& out);
    Result<void> open_fhir(const Addresses& addresses);
    Result<void> open_syslog(const std::string& fhir_base);
    Result<void> tell_readings_again(Position after);
    Result<std::shared_ptr<net::TlsServer>> tls_server(bool ask_devices,
                                                       std::vector<std::string> protocols);
    Result<void> write_authority();
    Result<identity::KeyPair> server_certificate();

    // core_clocks.cpp
    bool set_clock(const identity::Device& device);  // false: it does not listen
    void set_wrong_clocks();

    // core_apps.cpp
    void make_apps();
    // Where clients know this server to be: in tokens, and in what they are told.
    Result<void> open_apps(const std::string& base);
    void renew_signing_keys(Timestamp now);

    // core_alarms.cpp
    Result<void> make_watch();
    Result<void> make_dissemination();
    void tell_people(const std::string& base);
    Result<store::Access> decide_alarms(const identity::Principal& who,
                                        const store::Access* before);
    void finish_watch();

    // core_status.cpp
    void write_status(JsonWriter& json);
    // Position and time of the oldest entry that each consumer of the log has not applied.
    struct Lag {
        std::string consumer;
        Position applied;
        std::uint64_t entries = 0;
        double seconds = 0;
    };
    std::vector<Lag> lags(Timestamp now);

    // core_keys.cpp
    void tell_about_keys();
    void write_keys(JsonWriter& json);
    Result<identity::KeyRotation> rotate_keys();

    // core_metrics.cpp
    void answer_metrics(const session::HttpRequest& request, session::HttpRespond respond);
    std::string metrics_text();
    Result<std::string> verify_report();
    Result<std::string> audit_report(std::vector<std::string> kept);
    void sample_rates();
    void count_certificates(Timestamp now);
    share::LiveSources live_sources();
    Result<store::Access> decide_live(const identity::Principal& who,
                                      const std::vector<PatientId>& patients,
                                      const store::Access* before);

    Config config_;
    Catalogue catalogue_;
    net::Loop loop_;
    std::unique_ptr<DataFolder> folder_;
    std::unique_ptr<Workers> workers_;
    std::unique_ptr<Upkeep> upkeep_;
    identity::Registry registry_;
    std::unique_ptr<AuditWriter> audit_;
    std::unique_ptr<UnreadKeeper> unread_;
    std::unique_ptr<Refiler> refiler_;
    std::unique_ptr<identity::AccessDesk> desk_;
    identity::SignInGuard guard_;
    std::unique_ptr<identity::SignInDesk> sign_in_;
    std::unique_ptr<identity::SecondFactorDesk> second_factor_;
    std::unique_ptr<identity::PasskeyDesk> passkeys_;
    std::unique_ptr<identity::EnrolmentDesk> enrolments_;
    std::unique_ptr<identity::Sessions> sessions_;
    std::unique_ptr<RegistryGatekeeper> gatekeeper_;
    std::unique_ptr<collect::ActDesk> acts_;
    std::unique_ptr<collect::Intake> intake_;
    std::unique_ptr<broker::Broker> broker_;
    std::unique_ptr<share::LiveHub> live_;
    std::unique_ptr<share::AlarmHub> alarms_;
    std::unique_ptr<share::AlarmRoster> roster_;
    std::unique_ptr<AlarmSender> sender_;
    std::unique_ptr<share::Dissemination> dissemination_;
    bool tells_people_ = false;
    std::unique_ptr<AlarmWatch> watch_;
    std::unique_ptr<Erasure> erasure_;
    share::PrivacySources privacy_;
    std::unique_ptr<share::ApiContext> context_;
    std::unique_ptr<share::Api> api_;
    std::unique_ptr<OpenIdClient> openid_;  // calls back into the API: ends before it
    std::unique_ptr<share::AppState> apps_;
    std::unique_ptr<share::OAuthDoor> oauth_;
    std::unique_ptr<share::EstDoor> est_;
    DevicePort device_port_{[this](session::HttpRequest request, session::HttpRespond respond) {
        answer_enrolment(std::move(request), std::move(respond));
    }};
    std::unique_ptr<RequestLimits> request_limits_;
    std::unique_ptr<FhirDoor> fhir_;  // once the addresses are known
    std::unique_ptr<AuditSyslog> syslog_;
    std::optional<net::StaticFiles> web_;
    std::unique_ptr<net::Timer> second_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::vector<net::Listener*> mqtt_listeners_, http_listeners_;

    std::string made_password_;
    std::multimap<store::Ticket, std::function<void(Result<void>)>> durable_waiters_;
    store::Ticket durable_ticket_ = 0;
    std::atomic<bool> stopping_ = false;  // workers ask
    bool in_a_hurry_ = false, flush_under_way_ = false, signing_ = false;
    bool renewing_keys_ = false;
    std::uint64_t seconds_ = 0;
    std::unordered_map<DeviceId, Timestamp> clocks_set_;  // when each was last told the time
    Timestamp expired_up_to_{};
    Position taken_;  // the last entry of the log that was applied here

    // Measures. Written on the loop, read by the status's worker under the mutex.
    std::mutex measures_mutex_;
    Timestamp started_{};
    Latencies commit_latency_, alarm_latency_;
    std::vector<broker::DeliveryGap> mqtt_gaps_;  // the newest
    Histogram commit_histogram_;
    Figures figures_;
    std::uint64_t failed_commits_ = 0;
    Rate messages_, readings_, samples_, bytes_, commits_, quarantined_;
    std::uint64_t commit_count_ = 0;
    std::optional<std::string> failing_;
    std::optional<Timestamp> first_received_;  // of the commit in hand
};

// Readings in memory beyond which they go to disk at once.
constexpr std::size_t head_bytes_max = std::size_t{64} << 20;

// Files every reading of a message; in log order.
void put_all(store::SeriesStore& series, const collect::FiledMessage& message);

}  // namespace vigil::app
