// Being told: what is owed is kept first, then sent, again and again until it was taken.
#include <fmt/format.h>

#include <algorithm>

#include "fhir/rest/reading.hpp"
#include "fhir/subscription/subscriptions.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view content_type = "application/fhir+json";
constexpr int gone = 410;  // RFC 9110 15.5.11: it will not come back

std::string written_cursor(std::uint64_t records, const std::optional<Position>& readings) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("records", records);
    if (readings) json.member("readings", readings->offset);
    json.end_object();
    return text;
}

}  // namespace

// --- kept ---

void Subscriptions::changed(const StatePtr& state) {
    if (!std::exchange(state->changed, true)) changed_.push_back(state);
}

void Subscriptions::keep() {
    if (keeping_) return;
    std::vector<store::DocumentChange> changes;
    changes.reserve(removed_.size() + changed_.size() + 1);
    std::vector<std::pair<StatePtr, std::uint64_t>> states;
    for (auto& id : removed_) changes.push_back({"subscription", id, PatientId{}, std::nullopt});
    removed_.clear();
    for (const auto& state : std::exchange(changed_, {})) {
        state->changed = false;
        const auto& id = state->subscription.id;
        if (find(id) != state) continue;  // deleted
        changes.push_back({"subscription", id, PatientId{}, encode(*state)});
        states.emplace_back(state, state->events);
    }
    if (changes.empty()) return;
    changes.push_back(
        {"subscriptions", "cursor", PatientId{}, written_cursor(cursor_, readings_up_to_)});
    keeping_ = true;
    auto answers = std::exchange(owed_, {});
    parts_.documents.change(
        std::move(changes), std::nullopt,
        [this, states = std::move(states), answers = std::move(answers)](const Result<void>& ok) {
            parts_.post([this, states, answers, ok] {
                for (const auto& [id, answer] : answers) answer();
                const std::lock_guard lock(mutex_);
                kept(states, ok);
            });
        });
}

void Subscriptions::kept(const std::vector<std::pair<StatePtr, std::uint64_t>>& states,
                         const Result<void>& ok) {
    keeping_ = false;
    for (const auto& [state, up_to] : states) {
        // A disk that takes nothing now is asked again with the next tick.
        if (!ok) {
            changed(state);
            continue;
        }
        state->durable = std::min(std::max(state->durable, up_to), state->events);
        deliver(state);
    }
    if (ok) keep();
}

Result<void> Subscriptions::stop() {
    const std::lock_guard lock(mutex_);
    std::vector<store::DocumentChange> changes;
    changes.reserve(states_.size() + removed_.size() + 1);
    for (const auto& [id, state] : states_)
        changes.push_back({"subscription", id, PatientId{}, encode(*state)});
    for (auto& id : removed_) changes.push_back({"subscription", id, PatientId{}, std::nullopt});
    if (changes.empty()) return {};
    changes.push_back(
        {"subscriptions", "cursor", PatientId{}, written_cursor(cursor_, readings_up_to_)});
    return store::await<void>([&](store::Done done) {
        parts_.documents.change(std::move(changes), std::nullopt, std::move(done));
    });
}

// --- sent ---

void Subscriptions::deliver(const StatePtr& state) {
    const bool ready = state->phase == State::Phase::active && !state->in_flight &&
                       state->delivered < state->durable && state->due <= parts_.now();
    if (!ready) return;
    const auto& subscription = state->subscription;
    const bool one_each = !subscription.is_topic_based() && subscription.content != Content::empty;
    const auto most = one_each ? 1 : subscription.events_max;
    const auto last = std::min(state->durable, state->delivered + most);
    const auto events = state->between(state->delivered + 1, last);
    if (subscription.channel == ChannelType::websocket) return deliver_sockets(state, events);
    deliver_hook(state, events);
}

std::string Subscriptions::bundle(const State& state, NotificationType type,
                                  std::span<const SubscriptionEvent> events,
                                  Content content) const {
    const auto rest = parts_.rest();
    return notification_bundle(state.subscription,
                               {.type = type,
                                .base = rest->base,
                                .status = state.status(),
                                .events_since_start = state.events,
                                .error = state.error,
                                .events = events,
                                .now = parts_.now()},
                               content, resource_for(state));
}

// As the one it is for may read it.
EventResource Subscriptions::resource_for(const State& state) const {
    return [this, access = state.access](const SubscriptionEvent& event) {
        std::optional<std::string> text;
        if (!access) return text;
        (void)parts_.read(*access, [&](ViewReader& reader) -> Result<void> {
            VIGIL_TRY(record, reader.version(event.type, event.id, event.version));
            if (record && !record->deleted) text = resource_text(*record);
            return {};
        });
        return text;
    };
}

std::vector<std::pair<std::string, std::string>> Subscriptions::headers(const State& state) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [name, value] : state.subscription.headers) {
        auto shown = HeaderKeeper::is_hidden(value)
                         ? parts_.keeper.reveal(value, state.subscription.endpoint)
                         : std::optional(value);
        if (shown) out.emplace_back(name, std::move(*shown));
    }
    return out;
}

// R4: "by making a post to the URI. If a payload is included, the URL is interpreted as the service
// base, and an update (PUT) is made" (code system subscription-channel-type, rest-hook).
void Subscriptions::deliver_hook(const StatePtr& state,
                                 const std::vector<SubscriptionEvent>& events) {
    const auto& subscription = state->subscription;
    HookMessage message{.method = "POST",
                        .url = subscription.endpoint,
                        .headers = headers(*state),
                        .body = {},
                        .time_max = subscription.timeout};
    const auto last = events.empty() ? state->durable : events.back().number;
    if (events.empty()) return state->told_up_to(last);
    if (subscription.is_topic_based()) {
        message.headers.emplace_back("content-type", content_type);
        message.body =
            bundle(*state, NotificationType::event_notification, events, subscription.content);
    } else if (subscription.content == Content::full_resource) {
        const auto& event = events.front();
        auto resource = resource_for(*state)(event);
        if (!resource) {  // gone meanwhile
            state->told_up_to(last);
            return parts_.post([this, state] {
                const std::lock_guard lock(mutex_);
                deliver(state);
            });
        }
        message.method = "PUT";
        while (message.url.ends_with('/')) message.url.pop_back();
        message.url += fmt::format("/{}/{}", event.type, event.id);
        message.headers.emplace_back("content-type", content_type);
        message.body = std::move(*resource);
    }
    send(state, std::move(message), last);
}

void Subscriptions::deliver_sockets(const StatePtr& state,
                                    const std::vector<SubscriptionEvent>& events) {
    if (!events.empty()) {
        auto text = state->subscription.is_topic_based()
                        ? bundle(*state, NotificationType::event_notification, events,
                                 state->subscription.content)
                        : fmt::format("ping {}", state->subscription.id);
        parts_.to_sockets(state->subscription.id, std::move(text));
        state->told_up_to(events.back().number);
    } else {
        state->told_up_to(state->durable);
    }
    state->last_sent = parts_.now();
    if (state->delivered < state->durable) deliver(state);
}

void Subscriptions::send_status(const StatePtr& state, NotificationType type) {
    auto text = bundle(*state, type, {}, Content::empty);
    if (state->subscription.channel == ChannelType::websocket) {
        state->last_sent = parts_.now();
        return parts_.to_sockets(state->subscription.id, std::move(text));
    }
    HookMessage message{.method = "POST",
                        .url = state->subscription.endpoint,
                        .headers = headers(*state),
                        .body = std::move(text),
                        .time_max = state->subscription.timeout};
    message.headers.emplace_back("content-type", content_type);
    send(state, std::move(message), state->delivered);
}

void Subscriptions::send(const StatePtr& state, HookMessage message, std::uint64_t up_to) {
    state->in_flight = true;
    state->last_sent = parts_.now();
    parts_.send(std::move(message),
                [this, state, turn = state->turn, up_to](const Result<int>& status) {
                    const std::lock_guard lock(mutex_);
                    answered(state, turn, up_to, status);
                });
}

void Subscriptions::answered(const StatePtr& state, std::uint64_t turn, std::uint64_t up_to,
                             const Result<int>& status) {
    if (state->turn != turn) return;
    state->in_flight = false;
    const bool shaking = state->phase == State::Phase::handshake;
    if (status && *status >= 200 && *status < 300) {
        state->failures = 0;
        state->due = {};
        if (shaking) return activate(state);
        if (up_to > state->delivered) state->told_up_to(up_to);
        return deliver(state);
    }
    const auto why = status
                         ? fmt::format("the endpoint answered {}", *status)
                         : fmt::format("the endpoint was not reached: {}", status.error().message);
    const auto most = shaking ? handshake_failures_max : failures_max;
    if (++state->failures >= most || (status && *status == gone)) return end(state, why);
    const auto wait = std::chrono::seconds(1) * (1 << (state->failures - 1));
    state->due = parts_.now() + std::min<Nanoseconds>(wait, wait_max);
}

}  // namespace vigil::fhir
