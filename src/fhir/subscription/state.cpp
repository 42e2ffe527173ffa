#include "fhir/subscription/state.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace vigil::fhir {

std::string_view SubscriptionState::status() const {
    switch (phase) {
        case Phase::waiting:
        case Phase::handshake:
            return "requested";
        case Phase::active:
            return "active";
        case Phase::over:
            break;
    }
    return error.empty() ? "off" : "error";
}

void SubscriptionState::add(SubscriptionEvent event) {
    event.number = ++events;
    kept.push_back(std::move(event));
    if (events - delivered > pending_max) delivered = events - pending_max;
    forget();
}

void SubscriptionState::told_up_to(std::uint64_t event) {
    delivered = std::max(delivered, event);
    told = true;
    forget();
}

void SubscriptionState::forget() {
    const auto oldest = delivered < told_kept_max ? 0 : delivered - told_kept_max;
    while (!kept.empty() && kept.front().number <= oldest) kept.pop_front();
}

std::vector<SubscriptionEvent> SubscriptionState::between(std::uint64_t first,
                                                          std::uint64_t last) const {
    std::vector<SubscriptionEvent> out;
    for (const auto& event : kept)
        if (event.number >= first && event.number <= last) out.push_back(event);
    return out;
}

void SubscriptionState::begin_anew() {
    events = durable = delivered = 0;
    kept.clear();
    error.clear();
    failures = 0;
    in_flight = false;
    ++turn;
    due = last_sent = {};
}

std::string encode(const SubscriptionState& state) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    if (state.owner)
        json.key("owner")
            .begin_array()
            .number(state.owner->account)
            .number(state.owner->token)
            .number(state.owner->version)
            .end_array();
    json.member("since", state.since.time_since_epoch().count());
    json.member("events", state.events).member("delivered", state.delivered);
    json.key("kept").begin_array();
    for (const auto& event : state.kept)
        json.begin_array()
            .number(event.number)
            .number(event.time.time_since_epoch().count())
            .number(static_cast<int>(event.interaction))
            .text(event.type)
            .text(event.id)
            .number(event.version)
            .end_array();
    json.end_array().end_object();
    return text;
}

bool decode(std::string_view body, SubscriptionState& out) {
    JsonDocument document;
    const auto root = document.parse(body);
    if (!root) return false;
    const auto number = [](JsonValue value) {
        return static_cast<std::uint64_t>(value.integer().value_or(0));
    };
    if (const auto owner = (*root)["owner"])
        out.owner =
            SubscriptionOwner{static_cast<std::uint32_t>(number(owner[0])),
                              static_cast<std::uint32_t>(number(owner[1])), number(owner[2])};
    out.since = Timestamp(Nanoseconds((*root)["since"].integer().value_or(0)));
    out.events = out.durable = number((*root)["events"]);
    out.delivered = number((*root)["delivered"]);
    out.kept.clear();
    for (const auto one : (*root)["kept"]) {
        const auto interaction = number(one[2]);
        if (interaction < 1 || interaction > 3) return false;
        out.kept.push_back({.number = number(one[0]),
                            .time = Timestamp(Nanoseconds(one[1].integer().value_or(0))),
                            .interaction = static_cast<Interaction>(interaction),
                            .type = std::string(one[3].string()),
                            .id = std::string(one[4].string()),
                            .version = number(one[5])});
    }
    return true;
}

}  // namespace vigil::fhir
