// What the server itself has to say to a device: now or never, so nothing of it is kept. Shared
// subscriptions are for those who divide work, not for this.
#include <algorithm>

#include "broker/broker.hpp"

namespace vigil::broker {

bool Broker::is_heard(std::string_view topic) {
    return std::ranges::any_of(subscriptions_.match(topic).subscribers,
                               [this](const Subscriber& subscriber) {
                                   const auto* state = find(subscriber.session);
                                   return state != nullptr && state->connection != nullptr;
                               });
}

std::size_t Broker::tell(std::string_view topic, std::string_view content_type,
                         std::string_view payload, std::uint32_t lifetime_s, Timestamp now) {
    mqtt::Publish packet;
    packet.qos = 1;
    packet.topic = topic;
    packet.payload = payload;
    packet.properties.content_type = content_type;
    packet.properties.message_expiry_interval = lifetime_s;
    auto outgoing = outgoing_.make();
    outgoing->set(packet, now);
    outgoing->position = {};
    auto& deliveries = outgoing->deliveries;
    for (const auto& subscriber : subscriptions_.match(topic).subscribers) {
        const auto* state = find(subscriber.session);
        if (state == nullptr || state->connection == nullptr) continue;
        if (deliveries.empty() || deliveries.back().session != subscriber.session)
            deliveries.emplace_back().session = subscriber.session;
        auto& delivery = deliveries.back();
        delivery.qos = std::max(delivery.qos, std::min(subscriber.qos, packet.qos));
        if (subscriber.identifier != 0)
            delivery.subscription_identifiers.push_back(subscriber.identifier);
    }
    const auto told = deliveries.size();
    deliver(outgoing, now);
    return told;
}

}  // namespace vigil::broker
