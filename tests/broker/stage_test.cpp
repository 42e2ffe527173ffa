#include "broker/stage.hpp"

#include <fmt/format.h>

namespace vigil::broker {

using mqtt::Packet;
using mqtt::ReasonCode;
using mqtt::Version;

namespace {

std::string suffix(ReasonCode reason) {
    return reason == ReasonCode::success ? std::string()
                                         : fmt::format(" 0x{:02X}", static_cast<unsigned>(reason));
}

std::string reasons(const std::vector<ReasonCode>& codes) {
    std::string out;
    for (const auto code : codes) out += fmt::format(" 0x{:02X}", static_cast<unsigned>(code));
    return out;
}

std::string text(const mqtt::Publish& p) {
    auto out = fmt::format("PUBLISH {} {} q{}", p.topic, p.payload, p.qos);
    if (p.qos > 0) out += fmt::format(" #{}", p.packet_identifier);
    if (p.duplicate) out += " DUP";
    if (p.retain) out += " RETAIN";
    return out;
}

template <mqtt::PacketType type>
std::string text(const char* name, const mqtt::Acknowledgement<type>& packet) {
    return fmt::format("{} {}{}", name, packet.packet_identifier, suffix(packet.reason));
}

}  // namespace

std::string describe(const Packet& packet) {
    struct Visitor {
        std::string operator()(const mqtt::Connect&) const { return "CONNECT"; }
        std::string operator()(const mqtt::Connack& p) const {
            return "CONNACK" + std::string(p.session_present ? " present" : "") + suffix(p.reason);
        }
        std::string operator()(const mqtt::Publish& p) const { return text(p); }
        std::string operator()(const mqtt::Puback& p) const { return text("PUBACK", p); }
        std::string operator()(const mqtt::Pubrec& p) const { return text("PUBREC", p); }
        std::string operator()(const mqtt::Pubrel& p) const { return text("PUBREL", p); }
        std::string operator()(const mqtt::Pubcomp& p) const { return text("PUBCOMP", p); }
        std::string operator()(const mqtt::Subscribe&) const { return "SUBSCRIBE"; }
        std::string operator()(const mqtt::Suback& p) const {
            return fmt::format("SUBACK {}{}", p.packet_identifier, reasons(p.reasons));
        }
        std::string operator()(const mqtt::Unsubscribe&) const { return "UNSUBSCRIBE"; }
        std::string operator()(const mqtt::Unsuback& p) const {
            return fmt::format("UNSUBACK {}{}", p.packet_identifier, reasons(p.reasons));
        }
        std::string operator()(const mqtt::Pingreq&) const { return "PINGREQ"; }
        std::string operator()(const mqtt::Pingresp&) const { return "PINGRESP"; }
        std::string operator()(const mqtt::Disconnect& p) const {
            return "DISCONNECT" + suffix(p.reason);
        }
        std::string operator()(const mqtt::Auth& p) const { return "AUTH" + suffix(p.reason); }
    };
    return std::visit(Visitor{}, packet);
}

mqtt::Connect connect_packet(std::string_view identifier, bool clean_start, std::uint32_t expiry_s,
                             Version version) {
    mqtt::Connect connect;
    connect.version = version;
    connect.client_identifier = identifier;
    connect.clean_start = clean_start;
    if (expiry_s > 0) connect.properties.session_expiry_interval = expiry_s;
    return connect;
}

Client::Client(Stage& stage, Version its_version, session::Peer peer)
    : version(its_version), stage_(stage), session_(stage.broker().connect(std::move(peer))) {
    stage_.clients_.insert(this);
    session_->on_open(stage_.now, [this] { woken = true; }, actions_);
    apply(actions_);
}

Client::~Client() {
    drop();
    stage_.clients_.erase(this);
}

void Client::apply(session::Actions& actions) {
    arrived_ += actions.send;
    if (actions.wake_at) due = actions.wake_at;
    if (actions.reading) reading = *actions.reading;
    const bool close = actions.close;
    actions.clear();
    if (!close) return;
    closed = true;
    session_->on_closed(stage_.now);
    session_.reset();
}

void Client::bytes(std::string_view bytes) {
    if (!session_) return;
    const std::string alive(bytes);
    session_->on_bytes(stage_.now, alive, actions_);
    apply(actions_);
}

void Client::publish(std::string_view topic, std::string_view payload, std::uint8_t qos,
                     std::uint16_t packet, bool duplicate, bool retain) {
    mqtt::Publish out;
    out.topic = topic;
    out.payload = payload;
    out.qos = qos;
    out.packet_identifier = packet;
    out.duplicate = duplicate;
    out.retain = retain;
    send(out);
}

void Client::subscribe(std::string_view filter, std::uint8_t qos) {
    mqtt::Subscribe out;
    out.packet_identifier = 1;
    out.filters = {{filter, qos, false, false, 0}};
    send(out);
}

void Client::drop() {
    if (!session_) return;
    session_->on_closed(stage_.now);
    session_.reset();
    closed = true;
}

void Client::vanish() {
    session_.reset();
    closed = true;
    woken = false;
}

void Client::timer() {
    if (!session_ || !due || *due > stage_.now) return;
    due.reset();
    session_->on_timer(stage_.now, actions_);
    apply(actions_);
}

void Client::wake() {
    if (!std::exchange(woken, false) || !session_) return;
    session_->on_wake(stage_.now, actions_);
    apply(actions_);
}

void Client::drained() {
    if (!session_) return;
    session_->on_drained(stage_.now, actions_);
    apply(actions_);
}

std::vector<std::string> Client::received() {
    kept = std::exchange(arrived_, {});
    packets.clear();
    mqtt::PacketFramer framer(mqtt::variable_byte_integer_max);
    framer.feed(kept);
    std::vector<std::string> out;
    for (;;) {
        const auto frame = framer.next();
        if (!frame || !*frame) break;
        const auto packet = mqtt::decode(**frame, version);
        if (!packet) {
            out.emplace_back(packet.error().message);
            break;
        }
        packets.push_back(*packet);
        out.push_back(describe(*packet));
    }
    if (framer.has_unread()) out.emplace_back("rest");
    return out;
}

void Stage::start_broker() {
    broker_ = std::make_unique<Broker>(log, gatekeeper, inbound, backlog, limits_);
}

void Stage::commit(std::size_t count) {
    count = std::min(count, log.buffered.size());
    if (count > 0) broker_->on_commit(log.complete(count, true, now));
    turn();
}

void Stage::fail_commit() {
    broker_->on_commit(log.complete(log.buffered.size(), false, now));
    turn();
}

void Stage::turn() {
    for (auto* client : clients_) client->wake();
}

void Stage::settle() {
    for (int i = 0; i < 20; ++i) {
        commit();
        answer_backlog();
        for (auto* client : clients_) client->drained();
    }
}

void Stage::answer_backlog() {
    for (const auto& [session, wanted] : std::exchange(backlog.requests, {}))
        broker_->on_backlog(session, read_messages(log, inbound, wanted));
    turn();
}

void Stage::pass(Nanoseconds time) {
    now += time;
    broker_->on_timer(now);
    for (auto* client : clients_) client->timer();
    turn();
}

void Stage::restart(std::optional<std::string> snapshot) {
    // The process is gone: nobody hears of its connections again.
    for (auto* client : clients_) client->vanish();
    log.buffered.clear();
    log.forget_tickets();
    start_broker();
    if (snapshot) {
        const auto restored = broker_->restore(*snapshot);
        ASSERT_TRUE(restored) << restored.error().message;
    }
    for (auto offset = broker_->applied().offset + 1; offset <= log.entries.size(); ++offset) {
        const auto replayed = broker_->replay(log.entry(offset));
        ASSERT_TRUE(replayed) << replayed.error().message;
    }
    broker_->start(now);
}

std::unique_ptr<Client> Stage::client(Version version) {
    return std::make_unique<Client>(*this, version);
}

std::unique_ptr<Client> Stage::connected(const mqtt::Connect& connect) {
    auto out = client(connect.version);
    out->send(connect);
    out->received();
    return out;
}

std::unique_ptr<Client> Stage::connected(std::string_view identifier, bool clean_start,
                                         std::uint32_t expiry_s, Version version) {
    return connected(connect_packet(identifier, clean_start, expiry_s, version));
}

}  // namespace vigil::broker
