#include "fhir/subscription/subscription.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "fhir/resource/date.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/json_tree.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view backport =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
constexpr std::string_view topic_prefix = "urn:vigil:topic:";
constexpr Nanoseconds heartbeat_min = std::chrono::seconds(1);
constexpr Nanoseconds timeout_max = std::chrono::minutes(2);

tl::unexpected<Problem> wrong(std::string_view code, std::string diagnostics,
                              std::string_view place) {
    return refuse(422, code, std::move(diagnostics), std::string(place));
}

JsonValue extension(JsonValue of, std::string_view name) {
    for (const auto one : of["extension"]) {
        const auto url = one["url"].string();
        if (url.starts_with(backport) && url.substr(backport.size()) == name) return one;
    }
    return {};
}

Answer<std::optional<std::uint32_t>> unsigned_extension(JsonValue of, std::string_view name) {
    const auto found = extension(of, name);
    if (!found) return std::optional<std::uint32_t>();
    for (const auto* member : {"valueUnsignedInt", "valuePositiveInt", "valueInteger"})
        if (const auto value = found[member].integer(); value && *value >= 0 && *value <= 1'000'000)
            return std::optional(static_cast<std::uint32_t>(*value));
    return wrong("value", fmt::format("backport-{} is a whole number up to 1000000", name),
                 "Subscription.channel.extension");
}

// "patient=Patient/1&code=x" as conditions that must all hold.
Answer<void> read_filter(std::string_view type, std::string_view query,
                         const SearchContext& context, store::AllOf& out) {
    for (const auto& [name, value] : read_form(query)) {
        auto condition = read_condition(type, name, value, context);
        if (condition) {
            out.conditions.push_back(std::move(*condition));
            continue;
        }
        auto problem = std::move(condition).error();
        problem.status = 422;
        for (auto& issue : problem.issues) issue.expression = "Subscription.criteria";
        return as_refusal(std::move(problem));
    }
    return {};
}

Answer<void> read_type(std::string_view type, const SearchContext& context, Subscription& out) {
    if (!context.parameters.definitions().is_resource_type(type))
        return wrong(
            "not-supported",
            fmt::format("criteria: there is no resource type {} in FHIR R4", type.substr(0, 64)),
            "Subscription.criteria");
    out.type = type;
    return {};
}

Answer<void> read_criteria(JsonValue resource, const SearchContext& context, Subscription& out) {
    const auto criteria = resource["criteria"].string();
    store::AllOf all;
    // A search begins with a type, a topic is a URI; both may hold a "://".
    const auto colon = criteria.find(':');
    const bool names_topic = (colon != std::string_view::npos && colon < criteria.find('?')) ||
                             extension(resource["_criteria"], "filter-criteria");
    if (!names_topic) {
        const auto question = criteria.find('?');
        FHIR_CHECK(read_type(criteria.substr(0, question), context, out));
        if (question != std::string_view::npos)
            FHIR_CHECK(read_filter(out.type, criteria.substr(question + 1), context, all));
        out.where = {std::move(all)};
        return {};
    }
    if (!criteria.starts_with(topic_prefix))
        return wrong("not-supported",
                     fmt::format("this server's topics are {}[type], such as {}", topic_prefix,
                                 topic_of("Observation")),
                     "Subscription.criteria");
    FHIR_CHECK(read_type(criteria.substr(topic_prefix.size()), context, out));
    out.topic = criteria;
    for (const auto one : resource["_criteria"]["extension"]) {
        if (one["url"].string() != fmt::format("{}filter-criteria", backport)) continue;
        auto filter = one["valueString"].string();
        if (const auto question = filter.find('?'); question != std::string_view::npos) {
            if (filter.substr(0, question) != out.type)
                return wrong("value",
                             fmt::format("a filter of {} is about {}", out.topic, out.type),
                             "Subscription.criteria.extension");
            filter.remove_prefix(question + 1);
        }
        FHIR_CHECK(read_filter(out.type, filter, context, all));
    }
    out.where = {std::move(all)};
    return {};
}

Answer<void> read_header(std::string_view line, Subscription& out) {
    constexpr std::array ours = {"host",       "content-length",    "content-type",
                                 "connection", "transfer-encoding", "te",
                                 "trailer",    "upgrade",           "expect"};
    const auto colon = line.find(':');
    auto name = std::string(line.substr(0, colon));
    const bool is_token =
        colon != std::string_view::npos && !name.empty() &&
        std::ranges::all_of(name, [](unsigned char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                       std::string_view::npos;
        });
    auto value = is_token ? line.substr(colon + 1) : std::string_view();
    while (value.starts_with(' ')) value.remove_prefix(1);
    const bool clean = std::ranges::all_of(
        value, [](unsigned char c) { return (c >= ' ' && c != 0x7F) || c == '\t'; });
    if (!is_token || !clean || line.size() > SubscriptionRules::header_bytes_max)
        return wrong("value", "a header is a line such as \"Authorization: Bearer …\"",
                     "Subscription.channel.header");
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (std::ranges::find(ours, name) != ours.end())
        return wrong("value", fmt::format("the header {} is the server's to write", name),
                     "Subscription.channel.header");
    out.headers.emplace_back(std::move(name), value);
    return {};
}

Answer<void> read_endpoint(JsonValue channel, const SubscriptionRules& rules, Subscription& out) {
    out.endpoint = channel["endpoint"].string();
    if (out.endpoint.empty())
        return wrong("required", "a rest-hook has an endpoint", "Subscription.channel.endpoint");
    if (rules.endpoints.empty())
        return wrong("forbidden",
                     "this site allows no rest-hooks: its operator sets "
                     "fhir.subscription_endpoints to the addresses that may be told",
                     "Subscription.channel.endpoint");
    if (out.endpoint.size() > SubscriptionRules::url_bytes_max ||
        !is_allowed(out.endpoint, rules.endpoints))
        return wrong("forbidden",
                     "the endpoint is none of those that the operator allows "
                     "(fhir.subscription_endpoints)",
                     "Subscription.channel.endpoint");
    return {};
}

Answer<void> read_content(JsonValue channel, Subscription& out) {
    const auto payload = channel["payload"].string();
    const bool is_json = payload == "application/fhir+json" || payload == "application/json" ||
                         payload == "application/fhir+json;fhirVersion=4.0";
    if (!payload.empty() && !is_json)
        return wrong("not-supported", "the payload of this server is application/fhir+json",
                     "Subscription.channel.payload");
    if (!out.is_topic_based()) {
        out.content = is_json ? Content::full_resource : Content::empty;
        return {};
    }
    const auto wanted = extension(channel["_payload"], "payload-content")["valueCode"].string();
    if (wanted == "empty" || (wanted.empty() && !is_json))
        out.content = Content::empty;
    else if (wanted == "id-only" || wanted.empty())
        out.content = Content::id_only;
    else if (wanted == "full-resource")
        out.content = Content::full_resource;
    else
        return wrong("value", "payload content is empty, id-only or full-resource",
                     "Subscription.channel.payload.extension");
    return {};
}

Answer<void> read_channel(JsonValue channel, const SubscriptionRules& rules, Subscription& out) {
    const auto type = channel["type"].string();
    if (extension(channel["_type"], "channel-type"))
        return wrong("not-supported", "the channels of this server are rest-hook and websocket",
                     "Subscription.channel.type.extension");
    if (type == "rest-hook") {
        out.channel = ChannelType::rest_hook;
        FHIR_CHECK(read_endpoint(channel, rules, out));
    } else if (type == "websocket") {
        out.channel = ChannelType::websocket;
    } else {
        return wrong("not-supported", "the channels of this server are rest-hook and websocket",
                     "Subscription.channel.type");
    }
    if (channel["header"].size() > SubscriptionRules::headers_max)
        return wrong("too-long", fmt::format("at most {} headers", SubscriptionRules::headers_max),
                     "Subscription.channel.header");
    for (const auto header : channel["header"]) FHIR_CHECK(read_header(header.string(), out));
    FHIR_TRY(heartbeat, unsigned_extension(channel, "heartbeat-period"));
    if (heartbeat) out.heartbeat = std::chrono::seconds(*heartbeat);
    if (out.heartbeat != Nanoseconds(0))
        out.heartbeat = std::max<Nanoseconds>(out.heartbeat, heartbeat_min);
    FHIR_TRY(timeout, unsigned_extension(channel, "timeout"));
    if (timeout && *timeout > 0)
        out.timeout = std::min<Nanoseconds>(std::chrono::seconds(*timeout), timeout_max);
    FHIR_TRY(count, unsigned_extension(channel, "max-count"));
    if (count && *count > 0) out.events_max = std::min<std::size_t>(*count, out.events_max);
    return read_content(channel, out);
}

std::string hidden_line(std::string_view line, std::string_view endpoint, HeaderKeeper& keeper) {
    const auto colon = line.find(':');
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return fmt::format("{}: {}", line.substr(0, colon), keeper.hide(value, endpoint));
}

struct Origin {
    std::string_view scheme_and_host, path;
};
Origin origin_of(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    const auto slash = std::min(url.find('/', begin + 3), url.size());
    return {url.substr(0, slash), url.substr(slash)};
}

}  // namespace

std::string topic_of(std::string_view type) {
    return fmt::format("{}{}", topic_prefix, type);
}

bool is_allowed(std::string_view url, const std::vector<std::string>& allowed) {
    const auto [origin, path] = origin_of(url);
    // No user names, white space or dot segments: what is compared is what is asked.
    const bool odd = origin.empty() || url.find_first_of("@\\ \t\r\n#") != std::string_view::npos ||
                     path.find("/.") != std::string_view::npos || path.find('%') < path.find('?');
    if (odd) return false;
    return std::ranges::any_of(allowed, [&](std::string_view one) {
        const auto [allowed_origin, allowed_path] = origin_of(one);
        if (origin != allowed_origin || !path.starts_with(allowed_path)) return false;
        return allowed_path.empty() || allowed_path.ends_with('/') ||
               path.size() == allowed_path.size() || path[allowed_path.size()] == '/' ||
               path[allowed_path.size()] == '?';
    });
}

Answer<Subscription> read_subscription(JsonValue resource, const SearchContext& context,
                                       const SubscriptionRules& rules) {
    Subscription out;
    out.id = resource["id"].string();
    out.status = resource["status"].string();
    FHIR_CHECK(read_criteria(resource, context, out));
    FHIR_CHECK(read_channel(resource["channel"], rules, out));
    if (const auto end = resource["end"].string(); !end.empty()) {
        auto span = read_date(end);
        if (!span) return wrong("value", "end is an instant", "Subscription.end");
        out.end = span->start;
    }
    return out;
}

Answer<Resource> admit_subscription(JsonValue resource, const SearchContext& context,
                                    const SubscriptionRules& rules, HeaderKeeper& keeper) {
    FHIR_TRY(read, read_subscription(resource, context, rules));
    const bool is_past = read.end && *read.end <= context.now && read.status != "off";
    if (is_past) return wrong("value", "its end is past", "Subscription.end");
    JsonTree tree(resource);
    if (auto* status = tree.member("status"); status != nullptr && status->text != "off")
        status->text = "requested";
    std::erase_if(tree.members, [](const auto& one) { return one.first == "error"; });
    auto* channel = tree.member("channel");
    auto* headers = channel != nullptr ? channel->member("header") : nullptr;
    for (std::size_t i = 0; headers != nullptr && i < headers->elements.size(); ++i) {
        const auto& value = read.headers[i].second;
        if (!HeaderKeeper::is_hidden(value)) {
            auto& text = headers->elements[i].text;
            text = hidden_line(text, read.endpoint, keeper);
        } else if (!keeper.reveal(value, read.endpoint)) {
            return wrong("value",
                         "this header was hidden for another endpoint or by another server: "
                         "write its value anew",
                         "Subscription.channel.header");
        }
    }
    FHIR_TRY(admitted, Resource::parse(to_text(tree)));
    return std::move(admitted);
}

std::string with_status(JsonValue resource, std::string_view status, std::string_view error) {
    JsonTree tree(resource);
    if (auto* member = tree.member("status")) member->text = status;
    std::erase_if(tree.members, [](const auto& one) { return one.first == "error"; });
    if (!error.empty()) {
        JsonTree text;
        text.kind = JsonKind::string;
        text.text = error;
        tree.members.emplace_back("error", std::move(text));
    }
    return to_text(tree);
}

}  // namespace vigil::fhir
