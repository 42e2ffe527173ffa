#include "app/monitor_session.hpp"

#include <fmt/format.h>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"
#include "simulate/wire.hpp"

namespace vigil::app {
namespace {

constexpr std::uint32_t packet_bytes_max = 1 << 20;
constexpr Nanoseconds step = std::chrono::milliseconds(200);
constexpr std::size_t unacknowledged_max = 512;
constexpr std::size_t kept_max = 4096;

}  // namespace

MonitorSession::MonitorSession(Monitor& monitor, const Catalogue& catalogue,
                               std::function<void(std::string)> ended)
    : monitor_(monitor),
      catalogue_(catalogue),
      ended_(std::move(ended)),
      framer_(packet_bytes_max) {}

void MonitorSession::on_open(Timestamp, session::Waker, session::Actions& out) {
    mqtt::Connect connect;
    connect.clean_start = false;
    connect.keep_alive = 30;
    connect.client_identifier = monitor_.identity.device;
    connect.user_name = monitor_.identity.device;
    connect.password = monitor_.identity.token;
    connect.properties.session_expiry_interval = 3600;
    mqtt::encode(connect, out.send);
}

void MonitorSession::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    framer_.feed(bytes);
    while (true) {
        const auto frame = framer_.next();
        if (!frame || !*frame) {
            if (!frame) out.close = true;
            break;
        }
        const auto packet = mqtt::decode(**frame, mqtt::Version::v5);
        if (!packet) {
            out.close = true;
            break;
        }
        if (const auto* connack = std::get_if<mqtt::Connack>(&*packet)) {
            if (connack->reason != mqtt::ReasonCode::success) {
                reason_ = fmt::format("refused with reason 0x{:02x}",
                                      static_cast<unsigned>(connack->reason));
                out.close = true;
            } else {
                begin(now, out);
            }
        } else if (const auto* puback = std::get_if<mqtt::Puback>(&*packet)) {
            if (monitor_.unacknowledged.erase(puback->packet_identifier) > 0)
                ++monitor_.acknowledged;
            if (static_cast<unsigned>(puback->reason) >= 0x80) ++monitor_.refused;
        } else if (std::holds_alternative<mqtt::Disconnect>(*packet)) {
            reason_ = "the server ended the session";
            out.close = true;
        }
    }
    framer_.keep_rest();
}

void MonitorSession::begin(Timestamp now, session::Actions& out) {
    connected_ = monitor_.up = true;
    for (const auto& [packet, message] : monitor_.unacknowledged) send(packet, message, true, out);
    advance(now, out);
}

void MonitorSession::on_timer(Timestamp now, session::Actions& out) {
    if (connected_) advance(now, out);
}

void MonitorSession::advance(Timestamp now, session::Actions& out) {
    out.wake_at = now + step;
    // Patient's time runs with the wall clock's, or faster; never further ahead than the window
    // lets.
    const auto due = monitor_.patient_began +
                     Nanoseconds(static_cast<std::int64_t>(
                         static_cast<double>((now - monitor_.began).count()) * monitor_.speed));
    if (due <= monitor_.patient.now() || monitor_.unacknowledged.size() > unacknowledged_max)
        return;
    emissions_.clear();
    monitor_.patient.advance(due - monitor_.patient.now(), emissions_);
    for (const auto& emission : emissions_) {
        auto wire = simulate::wire_form(catalogue_, emission);
        Monitor::Message message{
            fmt::format("vigil/{}/{}", monitor_.identity.device, wire.topic_suffix),
            std::move(wire.payload)};
        if (!emission.link_up) {
            if (monitor_.kept.size() < kept_max) monitor_.kept.push_back(std::move(message));
            continue;
        }
        for (auto& kept : std::exchange(monitor_.kept, {})) publish(std::move(kept), out);
        publish(std::move(message), out);
    }
}

void MonitorSession::publish(Monitor::Message message, session::Actions& out) {
    while (monitor_.next_packet == 0 || monitor_.unacknowledged.contains(monitor_.next_packet))
        ++monitor_.next_packet;
    const auto packet = monitor_.next_packet++;
    send(packet, message, false, out);
    monitor_.unacknowledged.emplace(packet, std::move(message));
}

void MonitorSession::send(std::uint16_t packet, const Monitor::Message& message, bool again,
                          session::Actions& out) {
    mqtt::Publish publish;
    publish.duplicate = again;
    publish.qos = 1;
    publish.packet_identifier = packet;
    publish.topic = message.topic;
    publish.payload = message.payload;
    mqtt::encode(publish, mqtt::Version::v5, out.send);
}

void MonitorSession::on_stop(Timestamp, session::Actions& out) {
    mqtt::encode(mqtt::Disconnect{}, mqtt::Version::v5, out.send);
    out.close = true;
}

void MonitorSession::on_closed(Timestamp) {
    monitor_.up = false;
    ended_(reason_);
}

}  // namespace vigil::app
