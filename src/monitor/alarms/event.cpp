#include "monitor/alarms/event.hpp"

#include <array>

#include "metric/table.hpp"
#include "monitor/alarms/fields.hpp"

namespace vigil::monitor {
namespace {

constexpr std::uint8_t version = 1;

constexpr std::array<std::string_view, 9> recipient_words{
    "bed",       "central",   "assigned-nurse", "buddy",    "charge-nurse",
    "unit-team", "physician", "device-team",    "work-list"};

constexpr std::array<std::string_view, 41> type_words{"",
                                                      "onset",
                                                      "onset-again",
                                                      "ended",
                                                      "latched",
                                                      "reset",
                                                      "acknowledged",
                                                      "re-alarmed",
                                                      "priority-raised",
                                                      "priority-lowered",
                                                      "told",
                                                      "nobody-responded",
                                                      "accepted",
                                                      "rejected",
                                                      "released",
                                                      "response-expired",
                                                      "suppressed",
                                                      "resumed",
                                                      "stale",
                                                      "fresh",
                                                      "inactivated",
                                                      "inactivation-ended",
                                                      "reminder",
                                                      "refused",
                                                      "limit-changed",
                                                      "age-class-confirmed",
                                                      "device-associated",
                                                      "device-removed",
                                                      "display-expected",
                                                      "display-released",
                                                      "clock-gap",
                                                      "rule-changed",
                                                      "profile-proposed",
                                                      "profile-confirmed",
                                                      "profile-rejected",
                                                      "discharged",
                                                      "data-watch-changed",
                                                      "delivered",
                                                      "received",
                                                      "undeliverable",
                                                      "score-setting-changed"};

template <class V, class Event>
void members(V& visit, Event& event) {
    visit("id", event.id);
    visit("time", event.time);
    visit("type", event.type);
    visit("actor", event.actor);
    visit("reason", event.reason);
    visit("detail", event.detail);
    visit("alarm", event.alarm);
    visit("condition", event.condition);
    visit("priority", event.priority);
    visit("state", event.state);
    visit("episode", event.episode);
    visit("level", event.level);
    visit("told", event.told);
    visit("since", event.since);
    visit("until", event.until);
    visit("value", event.value);
    visit("limit", event.limit);
}

}  // namespace

std::string_view to_string(EventType type) {
    return valid(type) ? type_words[static_cast<std::size_t>(type)] : std::string_view();
}

std::string recipients_text(std::uint16_t mask) {
    std::string text;
    for (std::size_t i = 0; i < recipient_words.size(); ++i) {
        if ((mask >> i & 1U) == 0) continue;
        if (!text.empty()) text += ", ";
        text += recipient_words[i];
    }
    return text;
}

Result<std::uint16_t> parse_recipients(std::string_view text) {
    std::uint16_t mask = 0;
    for (auto word : split(text, ',')) {
        while (word.starts_with(' ')) word.remove_prefix(1);
        std::size_t i = 0;
        while (i < recipient_words.size() && recipient_words[i] != word) ++i;
        if (i == recipient_words.size())
            return fail(Error::Kind::malformed, "no such recipient: " + std::string(word));
        mask = static_cast<std::uint16_t>(mask | 1U << i);
    }
    return mask;
}

AlarmEvent& EventRecorder::record(EventType type) {
    auto& event = events_.emplace_back();
    event.id = {subject_, cause_.position, next_ordinal_++};
    event.time = cause_.time;
    event.type = type;
    return event;
}

void encode(const AlarmEvent& event, std::string& out) {
    FieldWriter writer(out);
    writer("version", version);
    members(writer, event);
}

Result<AlarmEvent> decode_event(std::string_view body) {
    FieldReader reader(body, {.text_bytes_max = detail_bytes_max});
    std::uint8_t found = 0;
    reader("version", found);
    if (reader.failed() == nullptr && found != version)
        return fail(Error::Kind::unsupported, "an event of a later version", "byte 0");
    AlarmEvent event;
    members(reader, event);
    if (reader.failed() != nullptr)
        return fail(Error::Kind::malformed, "an event that is cut short or has no such value",
                    reader.failed());
    if (!reader.at_end())
        return fail(Error::Kind::malformed, "bytes after an event's end",
                    "byte " + std::to_string(reader.position()));
    return event;
}

std::optional<std::string_view> acm_phase(EventType type) {
    switch (type) {
        case EventType::onset:
            return "start";
        case EventType::priority_raised:
            return "escalate";
        case EventType::priority_lowered:
            return "deescalate";
        case EventType::ended:
            return "end";
        case EventType::reset:
            return "reset";
        case EventType::onset_again:
        case EventType::latched:
        case EventType::acknowledged:
        case EventType::re_alarmed:
        case EventType::stale:
        case EventType::fresh:
        case EventType::resumed:
            return "update";
        default:
            return std::nullopt;
    }
}

}  // namespace vigil::monitor
