#include "app/audit_syslog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace vigil::app {
namespace {

constexpr std::string_view position_kind = "audit.syslog";
// How long the collector may take to close after we did, and to take what it is sent.
constexpr Nanoseconds closing_time_max = std::chrono::seconds(10);
constexpr Nanoseconds taking_time_max = std::chrono::minutes(2);

}  // namespace

// One connection: what it is given goes out; nothing comes in (RFC 5425 4.3).
class AuditSyslog::Delivery final : public session::ByteSession {
public:
    explicit Delivery(AuditSyslog& owner) : owner_(owner), alive_(owner.alive_) {}

    void give(std::string bytes) {
        bytes_ = std::move(bytes);
        wake_();
    }
    void finish() {
        finished_ = true;
        wake_();
    }

    void on_open(Timestamp, session::Waker wake, session::Actions&) override {
        wake_ = std::move(wake);
        if (!alive_.expired()) owner_.opened();
    }
    void on_bytes(Timestamp, std::string_view, session::Actions&) override {}
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions& out) override {
        out.send += std::exchange(bytes_, {});
        out.close = finished_;
    }
    void on_drained(Timestamp, session::Actions&) override {
        if (alive_.expired()) return;
        owner_.taken_ = true;
        owner_.send_more();
    }
    void on_closed(Timestamp) override {
        if (!alive_.expired()) owner_.delivery_ = nullptr;
    }

private:
    AuditSyslog& owner_;
    std::weak_ptr<bool> alive_;
    session::Waker wake_;
    std::string bytes_;
    bool finished_ = false;
};

AuditSyslog::AuditSyslog(SyslogCollector collector, Sources sources)
    : collector_(std::move(collector)), sources_(std::move(sources)) {}

AuditSyslog::~AuditSyslog() {
    alive_.reset();
}

// Runs `read` on a worker and `then`, with what it gave, back here.
template <class Read, class Then>
void AuditSyslog::off_loop(Read read, Then then) {
    sources_.on_worker([read = std::move(read), then = std::move(then),
                        poster = sources_.loop.poster(), alive = std::weak_ptr(alive_)] {
        auto result = read();
        poster([alive, then, result = std::move(result)]() mutable {
            if (!alive.expired()) then(std::move(result));
        });
    });
}

Result<void> AuditSyslog::start() {
    VIGIL_TRY(kept, sources_.documents.get(position_kind, collector_.shown()));
    if (!kept) return {};
    const auto* const end = kept->data() + kept->size();
    if (std::from_chars(kept->data(), end, received_).ptr != end)
        return fail(Error::Kind::internal, "how far the audit was passed on cannot be read");
    if (const auto newest = sources_.newest(); received_ > newest) {
        sources_.say(
            fmt::format("the audit ends at line {}, but {} has it up to line {}: what "
                        "follows bears numbers that it knows",
                        newest, collector_.shown(), received_));
        received_ = newest;
    }
    return {};
}

void AuditSyslog::every_second() {
    const auto now = sources_.loop.steady_now_ns();
    if (state_ == State::idle && !stopping_ && now >= rests_until_ns_ &&
        sources_.newest() > received_)
        begin();
    if (state_ == State::open) send_more();
}

void AuditSyslog::stop() {
    stopping_ = true;
    if (state_ == State::open) send_more();
}

void AuditSyslog::begin() {
    state_ = State::connecting;
    struct Found {
        Result<std::vector<net::Endpoint>> endpoints;
        std::optional<Timestamp> oldest;
    };
    off_loop(
        [host = collector_.host, port = collector_.port, follow = sources_.follow,
         after = received_] {
            Found found{net::resolve(host, port), {}};
            (void)follow(after, [&](std::uint64_t, const store::AuditLine& line) {
                found.oldest = line.time;
                return false;
            });
            return found;
        },
        [this](Found found) {
            oldest_ = found.oldest;
            if (!found.endpoints) return failed(found.endpoints.error().message);
            if (found.endpoints->empty()) return failed("its name leads nowhere");
            connect(*found.endpoints);
        });
}

void AuditSyslog::connect(const std::vector<net::Endpoint>& endpoints) {
    auto delivery = std::make_unique<Delivery>(*this);
    delivery_ = delivery.get();
    auto made = net::connect(
        sources_.loop,
        {.endpoint = endpoints[tries_++ % endpoints.size()],
         .tls = collector_.tls,
         .host = collector_.name,
         .limits = {.first_byte_time_max = taking_time_max, .linger_time_max = closing_time_max},
         .ended =
             [this, alive = std::weak_ptr(alive_)] {
                 if (!alive.expired()) ended();
             }},
        std::move(delivery));
    if (!made) {
        delivery_ = nullptr;
        return failed(made.error().message);
    }
    client_ = std::move(*made);
}

void AuditSyslog::opened() {
    state_ = State::open;
    sent_ = received_;
    taken_ = true;
    opened_ns_ = busy_ns_ = sources_.loop.steady_now_ns();
    send_more();
}

// Reads what comes next, or ends the connection where it is time to know what has arrived.
void AuditSyslog::send_more() {
    if (state_ != State::open || reading_ || !taken_) return;
    const auto now = sources_.loop.steady_now_ns();
    if (now - opened_ns_ > open_for_max.count()) return end();
    if (sources_.newest() <= sent_) {  // else asked again in a second
        if (stopping_ || now - busy_ns_ > idle_max.count()) end();
        return;
    }
    reading_ = true;
    off_loop([this, after = sent_] { return read(after); },
             [this](Result<Batch> batch) {
                 reading_ = false;
                 take(std::move(batch));
             });
}

// On a worker, which ends before this does.
Result<AuditSyslog::Batch> AuditSyslog::read(std::uint64_t after) const {
    Batch batch;
    VIGIL_CHECK(sources_.follow(after, [&](std::uint64_t number, const store::AuditLine& line) {
        auto frames = syslog_frames(number, line, sources_.source);
        batch.frames.bytes += frames.bytes;
        batch.frames.messages += frames.messages;
        batch.last = number;
        return batch.frames.bytes.size() < batch_bytes_max;
    }));
    return batch;
}

void AuditSyslog::take(Result<Batch> batch) {
    if (state_ != State::open || delivery_ == nullptr) return;
    if (!batch) {
        problem_ = batch.error().message;
        return end();
    }
    if (batch->last == 0) return;
    sent_ = batch->last;
    messages_ += batch->frames.messages;
    busy_ns_ = sources_.loop.steady_now_ns();
    taken_ = false;  // the next is read once this one is
    delivery_->give(std::move(batch->frames.bytes));
}

void AuditSyslog::end() {
    state_ = State::ending;
    if (delivery_ != nullptr) delivery_->finish();
}

void AuditSyslog::ended() {
    const auto client = std::move(client_);
    delivery_ = nullptr;
    const bool in_order = state_ == State::ending && client && client->ended_in_order();
    if (!in_order)
        return failed(client && client->failure()
                          ? client->failure()->message
                          : "the connection did not come to an orderly end: what it was sent since "
                            "the last one that did is sent again");
    state_ = State::idle;
    rest_ = first_rest;
    if (received_ == sent_) return;
    if (!problem_.empty())
        sources_.say(fmt::format("the audit goes to {} again", collector_.shown()));
    problem_.clear();
    received_ = sent_;
    oldest_.reset();
    keep();
}

// Said once: what follows is in the status.
void AuditSyslog::failed(const std::string& why) {
    state_ = State::idle;
    ++failures_;
    if (problem_.empty())
        sources_.say(fmt::format("the audit does not get to {}: {}", collector_.shown(), why));
    problem_ = why;
    rests_until_ns_ = sources_.loop.steady_now_ns() + rest_.count();
    rest_ = std::min<Nanoseconds>(rest_ * 2, rest_max);
}

// Where it is not kept, the next start sends again what the collector has.
void AuditSyslog::keep() {
    keeping_ = true;
    sources_.documents.change(
        {{std::string(position_kind), collector_.shown(), PatientId{}, std::to_string(received_)}},
        std::nullopt,
        [this, poster = sources_.loop.poster(),
         alive = std::weak_ptr(alive_)](const Result<void>&) {
            poster([this, alive] {
                if (!alive.expired()) keeping_ = false;
            });
        });
}

AuditSyslogState AuditSyslog::state() const {
    const auto newest = sources_.newest();
    const auto waiting = newest > received_ ? newest - received_ : 0;
    const bool is_late = waiting > 0 && oldest_;
    return {.collector = collector_.shown(),
            .connected = state_ == State::open || state_ == State::ending,
            .received = received_,
            .waiting = waiting,
            .waiting_s =
                is_late ? std::max(
                              0.0,
                              std::chrono::duration<double>(sources_.loop.now() - *oldest_).count())
                        : 0.0,
            .messages = messages_,
            .failures = failures_,
            .problem = problem_};
}

}  // namespace vigil::app
