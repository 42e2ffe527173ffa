// SUBSCRIBE and UNSUBSCRIBE: MQTT 5.0 3.8 to 3.11.
#include "broker/mqtt_session.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::broker {

using mqtt::ReasonCode;

ReasonCode MqttSession::judge(const mqtt::SubscribeFilter& filter) const {
    const auto& limits = broker_.limits();
    if (!mqtt::is_valid_topic_filter(filter.filter) ||
        filter.filter.size() > limits.topic_bytes_max ||
        mqtt::topic_levels(filter.filter) > limits.topic_levels_max)
        return ReasonCode::topic_filter_invalid;
    const auto shared = mqtt::parse_shared(filter.filter);
    if (!broker_.gatekeeper_.may_subscribe(state_->principal,
                                           shared ? shared->filter : filter.filter))
        return ReasonCode::not_authorized;
    if (state_->subscriptions.size() >= limits.subscriptions_max &&
        !state_->subscriptions.contains(filter.filter))
        return ReasonCode::quota_exceeded;
    return static_cast<ReasonCode>(filter.qos);
}

void MqttSession::handle(const mqtt::Subscribe& packet, Timestamp now, session::Actions& /*out*/) {
    const auto identifiers = packet.properties.subscription_identifiers;
    const std::uint32_t identifier = identifiers.empty() ? 0 : *identifiers.begin();
    mqtt::Suback suback{packet.packet_identifier, {}, {}};
    Broker::Pending pending;
    pending.answer = std::make_unique<Broker::Answer>();
    for (const auto& filter : packet.filters) {
        const auto reason = judge(filter);
        suback.reasons.push_back(reason);
        if (is_error(reason)) continue;
        const bool existed = state_->subscriptions.contains(filter.filter);
        const StoredSubscription subscription{std::string(filter.filter), filter.qos,
                                              filter.no_local, filter.retain_as_published,
                                              identifier};
        broker_.subscribe(*state_, subscription);
        const bool send_retained =
            !mqtt::is_shared(filter.filter) &&
            (filter.retain_handling == 0 || (filter.retain_handling == 1 && !existed));
        if (send_retained)
            pending.answer->retained.push_back({subscription.filter, filter.qos, identifier});
        if (state_->recorded)
            pending.ticket =
                broker_.record(Subscribed{state_->number, subscription, send_retained});
    }
    mqtt::encode(suback, version_, pending.answer->packet);
    pending.kind = Broker::Pending::Kind::filter_answer;
    pending.connection = reference_;
    pending.session = state_->number;
    broker_.wait(std::move(pending), now);
}

void MqttSession::handle(const mqtt::Unsubscribe& packet, Timestamp now,
                         session::Actions& /*out*/) {
    mqtt::Unsuback unsuback{packet.packet_identifier, {}, {}};
    Broker::Pending pending;
    for (const auto filter : packet.filters) {
        const bool existed = broker_.unsubscribe(*state_, filter);
        if (!mqtt::is_valid_topic_filter(filter))
            unsuback.reasons.push_back(ReasonCode::topic_filter_invalid);
        else
            unsuback.reasons.push_back(existed ? ReasonCode::success
                                               : ReasonCode::no_subscription_existed);
        if (existed && state_->recorded)
            pending.ticket = broker_.record(Unsubscribed{state_->number, std::string(filter)});
    }
    pending.answer = std::make_unique<Broker::Answer>();
    mqtt::encode(unsuback, version_, pending.answer->packet);
    pending.kind = Broker::Pending::Kind::filter_answer;
    pending.connection = reference_;
    pending.session = state_->number;
    broker_.wait(std::move(pending), now);
}

}  // namespace vigil::broker
