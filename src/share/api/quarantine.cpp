// GET /api/quarantine…, replay and dismiss.
#include "store/quarantine.hpp"

#include "collect/unread.hpp"
#include "share/api/api.hpp"
#include "share/api/base64.hpp"
#include "share/reading_json.hpp"

namespace vigil::share {
namespace {

using identity::Area;

std::string_view state_word(store::QuarantineState state) {
    switch (state) {
        case store::QuarantineState::open:
            return "open";
        case store::QuarantineState::replayed:
            return "replayed";
        case store::QuarantineState::dismissed:
            return "dismissed";
    }
    return "open";
}

// The members of an item; the object is left open for more.
void begin_item(JsonWriter& json, const store::QuarantineItem& item) {
    json.begin_object().member("id", position_text(item.position));
    json.member("receive_time", item.receive_time).member("protocol", item.protocol);
    json.member("sender", item.sender).member_or_null("device", item.device);
    json.member("topic", item.topic).member("content_type", item.content_type);
    json.member("size", item.size).key("reason").begin_object();
    json.member("kind", kind_word(item.reason.kind)).member("message", item.reason.message);
    json.member("place", item.reason.place).end_object();
    json.member("state", state_word(item.state)).member_or_null("decided_by", item.decided_by);
    json.member_or_null("decided_at", item.decided_at).member_or_null("note", item.note);
}

Result<store::QuarantineQuery> read_query(const session::HttpRequest& request) {
    store::QuarantineQuery query;
    const auto state = request.parameter("state").value_or("open");
    if (state == "open")
        query.state = store::QuarantineState::open;
    else if (state == "replayed")
        query.state = store::QuarantineState::replayed;
    else if (state == "dismissed")
        query.state = store::QuarantineState::dismissed;
    else if (state != "all")
        return fail(Error::Kind::malformed, "takes open, replayed, dismissed or all", "state");
    if (const auto device = request.parameter("device")) query.device = std::string(*device);
    if (const auto cursor = request.parameter("cursor")) query.before = parse_position(*cursor);
    VIGIL_TRY(limit, count_parameter(request, "limit", 200, 10'000));
    query.limit = limit;
    return query;
}

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto query = read_query(call->request);
    if (!query) return answer_error(api, call, query.error());
    const auto access = decide(api, call,
                               {.act = store::Act::read,
                                .areas = {Area::unread},
                                .subjects = identity::Subjects::of({}),
                                .what = "quarantine"});
    if (!access) return;
    answer_from_worker(
        api, call, [&api, query = *query, access = *access]() -> Result<session::HttpResponse> {
            VIGIL_TRY(items, api.quarantine.list(access, query));
            VIGIL_TRY(counts, api.quarantine.counts());
            std::string body;
            JsonWriter json(body);
            json.begin_object().key("items").begin_array();
            for (const auto& item : items) {
                begin_item(json, item);
                json.end_object();
            }
            json.end_array().key("counts").begin_object().member("open", counts.open);
            json.member("replayed", counts.replayed)
                .member("dismissed", counts.dismissed)
                .end_object();
            const bool more = items.size() == query.limit;
            json.member_or_null("next",
                                more ? position_text(items.back().position) : std::string());
            json.end_object();
            return json_answer(std::move(body));
        });
}

tl::unexpected<Error> no_such_item() {
    return fail(Error::Kind::not_found, "no such message in quarantine", "id");
}

Result<store::Quarantine::Held> held(ApiContext& api, const store::Access& access,
                                     std::string_view id) {
    const auto position = parse_position(id);
    if (!position) return no_such_item();
    VIGIL_TRY(found, api.quarantine.get(access, *position));
    if (!found) return no_such_item();
    return std::move(*found);
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto access = decide(api, call,
                               {.act = store::Act::read,
                                .areas = {Area::unread},
                                .subjects = identity::Subjects::of({}),
                                .what = "quarantine item"});
    if (!access) return;
    answer_from_worker(api, call,
                       [&api, call, access = *access]() -> Result<session::HttpResponse> {
                           VIGIL_TRY(found, held(api, access, call->captured[0]));
                           std::string body;
                           JsonWriter json(body);
                           begin_item(json, found.item);
                           json.member("bytes", base64(found.raw)).end_object();
                           return json_answer(std::move(body));
                       });
}

session::HttpResponse item_answer(const store::QuarantineItem& item,
                                  std::optional<std::size_t> readings) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("item");
    begin_item(json, item);
    json.end_object();
    if (readings) json.member("readings", *readings);
    json.end_object();
    return json_answer(std::move(body));
}

// Records the decision and answers with the item as it then stands.
void decide_item(ApiContext& api, const ApiCallPtr& call, store::QuarantineItem item,
                 store::QuarantineDecision decision, std::optional<std::size_t> readings) {
    item.state = decision.state;
    item.decided_by = decision.decided_by;
    item.decided_at = decision.decided_at;
    item.note = decision.note;
    if (decision.reason) item.reason = *decision.reason;
    api.quarantine.decide(std::move(decision), std::nullopt,
                          [&api, call, item = std::move(item), readings](Result<void> done) {
                              api.on_loop([&api, call, item, readings, done = std::move(done)] {
                                  if (!done) return answer_error(api, call, done.error());
                                  answer(api, call, item_answer(item, readings));
                              });
                          });
}

// Fetches an open item for a decision; anything else has been answered.
void with_open_item(ApiContext& api, const ApiCallPtr& call, std::string what,
                    std::function<void(store::Quarantine::Held)> then) {
    const auto access = decide(api, call,
                               {.act = store::Act::write,
                                .areas = {Area::unread},
                                .subjects = identity::Subjects::of({}),
                                .what = std::move(what)});
    if (!access) return;
    api.on_worker([&api, call, access = *access, then = std::move(then)] {
        auto found = held(api, access, call->captured[0]);
        api.on_loop([&api, call, then, found = std::move(found)]() mutable {
            if (!found) return answer_error(api, call, found.error());
            if (found->item.state != store::QuarantineState::open)
                return answer_error(
                    api, call, {Error::Kind::conflict, "this message was decided already", "id"});
            then(std::move(*found));
        });
    });
}

void still_unreadable(ApiContext& api, const ApiCallPtr& call, const store::QuarantineItem& item,
                      const Error& reason) {
    decide_item(api, call, item,
                {.position = item.position,
                 .state = store::QuarantineState::open,
                 .decided_by = "",
                 .decided_at = call->now,
                 .note = item.note,
                 .reason = reason},
                0);
}

void replay(ApiContext& api, const ApiCallPtr& call) {
    with_open_item(
        api, call, "quarantine replay", [&api, call](const store::Quarantine::Held& found) {
            const auto* sender = api.registry.find_device(found.item.sender);
            const collect::Unread unread{.receive_time = found.item.receive_time,
                                         .sender = sender != nullptr ? sender->id : DeviceId{},
                                         .sender_name = found.item.sender,
                                         .protocol = found.item.protocol,
                                         .source = found.item.topic,
                                         .content_type = found.item.content_type,
                                         .raw = found.raw,
                                         .reasons = {}};
            const auto reread = api.intake.read_again(unread);
            if (!reread) return still_unreadable(api, call, found.item, reread.error());
            const auto readings = reread->readings;
            api.when_durable(reread->ticket,
                             [&api, call, item = found.item, readings](Result<void> durable) {
                                 if (!durable) return answer_error(api, call, durable.error());
                                 api.intake.unread_decided(item.sender);
                                 decide_item(api, call, item,
                                             {.position = item.position,
                                              .state = store::QuarantineState::replayed,
                                              .decided_by = call->who.name,
                                              .decided_at = call->now,
                                              .note = "",
                                              .reason = std::nullopt},
                                             readings);
                             });
        });
}

void dismiss(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string note((*body)["note"].string());
    with_open_item(api, call, "quarantine dismiss",
                   [&api, call, note](const store::Quarantine::Held& found) {
                       api.intake.unread_decided(found.item.sender);
                       decide_item(api, call, found.item,
                                   {.position = found.item.position,
                                    .state = store::QuarantineState::dismissed,
                                    .decided_by = call->who.name,
                                    .decided_at = call->now,
                                    .note = note,
                                    .reason = std::nullopt},
                                   std::nullopt);
                   });
}

}  // namespace

void add_quarantine(Api& api) {
    api.add("GET", "/api/quarantine", list);
    api.add("GET", "/api/quarantine/{id}", show);
    api.add("POST", "/api/quarantine/{id}/replay", replay);
    api.add("POST", "/api/quarantine/{id}/dismiss", dismiss);
}

}  // namespace vigil::share
