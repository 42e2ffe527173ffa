// From the client: PUBLISH and PUBREL, MQTT 5.0 3.3, 3.6 and 4.3.
#include "broker/mqtt_session.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::broker {
namespace {

constexpr std::size_t reason_bytes_max = 1024;

}  // namespace

using mqtt::ReasonCode;

void MqttSession::handle(mqtt::Publish& packet, Timestamp now, session::Actions& out) {
    if (!packet.properties.subscription_identifiers.empty())  // [MQTT-3.3.4-6]
        return close(ReasonCode::protocol_error, "subscription identifier from a client", now, out);
    if (packet.properties.topic_alias && !resolve_alias(packet, now, out)) return;

    auto& state = *state_;
    if (packet.qos == 2) {
        if (const auto* received = state.find_received(packet.packet_identifier)) {
            // Sent again (4.3.3): the same answer, if there was one yet.
            if (received->durable) acknowledge(2, packet.packet_identifier, ReasonCode::success);
            return;
        }
    }
    if (v5() && packet.qos > 0 &&
        waiting_publishes_ + state.received.size() >= broker_.limits().receive_maximum)
        return close(ReasonCode::receive_maximum_exceeded, "", now, out);

    auto& topic = topic_of(packet.topic);
    if (topic.refusal != ReasonCode::success) return refuse(packet, topic.refusal, "", now, out);
    if (packet.retain && !broker_.may_retain(packet.topic, packet.payload.size()))
        return refuse(packet, ReasonCode::quota_exceeded, "", now, out);

    ++broker_.statistics_.published;
    Fingerprint exchange;
    if (packet.qos > 0)
        exchange = state.exchanges.next(packet.packet_identifier, packet.duplicate, state.recorded);
    auto taken = broker_.take({.packet = packet,
                               .publisher = state,
                               .matches = topic.matches,
                               .received = now,
                               .exchange = exchange,
                               .refusable = v5()});
    if (!taken.kept) return refuse(packet, taken.reason, taken.why, now, out);
    if (packet.qos == 1) ++waiting_publishes_;
    // An exchange that PUBREC refuses is over with it (4.3.3); 3.1.1 knows no refusal.
    if (packet.qos == 2 && !(v5() && is_error(taken.reason)))
        state.received.push_back({packet.packet_identifier, false});
    if (packet.qos == 0 && taken.outgoing == nullptr) return;
    Broker::Pending pending;
    pending.ticket = taken.ticket;
    pending.qos = packet.qos;
    pending.reason = taken.reason;
    pending.packet = packet.packet_identifier;
    pending.connection = reference_;
    pending.session = state.number;
    pending.outgoing = std::move(taken.outgoing);
    if (!taken.why.empty()) give_reason(pending, taken.why);
    broker_.wait(std::move(pending), now);
}

// MQTT 5.0 3.3.2.3.4
bool MqttSession::resolve_alias(mqtt::Publish& packet, Timestamp now, session::Actions& out) {
    const auto alias = *packet.properties.topic_alias;
    if (alias > broker_.limits().topic_alias_maximum) {
        close(ReasonCode::topic_alias_invalid, "", now, out);
        return false;
    }
    if (aliases_received_.size() < alias) aliases_received_.resize(alias);
    auto& name = aliases_received_[alias - 1U];
    if (!packet.topic.empty()) name = packet.topic;
    if (name.empty()) {
        close(ReasonCode::protocol_error, "topic alias without a topic name", now, out);
        return false;
    }
    packet.topic = name;
    return true;
}

// Most clients publish to one topic, or a few.
MqttSession::Topic& MqttSession::remembered(std::string_view name) {
    for (auto& topic : topics_)
        if (topic.name == name) return topic;
    if (topics_.size() < topics_remembered) return topics_.emplace_back();
    return topics_[next_topic_++ % topics_remembered];
}

MqttSession::Topic& MqttSession::topic_of(std::string_view name) {
    auto& topic = remembered(name);
    const auto generation = broker_.gatekeeper_.generation();
    if (!topic.known || topic.name != name || topic.generation != generation) {
        topic.name = name;
        topic.generation = generation;
        topic.version = 0;
        topic.known = true;
        topic.refusal = judge(name);
    }
    if (topic.version != broker_.subscriptions_.version()) {
        topic.matches = broker_.subscriptions_.match(name);
        topic.version = broker_.subscriptions_.version();
    }
    return topic;
}

ReasonCode MqttSession::judge(std::string_view topic) const {
    const auto& limits = broker_.limits();
    if (topic.size() > limits.topic_bytes_max ||
        mqtt::topic_levels(topic) > limits.topic_levels_max)
        return ReasonCode::topic_name_invalid;
    return broker_.gatekeeper_.may_publish(state_->principal, topic) ? ReasonCode::success
                                                                     : ReasonCode::not_authorized;
}

// Nothing is dropped in silence: where there is no acknowledgement to say no with, the connection
// ends (MQTT 5.0 3.3.4, [MQTT-3.3.5-2] of 3.1.1).
void MqttSession::refuse(const mqtt::Publish& packet, ReasonCode reason, std::string_view why,
                         Timestamp now, session::Actions& out) {
    ++broker_.statistics_.publish_refused;
    if (!v5() || packet.qos == 0) return close(reason, "", now, out);
    if (packet.qos == 1) ++waiting_publishes_;
    Broker::Pending pending;
    pending.qos = packet.qos;
    pending.reason = reason;
    pending.packet = packet.packet_identifier;
    pending.connection = reference_;
    pending.session = state_->number;
    if (!why.empty()) give_reason(pending, why);
    broker_.wait(std::move(pending), now);
}

// Unless the client asked for none [MQTT-3.1.2-29] or has no room for it [MQTT-3.4.2-2],
// [MQTT-3.5.2-2].
void MqttSession::give_reason(Broker::Pending& pending, std::string_view why) const {
    if (!v5() || !problem_information_ || pending.qos == 0) return;
    if (why.size() > reason_bytes_max || !mqtt::is_valid_text(why)) return;
    mqtt::Properties properties;
    properties.reason_string = why;
    auto answer = std::make_unique<Broker::Answer>();
    if (pending.qos == 1)
        mqtt::encode(mqtt::Puback{pending.packet, pending.reason, properties}, version_,
                     answer->packet);
    else
        mqtt::encode(mqtt::Pubrec{pending.packet, pending.reason, properties}, version_,
                     answer->packet);
    if (answer->packet.size() <= client_packet_bytes_max_) pending.answer = std::move(answer);
}

void MqttSession::handle(const mqtt::Pubrel& packet, Timestamp now, session::Actions& /*out*/) {
    Broker::Pending pending;
    pending.kind = Broker::Pending::Kind::complete;
    pending.packet = packet.packet_identifier;
    pending.connection = reference_;
    pending.session = state_->number;
    if (state_->find_received(packet.packet_identifier) == nullptr)
        pending.reason = ReasonCode::packet_identifier_not_found;
    else if (state_->recorded)
        pending.ticket = broker_.record(Completed{state_->number, packet.packet_identifier});
    broker_.wait(std::move(pending), now);
}

}  // namespace vigil::broker
