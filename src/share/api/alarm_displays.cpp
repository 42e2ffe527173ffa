// Screens that have to confirm that they tell alarms (docs/reference/alarms-api.md, Displays).
#include <charconv>
#include <cstring>

#include "share/alarms/shapes.hpp"
#include "share/alarms/watch.hpp"
#include "share/api/alarm_acts.hpp"
#include "share/api/api.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using monitor::Display;
using monitor::DisplayId;
using monitor::Subject;

namespace {

constexpr std::size_t displays_max = 256, name_bytes_max = 100;

void write_display(JsonWriter& json, const monitor::BedState& place, std::string_view key) {
    const Display& display = *place.display;
    json.begin_object().member("id", std::to_string(display.id.value));
    json.member("name", display.name).member("unit", display.unit);
    json.member("sounds", display.sounds).member("by", display.by);
    json.member("reason", display.reason).member("since", display.since);
    const auto lost =
        std::ranges::find(place.alarms, std::string_view("display_lost"), &monitor::BedAlarm::key);
    json.member_or_null("lost_since", lost != place.alarms.end()
                                          ? std::optional(lost->alarm.violated_since)
                                          : std::nullopt);
    if (!key.empty()) json.member("key", key);
    json.end_object();
}

session::HttpResponse all_displays(const ApiContext& api, const ApiCallPtr& call,
                                   const store::Access& access) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("displays").begin_array();
    const AlarmWords words{api.registry, api.catalogue, api.watch->tables()};
    for (const auto& [subject, bed] : api.watch->beds())
        if (bed.display && shows(words, access, call->who, bed)) write_display(json, bed, {});
    json.end_array().end_object();
    return json_answer(std::move(body));
}

void list(ApiContext& api, const ApiCallPtr& call) {
    const auto access = decide_alarms(api, call, store::Act::read, Subject{}, "alarm displays");
    if (access) answer(api, call, all_displays(api, call, *access));
}

// Whoever looks after a unit says on which screens its alarms are told. On refusal the call has
// been answered.
std::optional<store::Access> may_change(ApiContext& api, const ApiCallPtr& call,
                                        std::string_view unit) {
    auto access = decide_alarms(api, call, store::Act::write, Subject{}, "alarm display");
    if (!access || looks_after(api.registry, call->who, unit)) return access;
    answer_error(api, call,
                 {Error::Kind::forbidden,
                  "whoever looks after this unit says which screens tell its alarms", "unit"});
    return std::nullopt;
}

Result<monitor::DisplayExpected> read_display(JsonValue body) {
    monitor::DisplayExpected act{.name = std::string(body["name"].string()),
                                 .unit = std::string(body["unit"].string())};
    if (act.name.empty() || act.name.size() > name_bytes_max || act.unit.size() > name_bytes_max)
        return fail(Error::Kind::malformed, "what people call it, in 1 to 100 bytes", "name");
    if (const auto sounds = body["sounds"]; sounds.is(JsonKind::boolean))
        act.sounds = sounds.is_true();
    return act;
}

// Nobody's yet.
DisplayId new_number(const ApiContext& api) {
    for (;;) {
        const auto digest = identity::sha256(identity::new_secret(api.random));
        DisplayId id;
        std::memcpy(&id.value, digest.bytes.data(), sizeof id.value);
        id.value |= monitor::displays_from.value;
        if (!api.watch->beds().contains(monitor::place_of(id))) return id;
    }
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    if (!may_change(api, call, (*body)["unit"].string())) return;
    auto act = read_display(*body);
    if (!act) return answer_error(api, call, act.error());
    const auto reason = read_reason(*body, at_the_console);
    if (!reason) return answer_error(api, call, reason.error());
    const auto count = std::ranges::count_if(
        api.watch->beds(), [](const auto& bed) { return bed.second.display.has_value(); });
    if (static_cast<std::size_t>(count) >= displays_max)
        return answer_error(api, call, {Error::Kind::too_large, "256 screens at most", "name"});
    const auto key = identity::new_secret(api.random);
    act->display = new_number(api);
    act->key_sha256 = to_hex(identity::sha256(key));
    const auto place = monitor::place_of(act->display);
    give_alarm_act(api, call, std::move(*act), *reason, [&api, call, place, key] {
        const auto found = api.watch->beds().find(place);
        if (found == api.watch->beds().end() || !found->second.display)
            return answer_error(api, call, {Error::Kind::conflict, "it has just gone", "id"});
        std::string text;
        JsonWriter json(text);
        write_display(json, found->second, key);
        auto response = json_answer(std::move(text));
        response.status = 201;
        answer(api, call, std::move(response));
    });
}

// The screen that the address names; null: none of these.
const Display* named(const ApiContext& api, std::string_view text) {
    DisplayId id;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
    if (error != std::errc() || end != text.data() + text.size()) return nullptr;
    const auto found = api.watch->beds().find(monitor::place_of(id));
    return found != api.watch->beds().end() && found->second.display ? &*found->second.display
                                                                     : nullptr;
}

void remove(ApiContext& api, const ApiCallPtr& call) {
    const auto* display = named(api, call->captured[0]);
    const auto access = may_change(api, call, display != nullptr ? display->unit : "");
    if (!access) return;
    if (display == nullptr)
        return answer_error(api, call, {Error::Kind::not_found, "no such screen here", "id"});
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto reason = read_reason(*body, {});
    if (!reason) return answer_error(api, call, reason.error());
    give_alarm_act(
        api, call, monitor::DisplayExpected{.display = display->id, .expected = false}, *reason,
        [&api, call, access = *access] { answer(api, call, all_displays(api, call, access)); });
}

}  // namespace

void add_alarm_displays(Api& api) {
    api.add("GET", "/api/alarm-displays", list);
    api.add("POST", "/api/alarm-displays", add);
    api.add("DELETE", "/api/alarm-displays/{id}", remove);
}

}  // namespace vigil::share
