// CONNECT and CONNACK: MQTT 5.0 3.1, 3.2 and 4.12.
#include <algorithm>
#include <utility>

#include "broker/mqtt_session.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::broker {
namespace {

using mqtt::ReasonCode;

// A CONNECT of another version is answered in the nearest form that its sender may read.
mqtt::Version version_of(std::string_view connect) {
    const bool mqtt = connect.starts_with(std::string_view("\0\4MQTT", 6)) && connect.size() > 6;
    return mqtt && static_cast<std::uint8_t>(connect[6]) >= 5 ? mqtt::Version::v5
                                                              : mqtt::Version::v3_1_1;
}

StoredWill stored(const mqtt::Will& will) {
    StoredWill out{.topic = std::string(will.topic),
                   .properties = {},
                   .payload = std::string(will.payload),
                   .qos = will.qos,
                   .retain = will.retain,
                   .delay_s = will.properties.will_delay_interval.value_or(0),
                   .message_expiry_s = will.properties.message_expiry_interval};
    auto forwarded = will.properties;
    forwarded.will_delay_interval.reset();
    forwarded.message_expiry_interval.reset();
    mqtt::append_property_block(forwarded, out.properties);
    return out;
}

ReasonCode reason_of(const Error& error) {
    switch (error.kind) {
        case Error::Kind::forbidden:
            return ReasonCode::bad_user_name_or_password;
        case Error::Kind::busy:
            return ReasonCode::quota_exceeded;
        default:
            return ReasonCode::server_unavailable;
    }
}

}  // namespace

void MqttSession::handle_connect(const mqtt::Frame& frame, Timestamp now, session::Actions& out) {
    if (frame.type() != mqtt::PacketType::connect) {  // [MQTT-3.1.0-1]
        stage_ = Stage::closed;
        out.close = true;
        return;
    }
    version_ = version_of(frame.body);
    const auto packet = mqtt::decode_connect(frame);
    if (!packet) return refuse_connect(packet.error().code, packet.error().message, out);
    client_packet_bytes_max_ = packet->properties.maximum_packet_size.value_or(0xFFFF'FFFF);
    if (const auto reason = objection(*packet)) return refuse_connect(*reason, "", out);

    Credentials credentials{
        .client_identifier = std::string(packet->client_identifier),
        .user_name = {},
        .password = {},
        .peer = std::exchange(peer_, {}),  // a certificate is long, and of no more use
        .protocol_version = static_cast<std::uint8_t>(packet->version)};
    if (packet->user_name) credentials.user_name = *packet->user_name;
    if (packet->password) credentials.password = *packet->password;
    connect_packet_ = frame.body;
    stage_ = Stage::authenticating;
    broker_.gatekeeper_.authenticate(
        std::move(credentials),
        [&broker = broker_, reference = reference_](Result<Principal> verdict) {
            auto* session = broker.at(reference);
            if (session == nullptr) return;
            session->verdict_ = std::move(verdict);
            session->wake();
        });
    if (verdict_) return finish_connect(now, out);
    out.reading = false;
}

std::optional<ReasonCode> MqttSession::objection(const mqtt::Connect& packet) const {
    const auto& limits = broker_.limits();
    if (broker_.connections() > limits.connections_max) return ReasonCode::server_busy;
    if (packet.properties.authentication_method) return ReasonCode::bad_authentication_method;
    if (packet.client_identifier.size() > limits.client_identifier_bytes_max)
        return ReasonCode::client_identifier_not_valid;
    if (packet.client_identifier.empty() && !v5() && !packet.clean_start)
        return ReasonCode::client_identifier_not_valid;  // [MQTT-3.1.3-8] of 3.1.1
    if (packet.will && (packet.will->topic.size() > limits.topic_bytes_max ||
                        mqtt::topic_levels(packet.will->topic) > limits.topic_levels_max))
        return ReasonCode::topic_name_invalid;
    return std::nullopt;
}

void MqttSession::finish_connect(Timestamp now, session::Actions& out) {
    auto verdict = *std::exchange(verdict_, std::nullopt);
    const auto bytes = std::exchange(connect_packet_, {});
    if (!verdict) return refuse_connect(reason_of(verdict.error()), "", out);
    mqtt::Frame frame;
    frame.first_byte = static_cast<std::uint8_t>(mqtt::PacketType::connect) << 4;
    frame.body = bytes;
    const auto packet = mqtt::decode_connect(frame);  // it was good before
    if (!packet) return refuse_connect(packet.error().code, packet.error().message, out);
    if (packet->will && !broker_.gatekeeper_.may_publish(*verdict, packet->will->topic))
        return refuse_connect(ReasonCode::not_authorized, "the will's topic is not allowed", out);
    accept(*packet, std::move(*verdict), now, out);
}

void MqttSession::accept(const mqtt::Connect& packet, Principal principal, Timestamp now,
                         session::Actions& out) {
    const auto& limits = broker_.limits();
    const auto& properties = packet.properties;
    const bool assigned = packet.client_identifier.empty();
    Broker::SessionRequest request;
    request.client_identifier = assigned ? broker_.unused_client_identifier(principal, now)
                                         : std::string(packet.client_identifier);
    request.principal = std::move(principal);
    request.clean_start = packet.clean_start;
    // A 3.1.1 session is either ended by its connection or kept as long as we keep any.
    request.expiry_s = v5() ? properties.session_expiry_interval.value_or(0)
                            : (packet.clean_start ? 0 : never_expires);
    request.expiry_s = std::min(request.expiry_s, limits.session_expiry_max_s);
    if (packet.will) request.will = stored(*packet.will);

    const auto opened = broker_.open_session(std::move(request), *this, now);
    if (opened.state == nullptr)
        return refuse_connect(ReasonCode::quota_exceeded, "too many sessions", out);
    state_ = opened.state;
    stage_ = Stage::open;
    ++broker_.statistics_.connects_accepted;
    framer_.set_packet_bytes_max(limits.packet_bytes_max);
    client_receive_maximum_ = properties.receive_maximum.value_or(0xFFFF);
    problem_information_ = properties.request_problem_information.value_or(1) != 0;
    client_alias_max_ =
        std::min(properties.topic_alias_maximum.value_or(0), limits.topic_alias_sent_max);
    keep_alive_s_ = packet.keep_alive;
    const auto keep_alive_max_s = limits.keep_alive_max_s;
    if (v5() && keep_alive_max_s > 0 && (keep_alive_s_ == 0 || keep_alive_s_ > keep_alive_max_s))
        keep_alive_s_ = keep_alive_max_s;
    last_packet_ = now;
    if (keep_alive_s_ > 0) out.wake_at = now + std::chrono::milliseconds(1500) * keep_alive_s_;
    send_connack(packet, opened.present, assigned, out);
    broker_.inbound_.connected(state_->principal, now);
}

void MqttSession::send_connack(const mqtt::Connect& packet, bool session_present, bool assigned,
                               session::Actions& out) {
    const auto& limits = broker_.limits();
    mqtt::Connack connack;
    connack.session_present = session_present;
    auto& properties = connack.properties;
    properties.receive_maximum = limits.receive_maximum;
    properties.maximum_packet_size = limits.packet_bytes_max;
    if (limits.topic_alias_maximum > 0) properties.topic_alias_maximum = limits.topic_alias_maximum;
    if (assigned) properties.assigned_client_identifier = state_->client_identifier;
    if (keep_alive_s_ != packet.keep_alive) properties.server_keep_alive = keep_alive_s_;
    if (state_->expiry_s != packet.properties.session_expiry_interval.value_or(0))
        properties.session_expiry_interval = state_->expiry_s;
    // Where a device may be answered: its own part of the tree of topics.
    const auto own_topics = "vigil/" + state_->principal.id + "/";
    if (packet.properties.request_response_information == 1 &&
        state_->principal.kind == Principal::Kind::device)
        properties.response_information = own_topics;
    send(connack, out);
}

void MqttSession::refuse_connect(ReasonCode reason, const char* why, session::Actions& out) {
    ++broker_.statistics_.connects_refused;
    // A malformed 3.1.1 CONNECT has no return code of its own; it is just closed (3.1.4).
    const bool silent =
        !v5() &&
        (reason == ReasonCode::malformed_packet || reason == ReasonCode::protocol_error ||
         reason == ReasonCode::packet_too_large || reason == ReasonCode::topic_name_invalid);
    if (!silent) {
        mqtt::Connack connack{false, reason, {}};
        if (*why != '\0') connack.properties.reason_string = why;
        send(connack, out);
        if (out.send.size() > client_packet_bytes_max_) {  // [MQTT-3.2.2-19]
            out.send.clear();
            send(mqtt::Connack{false, reason, {}}, out);
        }
    }
    stage_ = Stage::closed;
    out.close = true;
}

}  // namespace vigil::broker
