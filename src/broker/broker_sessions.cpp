// The life of MQTT sessions: MQTT 5.0 3.1.2.4, 3.1.2.5, 3.1.2.11.2 and 4.1.
#include <algorithm>
#include <cassert>

#include "base/bytes.hpp"
#include "broker/broker.hpp"
#include "broker/mqtt_session.hpp"

namespace vigil::broker {
SessionState* Broker::find(SessionNumber number) const {
    const auto found = sessions_.find(number);
    return found == sessions_.end() ? nullptr : found->second.get();
}

SessionState& Broker::create(SessionNumber number, std::uint64_t exchange_base, std::string key) {
    auto state = std::make_unique<SessionState>(number, exchange_base, waiting_);
    state->key = key;
    by_key_[std::move(key)] = number;
    by_exchange_base_[exchange_base] = number;
    last_session_ = std::max(last_session_, number);
    return *(sessions_[number] = std::move(state));
}

void Broker::forget_session(SessionNumber number) {
    const auto found = sessions_.find(number);
    if (found == sessions_.end()) return;
    const auto& state = *found->second;
    for (const auto& [filter, subscription] : state.subscriptions)
        subscriptions_.remove(number, filter);
    by_key_.erase(state.key);
    by_exchange_base_.erase(state.exchanges.base());
    sessions_.erase(found);
}

std::string Broker::unused_client_identifier(const Principal& principal, Timestamp now) {
    for (std::uint64_t salt = 0;; ++salt) {
        std::string seed = session_key(principal, {});
        ByteWriter writer(seed);
        writer.little_endian(unix_ns(now));
        writer.little_endian(last_session_ + 1 + salt);
        auto identifier = "vigil-" + std::to_string(fingerprint(seed).low);
        if (!by_key_.contains(session_key(principal, identifier))) return identifier;
    }
}

Broker::OpenedSession Broker::open_session(SessionRequest request, MqttSession& connection,
                                           Timestamp now) {
    const auto key = session_key(request.principal, request.client_identifier);
    const auto existing = [&]() -> SessionState* {
        const auto found = by_key_.find(key);
        return found == by_key_.end() ? nullptr : find(found->second);
    };
    auto* state = existing();
    if (state != nullptr && state->connection != nullptr) {
        state->connection->taken_over();
        close_session(*state, true, now);  // may end it
        state = existing();
    }
    if (state != nullptr && request.clean_start) {
        end_session(*state, mqtt::ReasonCode::success, now);
        state = nullptr;
    }
    const bool present = state != nullptr;
    if (!present) {
        if (sessions_.size() >= limits_.sessions_max) return {};
        std::string seed = key;
        ByteWriter(seed).little_endian(unix_ns(now));
        const auto number = last_session_ + 1;
        ByteWriter(seed).little_endian(number);
        state = &create(number, fingerprint(seed).low, key);
    }
    state->principal = std::move(request.principal);
    state->client_identifier = std::move(request.client_identifier);
    state->expiry_s = request.expiry_s;
    state->will = std::move(request.will);
    state->will_due.reset();  // [MQTT-3.1.3-9]
    state->expires.reset();
    state->connection = &connection;
    state->open = true;
    state->resume();

    const bool anew = std::exchange(state->record_lost, false);
    if (state->recorded || state->outlives_connection() || state->will) {
        state->recorded = true;
        record(Opened{state->number, state->exchanges.base(), state->principal,
                      state->client_identifier, state->expiry_s, state->will});
        if (anew)
            for (const auto& [filter, subscription] : state->subscriptions)
                record(Subscribed{state->number, subscription, false});
    }
    return {state, present};
}

// The connection is gone; `will_owed` unless the client said goodbye with reason 0x00.
void Broker::close_session(SessionState& state, bool will_owed, Timestamp now) {
    state.connection = nullptr;
    state.open = false;
    state.release_bodies();
    if (!will_owed) state.will.reset();
    if (state.recorded)
        record(Disconnected{state.number, now, state.expiry_s, state.will.has_value()});
    if (state.expiry_s == 0) return end_session(state, mqtt::ReasonCode::success, now);
    if (state.expiry_s != never_expires) {
        state.expires = now + std::chrono::seconds(state.expiry_s);
        schedule(state, *state.expires);
    }
    if (!state.will) return;
    const auto delay = std::min(state.will->delay_s, state.expiry_s);
    if (delay == 0) return publish_will(state, now);
    state.will_due = now + std::chrono::seconds(delay);
    schedule(state, *state.will_due);
}

void Broker::schedule(const SessionState& state, Timestamp time) {
    deadlines_.emplace(time, state.number);
}

void Broker::end_session(SessionState& state, mqtt::ReasonCode reason, Timestamp now) {
    if (state.connection != nullptr) {
        state.connection->session_ended(reason);
        state.connection = nullptr;
    }
    state.open = false;  // nothing is queued for it any more, not its own will either
    if (state.will) publish_will(state, now);
    hand_on(state, now);
    LostMessages lost;
    for (const auto& one : state.in_flight)
        if (one.stage <= InFlight::Stage::sent) lost.add(one.queued);
    for (const auto& one : state.queue) lost.add(one);
    note_gap(state, lost, now);
    if (state.recorded)
        record(Ended{.session = state.number,
                     .reason = static_cast<std::uint8_t>(reason),
                     .lost_messages = lost.count,
                     .first_lost = lost.first,
                     .last_lost = lost.last});
    forget_session(state.number);
}

void Broker::publish_will(SessionState& state, Timestamp now) {
    const auto will = *std::exchange(state.will, std::nullopt);
    state.will_due.reset();
    mqtt::Publish packet;
    if (const auto properties = mqtt::decode_property_block(will.properties))
        packet.properties = *properties;
    packet.properties.message_expiry_interval = will.message_expiry_s;
    packet.topic = will.topic;
    packet.payload = will.payload;
    packet.qos = will.qos;
    packet.retain = will.retain && may_retain(will.topic, will.payload.size());
    const auto matches = subscriptions_.match(packet.topic);
    auto taken = take({.packet = packet,
                       .publisher = state,
                       .matches = matches,
                       .received = now,
                       .exchange = {},
                       .is_will = true});
    Pending pending;
    pending.ticket = taken.ticket;
    pending.outgoing = std::move(taken.outgoing);
    wait(std::move(pending), now);
}

}  // namespace vigil::broker
