#include "app/simulated_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"

namespace vigil::app {
namespace {

constexpr std::uint32_t packet_bytes_max = 1 << 20;
constexpr Nanoseconds step = std::chrono::milliseconds(200);
constexpr std::uint16_t keep_alive_s = 30;
constexpr Nanoseconds ping_every = std::chrono::seconds(10);
constexpr std::uint16_t window_max = 512;
constexpr std::uint16_t greeting_room = 16;  // of the window, kept free for the next greeting
constexpr std::uint16_t receive_maximum_default = 65'535;  // MQTT 5 3.2.2.3.3

}  // namespace

SimulatedSession::SimulatedSession(SimulatedDevice& device, Owner owner)
    : device_(device), owner_(std::move(owner)), framer_(packet_bytes_max) {}

void SimulatedSession::on_open(Timestamp now, session::Waker, session::Actions& out) {
    pinged_ = now;
    mqtt::Connect connect;
    connect.clean_start = false;
    connect.keep_alive = keep_alive_s;
    connect.client_identifier = device_.id();
    if (!device_.enrolled()) {  // whoever shows a certificate gives no name
        connect.user_name = device_.id();
        connect.password = device_.token();
    }
    connect.properties.session_expiry_interval = 3600;
    mqtt::encode(connect, out.send);
}

void SimulatedSession::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    framer_.feed(bytes);
    while (!out.close) {
        const auto frame = framer_.next();
        if (frame && !*frame) break;  // feed me more
        const auto packet = frame ? mqtt::decode(**frame, mqtt::Version::v5)
                                  : mqtt::Decoded<mqtt::Packet>(tl::unexpected(frame.error()));
        if (packet) {
            on_packet(now, *packet, out);
        } else {
            reason_ = "the server broke the protocol";
            out.close = true;
        }
    }
    framer_.keep_rest();
    if (!out.close && window_ > 0) go_on(now, out);
}

void SimulatedSession::on_packet(Timestamp now, const mqtt::Packet& packet, session::Actions& out) {
    if (const auto* connack = std::get_if<mqtt::Connack>(&packet)) {
        on_connack(now, *connack, out);
    } else if (const auto* puback = std::get_if<mqtt::Puback>(&packet)) {
        if (!device_.acknowledge(puback->packet_identifier) && greetings_ > 0) --greetings_;
        if (static_cast<unsigned>(puback->reason) >= 0x80) ++device_.refused;
    } else if (std::holds_alternative<mqtt::Disconnect>(packet)) {
        reason_ = "the server ended the session";
        out.close = true;
    }
}

void SimulatedSession::on_connack(Timestamp now, const mqtt::Connack& connack,
                                  session::Actions& out) {
    if (connack.reason != mqtt::ReasonCode::success) {
        reason_ =
            fmt::format("refused with reason 0x{:02x}", static_cast<unsigned>(connack.reason));
        out.close = true;
        return;
    }
    const auto receive_maximum =
        connack.properties.receive_maximum.value_or(receive_maximum_default);
    window_ = std::max(1, std::min(window_max, receive_maximum) - greeting_room);
    if (!connack.session_present) device_.forget_exchanges();
    // Its clock first: what it kept is believed only once that was seen.
    for (const auto& message : device_.greeting(now)) {
        send(device_.free_packet(), message, false, out);
        ++greetings_;
    }
    for (const auto& [packet, message] : device_.unacknowledged()) send(packet, message, true, out);
}

void SimulatedSession::on_timer(Timestamp now, session::Actions& out) {
    if (window_ > 0) go_on(now, out);
}

void SimulatedSession::go_on(Timestamp now, session::Actions& out) {
    out.wake_at = now + step;
    device_.play(now, true);
    if (!device_.link_up()) {
        // A network that is lost says nothing: no DISCONNECT.
        reason_ = "its network is lost";
        out.close = true;
        return;
    }
    while (device_.unacknowledged().size() + greetings_ < window_) {
        const auto next = device_.next();
        if (!next) break;
        send(next->first, *next->second, false, out);
        owner_.sent(*next->second);
    }
    if (device_.finished()) return on_stop(now, out);
    if (now - pinged_ < ping_every) return;
    pinged_ = now;
    mqtt::encode(mqtt::Pingreq{}, mqtt::Version::v5, out.send);
}

void SimulatedSession::send(std::uint16_t packet, const simulate::Publication& message, bool again,
                            session::Actions& out) {
    mqtt::Publish publish;
    publish.duplicate = again;
    publish.qos = 1;
    publish.packet_identifier = packet;
    publish.topic = message.topic;
    publish.payload = message.payload;
    mqtt::encode(publish, mqtt::Version::v5, out.send);
}

void SimulatedSession::on_stop(Timestamp, session::Actions& out) {
    mqtt::encode(mqtt::Disconnect{}, mqtt::Version::v5, out.send);
    out.close = true;
}

void SimulatedSession::on_closed(Timestamp) {
    owner_.ended(reason_);
}

}  // namespace vigil::app
