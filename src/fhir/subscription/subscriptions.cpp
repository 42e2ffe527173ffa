#include "fhir/subscription/subscriptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view state_kind = "subscription", cursor_kind = "subscriptions";
constexpr std::string_view cursor_id = "cursor";
constexpr std::size_t page = 500;

// The one patient whose data criteria are about.
std::optional<PatientId> subject_of_criteria(const store::Condition& where,
                                             const PatientNumbers& patients) {
    if (const auto* all = std::get_if<store::AllOf>(&where.is)) {
        for (const auto& one : all->conditions)
            if (const auto found = subject_of_criteria(one, patients)) return found;
        return std::nullopt;
    }
    const auto* reference = std::get_if<store::ReferenceMatch>(&where.is);
    const bool names = reference != nullptr && reference->to.url.empty() &&
                       (reference->parameter == "patient" || reference->parameter == "subject");
    return names ? patients.number(reference->to.id) : std::nullopt;
}

std::string first_diagnostics(const Problem& problem) {
    return problem.issues.empty() ? "it cannot be read" : problem.issues.front().diagnostics;
}

}  // namespace

Subscriptions::Subscriptions(SubscriptionsParts parts) : parts_(std::move(parts)) {
    for (const auto& group : parts_.groups)
        for (const auto metric : group.group->parts) group_of_.emplace(metric, &group);
}

// --- what is kept ---

Result<std::optional<Position>> Subscriptions::start() {
    {
        const std::lock_guard lock(mutex_);
        VIGIL_CHECK(load());
    }
    return readings_up_to_;
}

Result<void> Subscriptions::load() {
    VIGIL_CHECK(parts_.documents.each(state_kind, [&](std::string_view id, std::string_view body) {
        const auto state = state_of(id);
        decode(body, *state);
        return true;
    }));
    VIGIL_TRY(cursor, parts_.documents.get(cursor_kind, cursor_id));
    VIGIL_TRY(last, parts_.records.last_change());
    cursor_ = last;
    if (cursor) {
        JsonDocument document;
        VIGIL_TRY(root, document.parse(*cursor));
        cursor_ = static_cast<std::uint64_t>(root["records"].integer().value_or(0));
        if (const auto offset = root["readings"].integer())
            readings_up_to_ = Position{0, static_cast<std::uint64_t>(*offset)};
    }
    std::set<std::string, std::less<>> there;
    std::vector<store::Record> records;
    VIGIL_CHECK(parts_.read(parts_.everything, [&](ViewReader& reader) -> Result<void> {
        store::RecordQuery query{.type = "Subscription",
                                 .where = {store::AllOf{}},
                                 .sort = {},
                                 .after = {},
                                 .count_max = page};
        do {
            VIGIL_TRY(found, reader.search(query));
            for (auto& record : found.records) records.push_back(std::move(record));
            query.after = std::move(found.next);
        } while (!query.after.empty());
        return {};
    }));
    for (const auto& record : records) {
        there.insert(record.id);
        configure(record, true);
    }
    std::vector<StatePtr> gone;
    for (const auto& [id, state] : states_)
        if (!there.contains(id)) gone.push_back(state);
    for (const auto& state : gone) remove(state);
    interests_changed();
    return {};
}

Subscriptions::StatePtr Subscriptions::find(std::string_view id) const {
    const auto found = states_.find(id);
    return found == states_.end() ? nullptr : found->second;
}

Subscriptions::StatePtr Subscriptions::state_of(std::string_view id) {
    if (auto known = find(id)) return known;
    auto state = std::make_shared<State>();
    state->number = next_number_++;
    state->subscription.id = id;
    states_.emplace(id, state);
    numbers_.emplace(state->number, state);
    return state;
}

void Subscriptions::interests_changed() {
    wanting_.clear();
    wanted_ = !states_.empty();
    wants_readings_ = interests_.any("Observation") ||
                      std::ranges::any_of(resuming_, [this](SubscriptionNumber number) {
                          return numbers_.at(number)->subscription.type == "Observation";
                      });
}

// --- what is subscribed to ---

void Subscriptions::written(std::string id, SubscriptionOwner owner, std::function<void()> kept) {
    const std::lock_guard lock(mutex_);
    if (states_.empty())
        if (const auto last = parts_.records.last_change()) cursor_ = *last;
    const auto state = state_of(id);
    if (!state->owner || state->owner->version < owner.version) state->owner = owner;
    changed(state);
    wanted_ = true;
    std::optional<store::Record> record;
    const auto read = parts_.read(parts_.everything, [&](ViewReader& reader) -> Result<void> {
        VIGIL_TRY(found, reader.get("Subscription", id));
        record = std::move(found);
        return {};
    });
    if (read && record) configure(*record, false);
    owed_.emplace_back(std::move(id), std::move(kept));
    keep();
}

// As the resource says, if it is newer than what is known.
void Subscriptions::configure(const store::Record& record, bool at_start) {
    const auto state = state_of(record.id);
    if (state->version >= record.version) {
        // It was seen before it was known whose it is.
        const bool owned = state->owner && state->owner->version >= state->version;
        if (state->phase == State::Phase::waiting && !state->asked && owned) request(state);
        return;
    }
    state->version = record.version;
    if (record.deleted) return remove(state);
    auto text = Resource::parse(resource_text(record));
    if (!text) return end(state, "it cannot be read");
    const auto status = text->json()["status"].string();
    // Written by this server, about what it knows.
    const bool is_own = status == "active" || status == "error";
    if (is_own && !at_start) return;
    const auto rest = parts_.rest();
    auto read = read_subscription(text->json(), rest->search(true), parts_.rules);
    if (!read) return end(state, first_diagnostics(read.error()));
    state->subscription = std::move(*read);
    if (states_.size() > subscriptions_max)
        return end(state, "this server has as many Subscriptions as it can look after");
    interests_.remove(state->number);
    interests_changed();
    if (state->subscription.is_over()) {
        state->phase = State::Phase::over;
        state->error = text->json()["error"].string();
        state->in_flight = false;
        ++state->turn;
        return;
    }
    state->phase = State::Phase::waiting;
    state->asked = false;
    if (!is_own) {
        state->begin_anew();
        state->since = record.updated;
        changed(state);
    }
    const bool owned = state->owner && (is_own || state->owner->version >= record.version);
    if (owned && is_own) {
        resuming_.insert(state->number);
        interests_changed();
    }
    if (owned) return request(state);
    // Who wrote it is told after it was written; at a start nobody will any more.
    if (at_start) end(state, "who wrote it is not known any more: write it again");
}

void Subscriptions::request(const StatePtr& state) {
    const auto turn = ++state->turn;
    state->asked = true;
    parts_.authorize(*state->owner, state->subscription.id,
                     subject_of_criteria(state->subscription.where, parts_.patients),
                     [this, state, turn](const Result<store::Access>& access) {
                         const std::lock_guard lock(mutex_);
                         if (state->turn == turn) allowed(state, access);
                         resumed(state);
                     });
}

void Subscriptions::allowed(const StatePtr& state, const Result<store::Access>& access) {
    if (!access) return end(state, "who wrote it may not read what it is about");
    state->access = *access;
    const auto& subscription = state->subscription;
    const bool shakes_hands = subscription.is_topic_based() &&
                              subscription.channel == ChannelType::rest_hook &&
                              subscription.status == "requested";
    if (!shakes_hands) return activate(state);
    state->phase = State::Phase::handshake;
    send_status(state, NotificationType::handshake);
}

void Subscriptions::resumed(const StatePtr& state) {
    if (resuming_.erase(state->number) == 0 || !resuming_.empty()) return;
    interests_changed();
    if (!held_.empty()) take_readings(std::exchange(held_, {}), held_up_to_);
    parts_.post([this] { records_written(); });
}

void Subscriptions::activate(const StatePtr& state) {
    state->phase = State::Phase::active;
    state->failures = 0;
    state->last_sent = parts_.now();
    const auto& subscription = state->subscription;
    interests_.set(state->number, subscription.type, subscription.where);
    interests_changed();
    if (subscription.status == "requested")
        parts_.set_status(subscription.id, state->version, "active", {});
    deliver(state);
}

void Subscriptions::end(const StatePtr& state, std::string error) {
    const bool was_over = state->phase == State::Phase::over;
    state->phase = State::Phase::over;
    state->error = std::move(error);
    state->in_flight = false;
    changed(state);
    ++state->turn;
    interests_.remove(state->number);
    interests_changed();
    if (was_over) return;
    const auto& id = state->subscription.id;
    const auto* status = state->error.empty() ? "off" : "error";
    parts_.set_status(id, state->version, status, state->error);
    if (state->owner) parts_.ended(*state->owner, id, state->error.empty() ? "off" : state->error);
}

void Subscriptions::remove(const StatePtr& state) {
    interests_.remove(state->number);
    resumed(state);
    state->phase = State::Phase::over;
    ++state->turn;
    numbers_.erase(state->number);
    removed_.push_back(state->subscription.id);
    if (state->owner) parts_.ended(*state->owner, state->subscription.id, "deleted");
    states_.erase(state->subscription.id);
    interests_changed();
}

void Subscriptions::readings_lost() {
    const std::lock_guard lock(mutex_);
    lose_readings("readings came faster than they could be looked at: some were not");
    keep();
}

void Subscriptions::lose_readings(const std::string& why) {
    std::vector<StatePtr> whose;
    for (const auto& [id, state] : states_)
        if (state->phase == State::Phase::active && state->subscription.type == "Observation")
            whose.push_back(state);
    for (const auto& state : whose) end(state, why);
}

// --- what is due ---

void Subscriptions::tick() {
    const std::lock_guard lock(mutex_);
    const auto now = parts_.now();
    std::vector<StatePtr> all;
    all.reserve(states_.size());
    for (const auto& [id, state] : states_) all.push_back(state);
    for (const auto& state : all) {
        if (std::exchange(state->told, false)) changed(state);
        using Phase = State::Phase;
        if (state->phase == Phase::over || state->phase == Phase::waiting) continue;
        if (state->subscription.end && *state->subscription.end <= now) {
            end(state, {});
            continue;
        }
        if (state->in_flight || state->due > now) continue;
        if (state->phase == Phase::handshake) {
            send_status(state, NotificationType::handshake);
            continue;
        }
        deliver(state);
        const auto beat = state->subscription.heartbeat;
        const bool is_due = beat != Nanoseconds(0) && !state->in_flight &&
                            state->last_sent + beat <= now && state->subscription.is_topic_based();
        if (is_due) send_status(state, NotificationType::heartbeat);
    }
    if (++seconds_ % 2 == 0) check_owners();
    take_views();
    // So that a start after a crash need not look far back.
    if (seconds_ % 10 == 0 && std::exchange(cursor_moved_, false) && !states_.empty())
        changed(states_.begin()->second);
    keep();
}

void Subscriptions::check_owners() {
    if (std::exchange(checking_, true)) return;
    std::vector<StatePtr> looked_at;
    std::vector<SubscriptionAccess> list;
    for (const auto& [id, state] : states_) {
        if (state->phase == State::Phase::over || !state->owner || !state->access) continue;
        looked_at.push_back(state);
        list.push_back({.owner = *state->owner,
                        .id = id,
                        .subject = subject_of_criteria(state->subscription.where, parts_.patients),
                        .access = state->access});
    }
    parts_.renew(std::move(list), [this, looked_at = std::move(looked_at)](
                                      std::vector<std::optional<store::Access>> now) {
        const std::lock_guard lock(mutex_);
        checking_ = false;
        bool any_ended = false;
        for (std::size_t i = 0; i < looked_at.size() && i < now.size(); ++i) {
            const auto& state = looked_at[i];
            // Written again meanwhile, or ended: that is another decision's.
            if (state->phase == State::Phase::over || !state->access) continue;
            if (now[i]) {
                state->access = std::move(now[i]);
                continue;
            }
            end(state, "whoever wrote it may no longer read what it is about");
            any_ended = true;
        }
        if (any_ended) keep();
    });
}

// --- what is asked about ---

namespace {

tl::unexpected<Problem> unknown(std::string_view id) {
    return refuse(404, "not-found", fmt::format("there is no Subscription/{}", id.substr(0, 64)));
}

}  // namespace

std::vector<std::string> Subscriptions::ids() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    out.reserve(states_.size());
    for (const auto& [id, state] : states_) out.push_back(id);
    return out;
}

Answer<std::string> Subscriptions::status(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto state = find(id);
    if (!state) return unknown(id);
    const auto rest = parts_.rest();
    return status_parameters(state->subscription, {.type = NotificationType::query_status,
                                                   .base = rest->base,
                                                   .status = state->status(),
                                                   .events_since_start = state->events,
                                                   .error = state->error,
                                                   .events = {},
                                                   .now = parts_.now()});
}

Answer<void> Subscriptions::check_owner(std::string_view id, const store::Access& asker) const {
    const std::lock_guard lock(mutex_);
    const auto state = find(id);
    if (!state) return unknown(id);
    if (asker.app() == 0 && state->owner && asker.account() == state->owner->account) return {};
    return refuse(403, "forbidden", "what a Subscription is told of is for whoever wrote it");
}

Answer<std::string> Subscriptions::events(std::string_view id, const EventsWanted& wanted) const {
    const std::lock_guard lock(mutex_);
    const auto state = find(id);
    if (!state) return unknown(id);
    const auto most = state->subscription.content;
    const auto content = std::min(wanted.content.value_or(most), most);
    const auto events = state->between(wanted.first, wanted.last);
    return bundle(*state, NotificationType::query_event, events, content);
}

Answer<std::string> Subscriptions::bound(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto state = find(id);
    if (!state) return unknown(id);
    if (state->phase == State::Phase::over || state->subscription.channel != ChannelType::websocket)
        return refuse(409, "conflict",
                      "it is no Subscription that is told by websocket, or is over");
    if (!state->subscription.is_topic_based()) return fmt::format("bound {}", id);
    return bundle(*state, NotificationType::handshake, {}, Content::empty);
}

}  // namespace vigil::fhir
