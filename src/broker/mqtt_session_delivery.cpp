// To the client: PUBLISH and what it answers, MQTT 5.0 3.3.4, 4.3, 4.4, 4.6 and 4.9.
#include <algorithm>

#include "broker/mqtt_session.hpp"

namespace vigil::broker {

using mqtt::ReasonCode;
using enum InFlight::Stage;

bool MqttSession::is_durable(const QueuedMessage& message) const {
    return message.offset != 0 && state_->recorded && state_->outlives_connection();
}

void MqttSession::handle_puback(std::uint16_t packet, Timestamp now, session::Actions& out) {
    const auto* flight = state_->find_in_flight(packet);
    if (flight == nullptr || flight->stage != sent) return;  // answered twice: nothing to do
    if (flight->queued.qos != 1)
        return close(ReasonCode::protocol_error, "PUBACK for QoS 2", now, out);
    if (is_durable(flight->queued)) acknowledged_.push_back(packet);
    state_->acknowledge(packet);
}

void MqttSession::handle(const mqtt::Pubrec& packet, Timestamp now, session::Actions& out) {
    auto* flight = state_->find_in_flight(packet.packet_identifier);
    if (flight == nullptr || flight->stage == recording || flight->stage == ready) {
        if (!is_error(packet.reason))
            send(
                mqtt::Pubrel{packet.packet_identifier, ReasonCode::packet_identifier_not_found, {}},
                out);
        return;
    }
    if (flight->queued.qos != 2)
        return close(ReasonCode::protocol_error, "PUBREC for QoS 1", now, out);
    const bool durable = is_durable(flight->queued);
    if (is_error(packet.reason)) {
        if (durable) acknowledged_.push_back(packet.packet_identifier);
        return state_->acknowledge(packet.packet_identifier);
    }
    if (flight->stage == released) flight->stage = release_ready;  // asked again: answer again
    if (flight->stage != sent) return;
    flight->stage = durable ? releasing : release_ready;
    if (durable) released_.push_back(packet.packet_identifier);
}

void MqttSession::handle(const mqtt::Pubcomp& packet, Timestamp /*now*/,
                         session::Actions& /*out*/) {
    const auto* flight = state_->find_in_flight(packet.packet_identifier);
    if (flight == nullptr || flight->stage != released) return;
    if (is_durable(flight->queued)) acknowledged_.push_back(packet.packet_identifier);
    state_->acknowledge(packet.packet_identifier);
}

// One record for all that one call brought.
void MqttSession::record_answers(Timestamp now) {
    if (!acknowledged_.empty())
        broker_.record(Acknowledged{state_->number, std::exchange(acknowledged_, {})});
    if (released_.empty()) return;
    Broker::Pending pending;
    pending.ticket = broker_.record(Released{state_->number, std::exchange(released_, {})});
    for (auto& flight : state_->in_flight)
        if (flight.stage == releasing && flight.recorded_by == 0)
            flight.recorded_by = pending.ticket;
    pending.kind = Broker::Pending::Kind::releasing;
    pending.session = state_->number;
    broker_.wait(std::move(pending), now);
}

bool MqttSession::has_room(const session::Actions& out) const {
    return given_ + out.send.size() < send_bytes_max;
}

std::size_t MqttSession::in_flight_max() const {
    return std::min<std::size_t>(client_receive_maximum_, broker_.limits().in_flight_max);
}

void MqttSession::pump(Timestamp now, session::Actions& out) {
    if (!state_->in_flight.empty()) send_ready(now, out);
    if (!state_->queue.empty()) send_queued(now, out);
}

// In the order in which the messages were first sent (4.6).
void MqttSession::send_ready(Timestamp now, session::Actions& out) {
    for (auto& flight : state_->in_flight) {
        if (!has_room(out)) return;
        if (flight.stage == release_ready) {
            mqtt::append_success(mqtt::PacketType::pubrel, flight.packet, out.send);
            flight.stage = released;
        } else if (flight.stage == ready) {
            if (!flight.queued.message) return broker_.ask_backlog(*state_);
            send_publish(flight.queued, flight.packet, flight.duplicate, now, out);
            flight.stage = sent;
        } else if (flight.stage == recording) {
            return;  // those after it wait with it
        }
    }
}

void MqttSession::send_queued(Timestamp now, session::Actions& out) {
    Sending sending{state_->number, {}};
    while (!state_->queue.empty() && has_room(out)) {
        const auto& front = state_->queue.front();
        if (front.expires && *front.expires <= now) {  // [MQTT-3.3.2-5]
            ++broker_.statistics_.dropped_expired;
            state_->pop();
            continue;
        }
        if (!front.message) {
            broker_.ask_backlog(*state_);
            break;
        }
        if (!broker_.may_still_receive(*state_, front)) {
            ++broker_.statistics_.dropped_withheld;
            state_->pop();
            continue;
        }
        if (!fits(front, now)) {  // [MQTT-3.1.2-25]
            ++broker_.statistics_.dropped_too_large;
            state_->pop();
            continue;
        }
        if (front.qos == 0) {
            send_publish(state_->pop(), 0, false, now, out);
            continue;
        }
        if (state_->in_flight.size() >= in_flight_max()) break;
        auto flight = state_->next_in_flight();
        if (is_durable(flight.queued)) {
            sending.packets.emplace_back(flight.packet, flight.queued.offset);
        } else {
            send_publish(flight.queued, flight.packet, false, now, out);
            flight.stage = sent;
        }
        state_->in_flight.push_back(std::move(flight));
    }
    if (sending.packets.empty()) return;
    Broker::Pending pending;
    pending.ticket = broker_.record(sending);
    for (auto& flight : state_->in_flight)
        if (flight.stage == recording && flight.recorded_by == 0)
            flight.recorded_by = pending.ticket;
    pending.kind = Broker::Pending::Kind::sending;
    pending.session = state_->number;
    broker_.wait(std::move(pending), now);
}

mqtt::ForwardedPublish MqttSession::publish_of(const QueuedMessage& queued, Timestamp now) const {
    mqtt::ForwardedPublish packet;
    packet.topic = queued.message->topic();
    packet.properties = queued.message->properties();
    packet.payload = queued.message->payload();
    packet.qos = queued.qos;
    packet.packet_identifier = queued.qos > 0 ? 1 : 0;
    packet.retain = queued.retain;
    if (queued.expires) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*queued.expires - now).count();
        packet.message_expiry_interval =
            static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0));
    }
    packet.subscription_identifiers = queued.subscription_identifiers;
    return packet;
}

bool MqttSession::fits(const QueuedMessage& queued, Timestamp now) const {
    if (client_packet_bytes_max_ == 0xFFFF'FFFF) return true;
    auto packet = publish_of(queued, now);
    if (client_alias_max_ > 0) packet.topic_alias = 1;
    return mqtt::encoded_size(packet, version_) <= client_packet_bytes_max_;
}

void MqttSession::send_publish(const QueuedMessage& queued, std::uint16_t packet_identifier,
                               bool duplicate, Timestamp now, session::Actions& out) {
    auto packet = publish_of(queued, now);
    packet.packet_identifier = packet_identifier;
    packet.duplicate = duplicate;
    if (client_alias_max_ > 0) use_alias(packet);
    mqtt::encode(packet, version_, out.send);
    ++broker_.statistics_.delivered;
}

// The first topics of a connection get the aliases there are.
void MqttSession::use_alias(mqtt::ForwardedPublish& packet) {
    const auto known = std::ranges::find(aliases_sent_, packet.topic);
    const auto alias = static_cast<std::uint16_t>(known - aliases_sent_.begin() + 1);
    if (alias > client_alias_max_) return;
    packet.topic_alias = alias;
    if (known == aliases_sent_.end())
        aliases_sent_.emplace_back(packet.topic);
    else
        packet.topic = {};
}

}  // namespace vigil::broker
