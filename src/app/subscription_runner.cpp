#include "app/subscription_runner.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/asking_again.hpp"
#include "codec/binary_text.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view hidden_mark = "hidden:";
constexpr std::size_t answer_bytes_max = 64 * 1024;  // nothing of it is looked at
constexpr auto tick_interval = std::chrono::seconds(1);

std::string websocket_url(const std::string& base) {
    const auto scheme = base.starts_with("https") ? "wss" : "ws";
    return scheme + base.substr(std::min(base.find(':'), base.size())) + "/websocket";
}

Error error_of(const fhir::Problem& problem) {
    return {Error::Kind::conflict,
            problem.issues.empty() ? std::string("refused") : problem.issues.front().diagnostics,
            {}};
}

}  // namespace

std::string SealedHeaders::hide(std::string_view value, std::string_view endpoint) {
    std::string sealed;
    sealer_.seal(PatientId{}, fmt::format("{}\n{}", endpoint, value), sealed);
    return fmt::format("{}{}", hidden_mark, codec::write_hex(sealed));
}

std::optional<std::string> SealedHeaders::reveal(std::string_view hidden,
                                                 std::string_view endpoint) {
    std::string sealed, clear;
    if (!hidden.starts_with(hidden_mark) ||
        !codec::read_hex(hidden.substr(hidden_mark.size()), sealed) ||
        !sealer_.open(PatientId{}, sealed, clear))
        return std::nullopt;
    const auto line = clear.find('\n');
    if (line == std::string::npos || std::string_view(clear).substr(0, line) != endpoint)
        return std::nullopt;
    return clear.substr(line + 1);
}

SubscriptionRunner::SubscriptionRunner(SubscriptionRunnerParts parts)
    : parts_(std::move(parts)),
      headers_(parts_.sealer),
      tokens_(websocket_url(parts_.base)),
      sockets_(
          {.redeem = [this](std::string_view token) -> Result<std::vector<std::string>> {
               auto ids = tokens_.take(token, parts_.clock());
               if (ids) return std::move(*ids);
               return fail(Error::Kind::forbidden,
                           "the token is not known, was used or is too old: ask for another");
           },
           .greeting =
               [this](std::string id, std::function<void(Result<std::string>)> done) {
                   parts_.on_worker([this, id = std::move(id), done = std::move(done)] {
                       auto bound = subscriptions_->bound(id);
                       Result<std::string> greeting = bound
                                                          ? Result<std::string>(std::move(*bound))
                                                          : tl::unexpected(error_of(bound.error()));
                       parts_.on_loop([done, greeting = std::move(greeting)] { done(greeting); });
                   });
               }}) {}

SubscriptionRunner::~SubscriptionRunner() {
    stop();
}

void SubscriptionRunner::join(fhir::RestContext& context) {
    context.socket_tokens = &tokens_;
    context.subscriptions = [this] { return subscriptions_.get(); };
    context.admit_subscription = [this](JsonValue resource) {
        const auto rest = server_->rest();
        return fhir::admit_subscription(resource, rest->search(true), {parts_.endpoints}, headers_);
    };
}

Result<std::optional<Position>> SubscriptionRunner::start(fhir::Server& server) {
    server_ = &server;
    client_ = std::make_unique<net::HttpClient>(
        loop_, net::HttpClientOptions{
                   .ca_pem = parts_.ca_pem, .reach = parts_.reach, .on_worker = parts_.on_worker});
    const auto system = identity::AccessDesk::for_system("subscriptions");
    subscriptions_ = std::make_unique<fhir::Subscriptions>(fhir::SubscriptionsParts{
        .rest = [&server] { return server.rest(); },
        .rules = {parts_.endpoints},
        .keeper = headers_,
        .records = parts_.records,
        .documents = parts_.documents,
        .readings = server.readings(),
        .groups = server.groups(),
        .patients = server.patients(),
        .everything = system,
        .read =
            [&server](const store::Access& access,
                      const std::function<Result<void>(fhir::ViewReader&)>& work) {
                return server.read_all(access, work);
            },
        .now = parts_.clock,
        .post = [this](std::function<void()> call) { post(std::move(call)); },
        .send =
            [this](fhir::HookMessage message, std::function<void(Result<int>)> done) {
                send(std::move(message), std::move(done));
            },
        .to_sockets =
            [this](std::string_view id, std::string text) {
                parts_.on_loop([this, id = std::string(id), text = std::move(text)] {
                    sockets_.tell(id, text);
                });
            },
        .authorize =
            [this](fhir::SubscriptionOwner owner, std::string id, std::optional<PatientId> subject,
                   std::function<void(Result<store::Access>)> done) {
                authorize(owner, std::move(id), subject, std::move(done));
            },
        .renew =
            [this](std::vector<fhir::SubscriptionAccess> all,
                   std::function<void(std::vector<std::optional<store::Access>>)> done) {
                renew(std::move(all), std::move(done));
            },
        .ended = [this](fhir::SubscriptionOwner owner, const std::string& id,
                        const std::string& why) { note_end(owner, id, why); },
        .set_status =
            [&server, system](std::string id, std::uint64_t version, std::string status,
                              std::string error) {
                server.set_subscription_status(system, std::move(id), version, std::move(status),
                                               std::move(error));
            }});
    VIGIL_TRY(position, subscriptions_->start());
    thread_ = std::thread([this] { run(); });
    if (!subscriptions_->wants_readings() && !subscriptions_->is_wanted())
        return std::optional<Position>();
    records_written();
    return position;
}

void SubscriptionRunner::run() {
    net::Timer second(loop_, [&] {
        subscriptions_->tick();
        second.after(tick_interval);
    });
    second.after(tick_interval);
    loop_.run();
}

// The workers have ended: nothing calls in any more.
void SubscriptionRunner::stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
    if (auto kept = subscriptions_->stop(); !kept)
        fmt::print(stderr, "vigil: the state of subscriptions is not kept: {}\n",
                   kept.error().message);
    client_.reset();
}

// --- what happens ---

void SubscriptionRunner::records_written() {
    if (!subscriptions_ || !subscriptions_->is_wanted() || waking_.exchange(true)) return;
    post([this] {
        waking_ = false;
        subscriptions_->records_written();
    });
}

void SubscriptionRunner::written(std::string id, std::uint64_t version, const store::Access& by,
                                 std::function<void()> then) {
    post([this, id = std::move(id),
          owner = fhir::SubscriptionOwner{by.account(), by.token(), version},
          then = std::move(then)]() mutable {
        subscriptions_->written(std::move(id), owner, std::move(then));
    });
}

void SubscriptionRunner::arrived(const collect::FiledMessage& message) {
    if (!subscriptions_ || !subscriptions_->wants_readings() || !message.stored()) return;
    for (const auto& filed : message.readings) {
        if ((filed.reading.status & status::of_record) != 0) continue;  // the record told of it
        arrived_.push_back({.patient = message.patient,
                            .device = message.device,
                            .metric = filed.reading.metric,
                            .channel = filed.reading.channel,
                            .time = filed.filed_time});
    }
    arrived_up_to_ = message.position;
}

// Handed over once a commit, so that threads meet seldom.
void SubscriptionRunner::commit_ended() {
    if (arrived_.empty()) return;
    auto readings = std::exchange(arrived_, {});
    const auto count = readings.size();
    if (*on_their_way_ + count > readings_max)
        return post([this] { subscriptions_->readings_lost(); });
    *on_their_way_ += count;
    post([this, readings = std::move(readings), up_to = arrived_up_to_, count] {
        subscriptions_->readings_arrived(readings, up_to);
        *on_their_way_ -= count;
    });
}

// --- who may ---

identity::AccessRequest SubscriptionRunner::request_of(const std::string& id,
                                                       std::optional<PatientId> subject) const {
    return {.act = store::Act::read,
            .subjects = subject ? identity::Subjects::of(*subject) : identity::Subjects::all(),
            .areas = {identity::Area::subscriptions},
            .resources = {},
            .what = fmt::format("fhir.subscription Subscription/{}", id),
            .discloses = true,
            .from = {},
            .at = parts_.now()};
}

void SubscriptionRunner::authorize(fhir::SubscriptionOwner owner, std::string id,
                                   std::optional<PatientId> subject,
                                   std::function<void(Result<store::Access>)> done) {
    parts_.on_loop([this, owner, id = std::move(id), subject, done = std::move(done)] {
        const auto who = asking_again(parts_.registry, owner.account, owner.token);
        Result<store::Access> access =
            fail(Error::Kind::forbidden, "the credential is no longer valid");
        if (who && parts_.stands(*who)) access = parts_.desk.decide(*who, request_of(id, subject));
        // Nothing is told before the access is on record (promise 5).
        parts_.audit.when_on_record(identity::OnRecord::durable, [this, done,
                                                                  access = std::move(access)](
                                                                     const Result<void>& noted) {
            post([done, access = noted ? access : tl::unexpected(noted.error())] { done(access); });
        });
    });
}

void SubscriptionRunner::renew(
    std::vector<fhir::SubscriptionAccess> all,
    std::function<void(std::vector<std::optional<store::Access>>)> done) {
    parts_.on_loop([this, all = std::move(all), done = std::move(done)] {
        std::vector<std::optional<store::Access>> now;
        for (const auto& [owner, id, subject, access] : all) {
            const auto who = asking_again(parts_.registry, owner.account, owner.token);
            auto& one = now.emplace_back();
            if (!who || !parts_.stands(*who)) continue;
            if (auto given = parts_.desk.renew(*who, request_of(id, subject), *access))
                one = std::move(*given);
        }
        // A change is on record before it is acted on; where it cannot be, all stays for now.
        parts_.audit.when_on_record(identity::OnRecord::durable,
                                    [this, done, now = std::move(now)](const Result<void>& noted) {
                                        if (noted) return post([done, now] { done(now); });
                                        post([done] { done({}); });
                                    });
    });
}

void SubscriptionRunner::note_end(const fhir::SubscriptionOwner& owner, const std::string& id,
                                  const std::string& why) {
    parts_.on_loop([this, owner, id, why] {
        const auto who = asking_again(parts_.registry, owner.account, owner.token);
        parts_.desk.note(who.value_or(identity::nobody()),
                         {.act = store::Act::read,
                          .subjects = identity::Subjects::all(),
                          .areas = {},
                          .resources = {},
                          .what = fmt::format("fhir.subscription.end Subscription/{}: {}", id, why),
                          .from = {},
                          .at = parts_.now()},
                         true);
    });
}

// --- out ---

void SubscriptionRunner::send(fhir::HookMessage message, std::function<void(Result<int>)> done) {
    client_->send({.method = std::move(message.method),
                   .url = std::move(message.url),
                   .headers = std::move(message.headers),
                   .body = std::move(message.body),
                   .time_max = message.time_max,
                   .body_bytes_max = answer_bytes_max},
                  [done = std::move(done)](const Result<session::HttpResponse>& answer) {
                      done(answer ? Result<int>(answer->status) : tl::unexpected(answer.error()));
                  });
}

session::Upgrade SubscriptionRunner::upgrade(const Result<identity::Principal>& who,
                                             std::string from) {
    session::Upgrade upgrade;
    if (sockets_.full()) {
        upgrade.refusal = session::HttpResponse{.status = 503, .headers = {{"retry-after", "5"}}};
        return upgrade;
    }
    SubscriptionSockets::MayBind may_bind;
    // A page of another site could open it with a cookie, but not with a bearer token.
    if (who && who->account && !who->token.empty())
        may_bind = [this, who = *who, from = std::move(from)](std::string_view id) -> Result<void> {
            if (!parts_.stands(who))
                return fail(Error::Kind::forbidden, "the credential is no longer valid");
            auto access = parts_.desk.decide(
                who,
                {.act = store::Act::read,
                 .subjects = identity::Subjects::all(),
                 .areas = {identity::Area::subscriptions},
                 .resources = {},
                 .what = fmt::format("fhir.subscription.bind Subscription/{}", id.substr(0, 64)),
                 .from = from,
                 .at = parts_.now()});
            if (!access) return tl::unexpected(access.error());
            if (const auto own = subscriptions_->check_owner(id, *access); !own)
                return fail(Error::Kind::forbidden, own.error().issues.front().diagnostics);
            return {};
        };
    upgrade.messages = sockets_.open(std::move(may_bind));
    return upgrade;
}

}  // namespace vigil::app
