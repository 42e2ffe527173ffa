#include "fhir/subscription/notification.hpp"

#include <fmt/format.h>

#include <array>

namespace vigil::fhir {
namespace {

constexpr std::string_view definitions =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

std::string_view word(NotificationType type) {
    constexpr std::array words = {"handshake", "heartbeat", "event-notification", "query-status",
                                  "query-event"};
    return words.at(static_cast<std::size_t>(type));
}

void write_profile(JsonWriter& json, std::string_view name) {
    json.key("meta").begin_object().key("profile").begin_array();
    json.text(fmt::format("{}{}", definitions, name)).end_array().end_object();
}

std::string address_of(const SubscriptionEvent& event, std::string_view base) {
    return fmt::format("{}/{}/{}", base, event.type, event.id);
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view member,
                     std::string_view value) {
    json.begin_object().member("name", name).member(member, value).end_object();
}

void write_reference(JsonWriter& json, std::string_view name, std::string_view to) {
    json.begin_object().member("name", name).key("valueReference");
    json.begin_object().member("reference", to).end_object().end_object();
}

// Numbers are text: R4 has no integer64.
void write_event(JsonWriter& json, const SubscriptionEvent& event, std::string_view base,
                 Content content) {
    json.begin_object().member("name", "notification-event").key("part").begin_array();
    write_parameter(json, "event-number", "valueString", std::to_string(event.number));
    write_parameter(json, "timestamp", "valueInstant", instant(event.time));
    if (content != Content::empty) write_reference(json, "focus", address_of(event, base));
    json.end_array().end_object();
}

void write_status(JsonWriter& json, const Subscription& subscription,
                  const Notification& notification, Content content) {
    json.begin_object().member("resourceType", "Parameters");
    write_profile(json, "backport-subscription-status-r4");
    json.key("parameter").begin_array();
    write_reference(json, "subscription",
                    fmt::format("{}/Subscription/{}", notification.base, subscription.id));
    if (subscription.is_topic_based())
        write_parameter(json, "topic", "valueCanonical", subscription.topic);
    write_parameter(json, "status", "valueCode", notification.status);
    write_parameter(json, "type", "valueCode", word(notification.type));
    write_parameter(json, "events-since-subscription-start", "valueString",
                    std::to_string(notification.events_since_start));
    for (const auto& event : notification.events)
        write_event(json, event, notification.base, content);
    if (!notification.error.empty()) {
        json.begin_object().member("name", "error").key("valueCodeableConcept");
        json.begin_object().member("text", notification.error).end_object().end_object();
    }
    json.end_array().end_object();
}

// Of a history Bundle every entry tells of a request and its answer.
void write_request(JsonWriter& json, std::string_view method, std::string_view url,
                   std::string_view status) {
    json.key("request").begin_object().member("method", method).member("url", url).end_object();
    json.key("response").begin_object().member("status", status).end_object();
}

void write_event_entry(JsonWriter& json, const SubscriptionEvent& event, std::string_view base,
                       const std::optional<std::string>& resource) {
    json.begin_object().member("fullUrl", address_of(event, base));
    if (resource) json.key("resource").verbatim(*resource);
    const auto url = fmt::format("{}/{}", event.type, event.id);
    switch (event.interaction) {
        case Interaction::created:
            write_request(json, "POST", event.type, "201");
            break;
        case Interaction::updated:
            write_request(json, "PUT", url, "200");
            break;
        case Interaction::deleted:
            write_request(json, "DELETE", url, "204");
            break;
    }
    json.end_object();
}

}  // namespace

std::string notification_bundle(const Subscription& subscription, const Notification& notification,
                                Content content, const EventResource& resource) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Bundle");
    write_profile(json, "backport-subscription-notification-r4");
    json.member("type", "history").member("timestamp", instant(notification.now));
    json.key("entry").begin_array().begin_object();
    const auto status_url =
        fmt::format("{}/Subscription/{}/$status", notification.base, subscription.id);
    json.member("fullUrl", status_url).key("resource");
    write_status(json, subscription, notification, content);
    write_request(json, "GET", status_url, "200");
    json.end_object();
    if (content != Content::empty)
        for (const auto& event : notification.events) {
            const bool whole =
                content == Content::full_resource && event.interaction != Interaction::deleted;
            write_event_entry(json, event, notification.base,
                              whole ? resource(event) : std::nullopt);
        }
    json.end_array().end_object();
    return text;
}

std::string status_parameters(const Subscription& subscription, const Notification& notification) {
    std::string text;
    JsonWriter json(text);
    write_status(json, subscription, notification, subscription.content);
    return text;
}

}  // namespace vigil::fhir
