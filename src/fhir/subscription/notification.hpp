#pragma once
// What a subscriber is told: Bundles of Subscriptions R5 Backport 1.1 for R4 (profiles
// backport-subscription-notification-r4 and backport-subscription-status-r4).

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fhir/subscription/subscription.hpp"

namespace vigil::fhir {

struct SubscriptionEvent {
    std::uint64_t number = 0;  // counts up by one from 1 in each subscription
    Timestamp time;
    Interaction interaction = Interaction::created;
    std::string type, id;
    std::uint64_t version = 0;
    bool operator==(const SubscriptionEvent&) const = default;
};

enum class NotificationType : std::uint8_t {
    handshake,
    heartbeat,
    event_notification,
    query_status,
    query_event
};

struct Notification {
    NotificationType type = NotificationType::event_notification;
    std::string_view base;    // this server's
    std::string_view status;  // of the subscription
    std::uint64_t events_since_start = 0;
    std::string_view error;  // empty: none
    std::span<const SubscriptionEvent> events;
    Timestamp now;
};

// What an event is about, as it was then; nothing: it may not be read, or is gone.
using EventResource = std::function<std::optional<std::string>(const SubscriptionEvent&)>;

// A Bundle of type history. `content` is at most the subscription's own.
std::string notification_bundle(const Subscription& subscription, const Notification& notification,
                                Content content, const EventResource& resource);

// The Parameters that tell of a subscription's state, as $status answers them.
std::string status_parameters(const Subscription& subscription, const Notification& notification);

}  // namespace vigil::fhir
