#pragma once
// A broker with everything around it faked: a log whose commits the test releases, a gatekeeper
// with simple rules, and clients whose whole conversation is a list of decoded packets.

#include <gmock/gmock.h>

#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.hpp"
#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"

namespace vigil::broker {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

class FakeLog final : public store::Log {
public:
    struct Kept {
        store::EntryKind kind;
        Fingerprint identity;
        std::string body;
    };

    store::Ticket append(store::EntryKind kind, PatientId /*subject*/, const Fingerprint& identity,
                         std::string_view body) override {
        buffered.push_back({kind, identity, std::string(body)});
        return ++last_ticket_;
    }
    std::size_t pending_bytes() const override {
        std::size_t bytes = extra_pending_bytes;
        for (const auto& one : buffered) bytes += one.body.size();
        return bytes;
    }
    Result<Position> read(Position from,
                          const std::function<bool(const store::Entry&)>& visit) override {
        auto offset = from.offset;
        for (; offset <= entries.size(); ++offset) {
            if (offset <= trimmed) continue;
            if (!visit(entry(offset))) return Position{0, offset + 1};
        }
        return Position{0, offset};
    }
    Position after_damage(Position position) override { return {0, position.offset + 1}; }
    Position first() override { return {0, trimmed + 1}; }
    Position end() override { return {0, entries.size() + 1}; }
    Result<void> trim(Position before) override {
        trimmed = before.offset - 1;
        return {};
    }

    store::Entry entry(std::uint64_t offset) const {
        const auto& kept = entries.at(offset - 1);
        return {.position = {0, offset},
                .commit_time = noon,
                .kind = kept.kind,
                .subject = {},
                .identity = kept.identity,
                .body = kept.body};
    }
    // The next `count` buffered entries become durable, or are lost.
    store::Commit complete(std::size_t count, bool good, Timestamp now) {
        store::Commit commit;
        commit.first = last_ticket_ - buffered.size() + 1;
        commit.last = commit.first + count - 1;
        commit.first_position = {0, entries.size() + 1};
        commit.time = now;
        if (good)
            entries.insert(entries.end(), buffered.begin(),
                           buffered.begin() + static_cast<std::ptrdiff_t>(count));
        else
            commit.outcome = fail(Error::Kind::internal, "the disk is full");
        buffered.erase(buffered.begin(), buffered.begin() + static_cast<std::ptrdiff_t>(count));
        return commit;
    }

    void forget_tickets() { last_ticket_ = 0; }

    std::vector<Kept> buffered, entries;
    std::size_t extra_pending_bytes = 0;
    std::uint64_t trimmed = 0;

private:
    store::Ticket last_ticket_ = 0;
};

// Devices d… use vigil/<id>/; the account "staff" may do anything but below "secret/". Anybody with
// the password "wrong" is refused.
class FakeGatekeeper final : public Gatekeeper {
public:
    void authenticate(Credentials credentials,
                      std::function<void(Result<Principal>)> answer) override {
        seen.push_back(credentials);
        Result<Principal> verdict = Principal{};
        if (refusal)
            verdict = fail(*refusal, "no");
        else if (credentials.password == "wrong")
            verdict = fail(Error::Kind::forbidden, "wrong credential");
        else
            verdict->id = credentials.user_name.value_or("staff");
        if (verdict)
            verdict->kind =
                verdict->id.starts_with('d') ? Principal::Kind::device : Principal::Kind::account;
        if (asynchronous)
            waiting.push_back([answer, verdict] { answer(verdict); });
        else
            answer(verdict);
    }
    bool may_publish(const Principal& principal, std::string_view topic) override {
        ++asked;
        return allowed(principal, topic);
    }
    bool may_subscribe(const Principal& principal, std::string_view filter) override {
        return allowed(principal, filter);
    }
    bool may_receive(const Principal& principal, std::span<const PatientId> patients) override {
        return std::ranges::none_of(patients, [&](PatientId patient) {
            return withheld.contains({principal.id, patient.value});
        });
    }
    std::uint64_t generation() const override { return generation_now; }

    std::optional<Error::Kind> refusal;
    bool asynchronous = false;
    std::vector<std::function<void()>> waiting;
    std::vector<Credentials> seen;
    std::set<std::string, std::less<>> forbidden_topics;
    std::set<std::pair<std::string, std::uint32_t>> withheld;  // by patients, from whom
    std::uint64_t generation_now = 1;
    int asked = 0;

private:
    bool allowed(const Principal& principal, std::string_view topic) const {
        if (forbidden_topics.contains(topic)) return false;
        if (principal.kind == Principal::Kind::device)
            return topic.starts_with("vigil/" + principal.id + "/");
        return !topic.starts_with("secret/");
    }
};

// Topics …/telemetry carry readings; the payload "garbage" is kept and said to be bad. Entries hold
// topic, line feed, payload.
class FakeInbound final : public Inbound {
public:
    explicit FakeInbound(FakeLog& log) : log_(log) {}
    std::optional<Accepted> publish(const Published& message) override {
        if (!message.topic.ends_with("/telemetry")) return std::nullopt;
        exchanges.push_back(message.exchange);
        if (full) return Accepted{.ticket = 0, .reason_code = 0x97, .carrier = 0, .kept = false};
        const bool garbage = message.payload == "garbage";
        patients = patients_of(message.topic);
        const auto ticket = log_.append(
            garbage ? store::EntryKind::unread : store::EntryKind::batch, {}, message.exchange,
            std::string(message.topic).append("\n").append(message.payload));
        return Accepted{.ticket = ticket,
                        .reason_code = static_cast<std::uint8_t>(garbage ? 0x99 : 0),
                        .carrier = ticket,
                        .patients = patients,
                        .reason = garbage ? "byte 1: not JSON" : ""};
    }
    // "vigil/d7/telemetry" is about patient 7.
    std::vector<PatientId> patients_of(std::string_view topic) const override {
        constexpr std::string_view tree = "vigil/d";
        std::uint32_t number = 0;
        if (topic.starts_with(tree) && topic.ends_with("/telemetry"))
            std::from_chars(topic.data() + tree.size(), topic.data() + topic.size(), number);
        return number > 0 ? std::vector{PatientId{number}} : std::vector<PatientId>();
    }
    std::optional<KeptMessage> kept(const store::Entry& entry) const override {
        const auto end = entry.body.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        return KeptMessage{entry.body.substr(0, end), entry.body.substr(end + 1)};
    }
    void connected(const Principal& principal, Timestamp /*now*/) override {
        presence.push_back("+" + principal.id);
    }
    void disconnected(const Principal& principal, Timestamp /*now*/) override {
        presence.push_back("-" + principal.id);
    }

    std::vector<Fingerprint> exchanges;
    std::vector<std::string> presence;
    std::vector<PatientId> patients;  // of the last message
    bool full = false;                // the sender's share of the quarantine

private:
    FakeLog& log_;
};

class FakeBacklog final : public Backlog {
public:
    void request(SessionNumber session, std::vector<Position> wanted) override {
        requests.emplace_back(session, std::move(wanted));
    }
    std::vector<std::pair<SessionNumber, std::vector<Position>>> requests;
};

class Stage;

// One connection. What it receives is described in short lines, e.g. "PUBACK 7".
class Client {
public:
    Client(Stage& stage, mqtt::Version version, session::Peer peer = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void bytes(std::string_view bytes);
    template <class T>
    void send(const T& packet) {
        std::string out;
        mqtt::encode(mqtt::Packet(packet), version, out);
        bytes(out);
    }
    void publish(std::string_view topic, std::string_view payload, std::uint8_t qos = 0,
                 std::uint16_t packet = 0, bool duplicate = false, bool retain = false);
    void subscribe(std::string_view filter, std::uint8_t qos = 0);
    void drop();    // the network connection breaks
    void vanish();  // the server did
    void timer();   // if it is due
    void wake();    // if it was asked for
    void drained();
    // What has arrived since the last call, decoded and described.
    std::vector<std::string> received();
    // The last packet of a kind in what the last received() returned.
    template <class T>
    const T& last() const {
        for (auto at = packets.rbegin(); at != packets.rend(); ++at)
            if (const auto* found = std::get_if<T>(&*at)) return *found;
        static const T none{};
        ADD_FAILURE() << "no such packet";
        return none;
    }

    mqtt::Version version;
    bool closed = false, reading = true, woken = false;
    std::optional<Timestamp> due;
    std::vector<mqtt::Packet> packets;
    std::string kept;  // the bytes that `packets` are views of

private:
    void apply(session::Actions& actions);
    Stage& stage_;
    std::unique_ptr<session::ByteSession> session_;
    session::Actions actions_;
    std::string arrived_;
};

class Stage {
public:
    explicit Stage(const BrokerLimits& limits = {}) : limits_(limits) { start_broker(); }

    // Everything buffered, or the first `count` entries, is committed; then the loop turns.
    void commit(std::size_t count = SIZE_MAX);
    void fail_commit();
    void turn();    // wakes everybody who asked for it
    void settle();  // commits and turns until nothing is left to do
    void answer_backlog();
    void pass(Nanoseconds time);  // timers of broker and clients included
    // The server dies and comes back with what was committed; connections are gone.
    void restart(std::optional<std::string> snapshot = std::nullopt);

    std::unique_ptr<Client> client(mqtt::Version version = mqtt::Version::v5);
    // Connected, CONNACK taken.
    std::unique_ptr<Client> connected(const mqtt::Connect& connect);
    std::unique_ptr<Client> connected(std::string_view identifier, bool clean_start = true,
                                      std::uint32_t expiry_s = 0,
                                      mqtt::Version version = mqtt::Version::v5);

    Broker& broker() { return *broker_; }

    FakeLog log;
    FakeGatekeeper gatekeeper;
    FakeInbound inbound{log};
    FakeBacklog backlog;
    Timestamp now = noon;

private:
    friend class Client;
    void start_broker();
    BrokerLimits limits_;
    std::unique_ptr<Broker> broker_;
    std::set<Client*> clients_;
};

mqtt::Connect connect_packet(std::string_view identifier, bool clean_start = true,
                             std::uint32_t expiry_s = 0, mqtt::Version version = mqtt::Version::v5);
std::string describe(const mqtt::Packet& packet);

}  // namespace vigil::broker
