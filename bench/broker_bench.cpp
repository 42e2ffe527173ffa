// What the broker itself costs a message: 50 devices publish readings at QoS 1, a commit every 500
// messages, and so many subscribers take and acknowledge them all. No socket, no disk, no decoding.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"

namespace vigil::broker {
namespace {

constexpr std::size_t publishers = 50, window = 10;
constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

// Counts; keeps nothing.
class CountingLog final : public store::Log {
public:
    store::Ticket append(store::EntryKind, PatientId, const Fingerprint&,
                         std::string_view body) override {
        bytes += body.size();
        return ++last_ticket;
    }
    std::size_t pending_bytes() const override { return 0; }
    Result<Position> read(Position from, const std::function<bool(const store::Entry&)>&) override {
        return from;
    }
    Position after_damage(Position position) override { return position; }
    Position first() override { return {0, 1}; }
    Position end() override { return {0, completed + 1}; }
    Result<void> trim(Position) override { return {}; }
    store::Commit commit() {
        const store::Commit out{.first = completed + 1,
                                .last = last_ticket,
                                .first_position = {0, completed + 1},
                                .time = noon,
                                .outcome = {}};
        completed = last_ticket;
        return out;
    }
    store::Ticket last_ticket = 0, completed = 0;
    std::size_t bytes = 0;
};

class OpenGate final : public Gatekeeper {
public:
    void authenticate(Credentials credentials,
                      std::function<void(Result<Principal>)> answer) override {
        Principal principal;
        principal.id = credentials.client_identifier;
        answer(std::move(principal));
    }
    bool may_publish(const Principal&, std::string_view) override { return true; }
    bool may_subscribe(const Principal&, std::string_view) override { return true; }
    std::uint64_t generation() const override { return 1; }
};

class AllReadings final : public Inbound {
public:
    explicit AllReadings(CountingLog& log) : log_(log) {}
    std::optional<Accepted> publish(const Published& message) override {
        const auto ticket =
            log_.append(store::EntryKind::batch, {}, message.exchange, message.payload);
        return Accepted{.ticket = ticket, .reason_code = 0, .carrier = ticket};
    }
    std::optional<KeptMessage> kept(const store::Entry&) const override { return std::nullopt; }
    void connected(const Principal&, Timestamp) override {}
    void disconnected(const Principal&, Timestamp) override {}

private:
    CountingLog& log_;
};

class NoBacklog final : public Backlog {
public:
    void request(SessionNumber, std::vector<Position>) override {}
};

struct Client {
    Client(Broker& broker, const std::string& identifier, std::uint32_t expiry_s)
        : session(broker.connect({})) {
        session->on_open(noon, [this] { woken = true; }, actions);
        mqtt::Connect connect;
        connect.client_identifier = identifier;
        if (expiry_s > 0) connect.properties.session_expiry_interval = expiry_s;
        std::string bytes;
        mqtt::encode(connect, bytes);
        give(bytes);
        actions.clear();
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { session->on_closed(noon); }
    void give(std::string_view bytes) { session->on_bytes(noon, bytes, actions); }
    bool wake() {
        if (!std::exchange(woken, false)) return false;
        session->on_wake(noon, actions);
        return true;
    }

    session::Actions actions;
    std::unique_ptr<session::ByteSession> session;
    bool woken = false;
};

// Answers every PUBLISH; returns how many there were.
std::size_t acknowledge(Client& client, std::string& answer) {
    mqtt::PacketFramer framer(1 << 20);
    framer.feed(client.actions.send);
    answer.clear();
    std::size_t count = 0;
    for (auto frame = framer.next(); frame && *frame; frame = framer.next()) {
        if ((*frame)->type() != mqtt::PacketType::publish) continue;
        const auto packet = mqtt::decode_publish(**frame, mqtt::Version::v5);
        if (!packet) continue;
        ++count;
        if (packet->qos > 0)
            mqtt::append_success(mqtt::PacketType::puback, packet->packet_identifier, answer);
    }
    client.actions.clear();
    client.session->on_drained(noon, client.actions);
    if (!answer.empty()) client.give(answer);
    return count;
}

// subscribers, their QoS, whether their sessions outlive their connections
void publish_to_subscribers(benchmark::State& state) {
    CountingLog log;
    OpenGate gate;
    AllReadings inbound(log);
    NoBacklog backlog;
    Broker broker(log, gate, inbound, backlog);
    std::vector<std::unique_ptr<Client>> devices, subscribers;
    for (std::size_t i = 0; i < publishers; ++i)
        devices.push_back(std::make_unique<Client>(broker, "bed-" + std::to_string(i), 0));
    for (int i = 0; i < state.range(0); ++i) {
        auto& client = *subscribers.emplace_back(std::make_unique<Client>(
            broker, "screen-" + std::to_string(i), state.range(2) != 0 ? 600 : 0));
        mqtt::Subscribe subscribe;
        subscribe.packet_identifier = 1;
        subscribe.filters = {
            {"vigil/#", static_cast<std::uint8_t>(state.range(1)), false, false, 0}};
        std::string bytes;
        mqtt::encode(subscribe, mqtt::Version::v5, bytes);
        client.give(bytes);
        client.actions.clear();
    }
    std::vector<std::string> packets(publishers);
    for (std::size_t i = 0; i < publishers; ++i)
        for (std::uint16_t n = 1; n <= window; ++n) {
            mqtt::Publish publish;
            const auto topic = "vigil/bed-" + std::to_string(i) + "/telemetry";
            publish.topic = topic;
            publish.payload =
                R"({"ts":1767268800000,"seq":123456,"heart_rate":{"value":72,"unit":"/min"},"spo2":97,"resp_rate":16,"note":0})";
            publish.qos = 1;
            publish.packet_identifier = n;
            mqtt::encode(publish, mqtt::Version::v5, packets[i]);
        }
    std::size_t delivered = 0;
    std::string answer;
    for (auto _ : state) {
        for (std::size_t i = 0; i < publishers; ++i) devices[i]->give(packets[i]);
        for (bool busy = true; busy;) {
            if (log.last_ticket > log.completed) broker.on_commit(log.commit());
            for (auto& one : devices) {
                one->wake();
                one->actions.clear();
            }
            for (auto& one : subscribers) {
                one->wake();
                if (one->actions.send.empty()) continue;
                delivered += acknowledge(*one, answer);
            }
            busy = log.last_ticket > log.completed ||
                   std::ranges::any_of(subscribers, [](const auto& one) {
                       return one->woken || !one->actions.send.empty();
                   });
        }
    }
    const auto messages = state.iterations() * static_cast<std::int64_t>(publishers * window);
    if (delivered != static_cast<std::size_t>(messages * state.range(0)))
        state.SkipWithError("not every message was delivered");
    state.SetItemsProcessed(messages);
    state.counters["ns_a_message"] =
        benchmark::Counter(static_cast<double>(messages) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(publish_to_subscribers)
    ->ArgNames({"subscribers", "qos", "stays"})
    ->Args({0, 0, 0})
    ->Args({1, 0, 0})
    ->Args({1, 1, 0})
    ->Args({10, 0, 0})
    ->Args({10, 1, 0})
    ->Args({1, 1, 1});

}  // namespace
}  // namespace vigil::broker
