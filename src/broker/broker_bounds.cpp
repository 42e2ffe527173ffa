// What all sessions together may hold, in memory and back in the log, and what becomes of those
// that hold too much (promise 2 of docs/architecture.md): never a slower publisher, always a gap
// told.
#include <algorithm>
#include <functional>
#include <utility>

#include "broker/broker.hpp"
#include "broker/mqtt_session.hpp"

namespace vigil::broker {
namespace {

constexpr std::size_t gaps_max = 1000;
// So much of a bound is free again once it was passed. One look at all sessions then makes room for
// many messages, also where thousands of sessions hold a little each.
constexpr std::size_t freed_part = 16;

}  // namespace

void Broker::LostMessages::add(const QueuedMessage& message) {
    if (message.qos == 0) return;
    ++count;
    if (message.offset == 0) return;
    first = first == 0 ? message.offset : std::min(first, message.offset);
    last = std::max(last, message.offset);
}

void Broker::note_gap(const SessionState& state, const LostMessages& lost, Timestamp now) {
    if (lost.count == 0) return;
    statistics_.lost += lost.count;
    if (gaps_.size() == gaps_max) gaps_.pop_front();
    gaps_.push_back({now,
                     state.principal.id,
                     state.client_identifier,
                     lost.count,
                     {applied_.partition, lost.first},
                     {applied_.partition, lost.last}});
}

bool Broker::all_have_room(std::size_t bytes) const {
    return waiting_.messages < limits_.all_queues_messages_max &&
           waiting_.bytes + bytes <= limits_.all_queues_bytes_max;
}

void Broker::keep_all_queues_bounded(Timestamp now) {
    const auto messages_max = limits_.all_queues_messages_max;
    const auto bytes_max = limits_.all_queues_bytes_max;
    const bool messages_over = waiting_.messages > messages_max;
    const bool bytes_over = waiting_.bytes > bytes_max;
    if (!messages_over && !bytes_over) return;
    std::vector<std::pair<double, SessionNumber>> by_share;
    for (const auto& [number, state] : sessions_) {
        const auto& held = state->waiting;
        const auto messages =
            static_cast<double>(held.messages) / static_cast<double>(messages_max);
        const auto bytes = static_cast<double>(held.bytes) / static_cast<double>(bytes_max);
        const auto share = std::max(messages_over ? messages : 0, bytes_over ? bytes : 0);
        if (share > 0) by_share.emplace_back(share, number);
    }
    std::ranges::sort(by_share, std::greater());
    for (const auto& [share, number] : by_share) {
        if (waiting_.messages <= messages_max - messages_max / freed_part &&
            waiting_.bytes <= bytes_max - bytes_max / freed_part)
            return;
        auto* state = find(number);
        if (state == nullptr) continue;
        ++statistics_.sessions_over_all_queues;
        end_session(*state, mqtt::ReasonCode::quota_exceeded, now);
    }
}

// From where on the message has to be read from the log; 0: nowhere. One that a subscription asked
// for as its topic's retained message is held by the broker itself while it is that.
std::uint64_t Broker::needed_from(const QueuedMessage& message) const {
    if (message.offset == 0 || (message.retain && retained_.holds(message.offset))) return 0;
    return carrier_from(message.offset);
}

std::uint64_t Broker::needed_from(const SessionState& state) const {
    std::uint64_t oldest = 0;
    const auto need = [&](const QueuedMessage& message) {
        const auto first = needed_from(message);
        if (first != 0 && (oldest == 0 || first < oldest)) oldest = first;
    };
    for (const auto& one : state.in_flight)
        if (one.stage <= InFlight::Stage::sent) need(one.queued);
    for (const auto& one : state.queue) need(one);
    return oldest;
}

Position Broker::needed_from() const {
    std::uint64_t oldest = 0;
    for (const auto& [number, state] : sessions_) {
        const auto first = needed_from(*state);
        if (first != 0 && (oldest == 0 || first < oldest)) oldest = first;
    }
    return {applied_.partition, oldest};
}

std::vector<SessionNumber> Broker::behind(Position before) const {
    std::vector<SessionNumber> out;
    for (const auto& [number, state] : sessions_) {
        const auto first = needed_from(*state);
        if (first != 0 && first < before.offset) out.push_back(number);
    }
    std::ranges::sort(out);
    return out;
}

void Broker::let_go(const std::vector<SessionNumber>& sessions, Position before, Timestamp now) {
    let_go_before_ = std::max(let_go_before_, before.offset);
    for (const auto number : sessions) {
        auto* state = find(number);
        if (state == nullptr) {
            record(Ended{.session = number});  // its end may have been in a commit that failed
            continue;
        }
        const auto first = needed_from(*state);
        if (first == 0 || first >= before.offset) continue;
        if (state->connection != nullptr) {
            ++statistics_.sessions_overtaken;
            end_session(*state, mqtt::ReasonCode::quota_exceeded, now);
            continue;
        }
        Pending pending;
        pending.kind = Pending::Kind::overtaking;
        pending.session = number;
        pending.before = before.offset;
        pending.ticket = record(Overtaken{number, before.offset});
        wait(std::move(pending), now);
    }
}

// The same on replay, in the place of the log where it was recorded.
void Broker::overtake(SessionState& state, std::uint64_t before, Timestamp now) {
    using enum InFlight::Stage;
    const auto is_overtaken = [&](const QueuedMessage& message) {
        const auto first = needed_from(message);
        return first != 0 && first < before;
    };
    LostMessages lost;
    state.drop_in_flight_if([&](InFlight& one) {
        if (one.stage > sent || !is_overtaken(one.queued)) return false;
        lost.add(one.queued);
        if (one.queued.qos != 2 || one.stage == recording) return true;
        // The client may know the packet identifier, and would take the next message that gets it
        // for this one: PUBREL lets it forget (MQTT 5.0 4.3.3).
        one.stage = state.connection != nullptr ? release_ready : released;
        return false;
    });
    state.drop_queued_if([&](const QueuedMessage& one) {
        if (!is_overtaken(one)) return false;
        lost.add(one);
        return true;
    });
    statistics_.overtaken += lost.count;
    note_gap(state, lost, now);
    if (state.connection != nullptr) state.connection->wake();
}

}  // namespace vigil::broker
