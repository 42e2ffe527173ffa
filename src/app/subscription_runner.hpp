#pragma once
// The thread that subscriptions live on: its loop, its way out to endpoints, and what it needs of
// the server's own loop.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/subscription_sockets.hpp"
#include "collect/filed_message.hpp"
#include "fhir/rest/server.hpp"
#include "fhir/subscription/socket_tokens.hpp"
#include "fhir/subscription/subscriptions.hpp"
#include "identity/access_desk.hpp"
#include "identity/registry.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "store/log.hpp"

namespace vigil::app {

// Keeps the secrets of Subscriptions' headers as text that only this server can read.
class SealedHeaders final : public fhir::HeaderKeeper {
public:
    explicit SealedHeaders(store::Sealer& sealer) : sealer_(sealer) {}
    std::string hide(std::string_view value, std::string_view endpoint) override;
    std::optional<std::string> reveal(std::string_view hidden, std::string_view endpoint) override;

private:
    store::Sealer& sealer_;
};

struct SubscriptionRunnerParts {
    identity::Registry& registry;
    identity::AccessDesk& desk;
    identity::AuditSink& audit;
    store::Sealer& sealer;
    store::RecordStore& records;
    store::Documents& documents;
    std::function<Timestamp()> now;    // on the loop
    std::function<Timestamp()> clock;  // from any thread
    std::function<void(std::function<void()>)> on_worker, on_loop;
    std::function<bool(const identity::Principal&)> stands;
    std::string base;
    std::vector<std::string> endpoints;  // URLs that may be told
    std::string ca_pem;
    net::Reach reach;
};

class SubscriptionRunner {
public:
    explicit SubscriptionRunner(SubscriptionRunnerParts parts);
    SubscriptionRunner(const SubscriptionRunner&) = delete;
    SubscriptionRunner& operator=(const SubscriptionRunner&) = delete;
    ~SubscriptionRunner();

    // What the interactions ask of it.
    void join(fhir::RestContext& context);
    // Reads what was kept. Returns the entry of the log up to which readings were looked at, if any
    // is wanted. On the loop, like the rest but for what says otherwise.
    Result<std::optional<Position>> start(fhir::Server& server);
    void stop();

    void arrived(const collect::FiledMessage& message);
    void commit_ended();
    session::Upgrade upgrade(const Result<identity::Principal>& who, std::string from);

    // Any thread.
    void records_written();
    void written(std::string id, std::uint64_t version, const store::Access& by,
                 std::function<void()> then);

private:
    static constexpr std::size_t readings_max = 1'000'000;  // on their way to the thread

    void authorize(fhir::SubscriptionOwner owner, std::string id, std::optional<PatientId> subject,
                   std::function<void(Result<store::Access>)> done);
    void renew(std::vector<fhir::SubscriptionAccess> all,
               std::function<void(std::vector<std::optional<store::Access>>)> done);
    identity::AccessRequest request_of(const std::string& id,
                                       std::optional<PatientId> subject) const;
    void note_end(const fhir::SubscriptionOwner& owner, const std::string& id,
                  const std::string& why);
    void send(fhir::HookMessage message, std::function<void(Result<int>)> done);
    void post(std::function<void()> call) { loop_.post(std::move(call)); }
    void run();

    SubscriptionRunnerParts parts_;
    SealedHeaders headers_;
    fhir::SocketTokens tokens_;
    SubscriptionSockets sockets_;
    const fhir::Server* server_ = nullptr;
    net::Loop loop_;
    std::unique_ptr<net::HttpClient> client_;
    std::unique_ptr<fhir::Subscriptions> subscriptions_;
    std::atomic<bool> waking_ = false;  // the outbox will be looked at
    std::vector<fhir::ReadingArrived> arrived_;
    Position arrived_up_to_;
    std::shared_ptr<std::atomic<std::size_t>> on_their_way_ =
        std::make_shared<std::atomic<std::size_t>>(0);
    std::thread thread_;
};

}  // namespace vigil::app
