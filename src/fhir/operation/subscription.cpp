// $status, $events and $get-ws-binding-token of Subscription (Subscriptions R5 Backport 1.1,
// OperationDefinition/backport-subscription-status, -events, -get-ws-binding-token).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fhir/operation/operation_input.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/subscription/socket_tokens.hpp"
#include "fhir/subscription/subscriptions.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t ids_max = 1000;

Answer<std::vector<std::string>> wanted_ids(const Request& request, const OperationInput& input) {
    if (request.segments.size() == 3) return std::vector{request.segments[1]};
    auto ids = input.texts("id");
    if (ids.size() > ids_max)
        return refuse(413, "too-costly", fmt::format("at most {} ids at once", ids_max));
    return ids;
}

Response answer_with(std::string body) {
    return {
        .status = 200, .body = std::move(body), .version = {}, .last_modified = {}, .location = {}};
}

// They may be written without being read by everyone who may ask: the access decides.
Answer<void> check_readable(ViewReader& reader, std::string_view id) {
    FHIR_TRY(record, reader.get("Subscription", id));
    if (record && !record->deleted) return {};
    return refuse(404, "not-found", fmt::format("there is no Subscription/{}", id.substr(0, 64)));
}

Answer<std::uint64_t> event_number(const OperationInput& input, std::string_view name,
                                   std::uint64_t otherwise) {
    FHIR_TRY(text, input.text(name));
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const auto* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (error != std::errc() || end != last)
        return refuse(400, "value", fmt::format("{} is the number of an event", name));
    return number;
}

}  // namespace

Answer<Response> answer_subscription_status(const Request& request, ViewReader& reader,
                                            const RestContext& context) {
    if (!context.subscriptions) return refuse(501, "not-supported", "not on this server");
    FHIR_TRY(input, OperationInput::read(request));
    FHIR_TRY(ids, wanted_ids(request, input));
    const auto statuses = input.texts("status");
    const bool is_list = request.segments.size() == 2 && ids.empty();
    if (is_list) ids = context.subscriptions()->ids();
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("resourceType", "Bundle").member("type", "searchset");
    json.key("entry").begin_array();
    std::size_t count = 0;
    for (const auto& id : ids) {
        if (auto readable = check_readable(reader, id); !readable) {
            if (is_list) continue;
            return as_refusal(std::move(readable).error());
        }
        auto status = context.subscriptions()->status(id);
        if (!status && is_list) continue;
        if (!status) return as_refusal(std::move(status).error());
        const bool wanted =
            statuses.empty() || std::ranges::any_of(statuses, [&](const std::string& one) {
                return status->find(fmt::format(R"("status","valueCode":"{}")", one)) !=
                       std::string::npos;
            });
        if (!wanted) continue;
        if (++count > ids_max) break;
        json.begin_object()
            .member("fullUrl", fmt::format("{}/Subscription/{}/$status", context.base, id))
            .key("resource")
            .verbatim(*status)
            .key("search")
            .begin_object()
            .member("mode", "match")
            .end_object()
            .end_object();
    }
    json.end_array().end_object();
    // FHIR has no empty arrays.
    if (count == 0) body = R"({"resourceType":"Bundle","type":"searchset"})";
    return answer_with(std::move(body));
}

Answer<Response> answer_subscription_events(const Request& request, ViewReader& reader,
                                            const RestContext& context) {
    if (!context.subscriptions) return refuse(501, "not-supported", "not on this server");
    const auto id = request.segment(1);
    FHIR_CHECK(check_readable(reader, id));
    FHIR_CHECK(context.subscriptions()->check_owner(id, reader.access()));
    FHIR_TRY(input, OperationInput::read(request));
    Subscriptions::EventsWanted wanted;
    FHIR_TRY(first, event_number(input, "eventsSinceNumber", wanted.first));
    FHIR_TRY(last, event_number(input, "eventsUntilNumber", wanted.last));
    wanted.first = first;
    wanted.last = last;
    FHIR_TRY(content, input.text("content"));
    if (content) {
        if (*content == "empty")
            wanted.content = Content::empty;
        else if (*content == "id-only")
            wanted.content = Content::id_only;
        else if (*content == "full-resource")
            wanted.content = Content::full_resource;
        else
            return refuse(400, "value", "content is empty, id-only or full-resource");
    }
    FHIR_TRY(bundle, context.subscriptions()->events(id, wanted));
    return answer_with(std::move(bundle));
}

Answer<Response> answer_socket_token(const Request& request, ViewReader& reader,
                                     const RestContext& context) {
    if (!context.subscriptions || context.socket_tokens == nullptr)
        return refuse(501, "not-supported", "not on this server");
    FHIR_TRY(input, OperationInput::read(request));
    FHIR_TRY(ids, wanted_ids(request, input));
    if (ids.empty()) return refuse(400, "required", "name the subscriptions: id=…");
    for (const auto& id : ids) {
        FHIR_CHECK(check_readable(reader, id));
        FHIR_CHECK(context.subscriptions()->check_owner(id, reader.access()));
        FHIR_CHECK(context.subscriptions()->bound(id));
    }
    const auto now = context.now();
    auto token = context.new_id() + context.new_id();
    if (!context.socket_tokens->give(token, ids, now))
        return refuse(503, "throttled", "too many tokens are out: ask again in a few minutes");
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("resourceType", "Parameters").key("parameter").begin_array();
    const auto write = [&](std::string_view name, std::string_view member, std::string_view value) {
        json.begin_object().member("name", name).member(member, value).end_object();
    };
    write("token", "valueString", token);
    write("expiration", "valueDateTime", instant(now + SocketTokens::kept_for));
    for (const auto& id : ids) write("subscription", "valueString", id);
    write("websocket-url", "valueUrl", context.socket_tokens->url());
    json.end_array().end_object();
    return answer_with(std::move(body));
}

}  // namespace vigil::fhir
