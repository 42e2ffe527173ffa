#pragma once
// What a Subscription resource asks for: of R4 itself (http://hl7.org/fhir/R4/subscription.html),
// whose criteria are a search, and of Subscriptions R5 Backport 1.1
// (http://hl7.org/fhir/uv/subscriptions-backport), whose criteria name a topic.
//
// There is one topic for each resource type, "urn:vigil:topic:Observation": a resource of it was
// created, updated or deleted. Its filters are the search parameters of the type.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/resource/outcome.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/search/request.hpp"

namespace vigil::fhir {

enum class Interaction : std::uint8_t { created = 1, updated = 2, deleted = 3 };

enum class ChannelType : std::uint8_t { rest_hook, websocket };
// What a notification tells of an event: nothing, which resources, or those themselves.
enum class Content : std::uint8_t { empty, id_only, full_resource };

struct Subscription {
    std::string id;
    std::string status;  // requested, active, error, off
    std::string topic;   // canonical; empty: its criteria are a search, as in R4
    std::string type;    // of the resources it is about
    store::Condition where;
    ChannelType channel = ChannelType::rest_hook;
    std::string endpoint;                                      // of a rest-hook
    std::vector<std::pair<std::string, std::string>> headers;  // as they stand in the resource
    Content content = Content::empty;
    Nanoseconds heartbeat{};                         // 0: none
    Nanoseconds timeout = std::chrono::seconds(30);  // for the endpoint to answer
    std::size_t events_max = 100;                    // a notification
    std::optional<Timestamp> end;

    bool is_topic_based() const { return !topic.empty(); }
    bool is_over() const { return status == "off" || status == "error"; }
};

std::string topic_of(std::string_view type);

// The secrets of a Subscription's headers, as they are kept and shown.
class HeaderKeeper {
public:
    virtual ~HeaderKeeper() = default;
    // "Authorization: hidden:…", good for this endpoint alone.
    virtual std::string hide(std::string_view value, std::string_view endpoint) = 0;
    // What was hidden; nothing: not by this server, or for another endpoint.
    virtual std::optional<std::string> reveal(std::string_view hidden,
                                              std::string_view endpoint) = 0;
    static bool is_hidden(std::string_view value) { return value.starts_with("hidden:"); }
};

struct SubscriptionRules {
    // A rest-hook's endpoint begins with one of these URLs; none: there are no rest-hooks.
    std::vector<std::string> endpoints;
    static constexpr std::size_t headers_max = 20, header_bytes_max = 8192, url_bytes_max = 2048;
};

Answer<Subscription> read_subscription(JsonValue resource, const SearchContext& context,
                                       const SubscriptionRules& rules);

// One that a client wrote, as it is kept: checked, its status `requested` unless it is `off`, its
// headers hidden.
Answer<Resource> admit_subscription(JsonValue resource, const SearchContext& context,
                                    const SubscriptionRules& rules, HeaderKeeper& keeper);

// The resource with what has become of it; no error: without one.
std::string with_status(JsonValue resource, std::string_view status, std::string_view error);

// Whether a URL lies below one of those allowed: same scheme, host and port, and a path that begins
// with theirs.
bool is_allowed(std::string_view url, const std::vector<std::string>& allowed);

}  // namespace vigil::fhir
