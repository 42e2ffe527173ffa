#include "broker/broker.hpp"

#include <algorithm>
#include <cassert>

#include "broker/mqtt_session.hpp"

namespace vigil::broker {

Broker::Broker(store::Log& log, Gatekeeper& gatekeeper, Inbound& inbound, Backlog& backlog,
               const BrokerLimits& limits)
    : log_(log), gatekeeper_(gatekeeper), inbound_(inbound), backlog_(backlog), limits_(limits) {}

Broker::~Broker() = default;

std::unique_ptr<session::ByteSession> Broker::connect(session::Peer peer) {
    return std::make_unique<MqttSession>(*this, std::move(peer));
}

Broker::ConnectionReference Broker::add_connection(MqttSession& session) {
    std::uint32_t index = 0;
    if (free_slots_.empty()) {
        index = static_cast<std::uint32_t>(connections_.size());
        connections_.emplace_back();
    } else {
        index = free_slots_.back();
        free_slots_.pop_back();
    }
    connections_[index].session = &session;
    ++connected_;
    return {index, connections_[index].generation};
}

void Broker::remove_connection(ConnectionReference reference) {
    assert(at(reference) != nullptr);
    auto& slot = connections_[reference.index];
    slot.session = nullptr;
    ++slot.generation;
    free_slots_.push_back(reference.index);
    --connected_;
}

MqttSession* Broker::at(ConnectionReference reference) const {
    if (reference.index >= connections_.size()) return nullptr;
    const auto& slot = connections_[reference.index];
    return slot.generation == reference.generation ? slot.session : nullptr;
}

store::Ticket Broker::record(const SessionEntry& entry) {
    scratch_.clear();
    encode_session_entry(entry, scratch_);
    return log_.append(store::EntryKind::session, PatientId{}, Fingerprint{}, scratch_);
}

void Broker::wait(Pending pending, Timestamp now) {
    // What needs no commit of its own still keeps its place behind what does (MQTT 5.0 4.6).
    if (!pending_.empty()) pending.ticket = std::max(pending.ticket, pending_.back().ticket);
    pending_.push_back(std::move(pending));
    if (!draining_) drain(nullptr, now);
}

void Broker::drain(const store::Commit* commit, Timestamp now) {
    draining_ = true;
    while (!pending_.empty() && pending_.front().ticket <= completed_ticket_) {
        auto pending = pending_.pop_front();
        perform(pending, commit, now);
    }
    draining_ = false;
}

void Broker::on_commit(const store::Commit& commit) {
    completed_ticket_ = commit.last;
    newest_time_ = commit.time;
    if (!commit.outcome) return commit_failed(commit, commit.time);
    applied_ = {commit.first_position.partition,
                commit.first_position.offset + (commit.last - commit.first)};
    drain(&commit, commit.time);
    keep_all_queues_bounded(commit.time);
    resume_slowed();
}

void Broker::perform(Pending& pending, const store::Commit* commit, Timestamp now) {
    if (pending.kind == Pending::Kind::publish) return published(pending, commit, now);
    auto* connection = at(pending.connection);
    auto* state = find(pending.session);
    switch (pending.kind) {
        case Pending::Kind::publish:
            break;
        case Pending::Kind::complete:
            if (state != nullptr)
                std::erase_if(state->received, [&](const ReceivedPacket& one) {
                    return one.packet == pending.packet;
                });
            if (connection != nullptr) connection->complete(pending.packet, pending.reason);
            break;
        case Pending::Kind::sending:
        case Pending::Kind::releasing:
            if (state != nullptr) recorded(*state, pending);
            break;
        case Pending::Kind::filter_answer:
            if (connection != nullptr) connection->answer(pending.answer->packet);
            for (const auto& wanted : pending.answer->retained)
                if (auto* still = find(pending.session)) queue_retained(*still, wanted, now);
            break;
        case Pending::Kind::overtaking:
            if (state != nullptr) overtake(*state, pending.before, now);
            break;
    }
}

void Broker::published(Pending& pending, const store::Commit* commit, Timestamp now) {
    if (pending.outgoing) {
        if (pending.outgoing->has_entry) {
            assert(commit != nullptr && pending.ticket >= commit->first);
            pending.outgoing->position = {
                commit->first_position.partition,
                commit->first_position.offset + (pending.ticket - commit->first)};
        }
        deliver(pending.outgoing, now);
    }
    auto* state = pending.qos == 2 ? find(pending.session) : nullptr;
    if (auto* received = state != nullptr ? state->find_received(pending.packet) : nullptr)
        received->durable = true;
    auto* connection = at(pending.connection);  // delivering may have ended it, over its bound
    if (connection == nullptr) return;
    if (pending.answer)
        connection->acknowledge(pending.qos, pending.answer->packet);
    else if (pending.qos > 0)
        connection->acknowledge(pending.qos, pending.packet, pending.reason);
}

// What waited for its packet identifier, or its release, to be on record may be sent.
void Broker::recorded(SessionState& state, const Pending& pending) {
    using enum InFlight::Stage;
    const bool sends = pending.kind == Pending::Kind::sending;
    for (auto& one : state.in_flight)
        if (one.stage == (sends ? recording : releasing) && one.recorded_by <= pending.ticket)
            one.stage = sends ? ready : release_ready;
    if (state.connection != nullptr) state.connection->wake();
}

// Nothing of it was stored: no acknowledgement leaves, and who waits for one is cut off, so that it
// sends again. Records of sessions may be among what was lost, so every recorded session's client
// has to come back, and is recorded anew.
void Broker::commit_failed(const store::Commit& commit, Timestamp now) {
    while (!pending_.empty() && pending_.front().ticket <= commit.last) {
        if (auto* connection = at(pending_.front().connection))
            connection->close_soon(mqtt::ReasonCode::server_busy);
        (void)pending_.pop_front();
    }
    for (auto& [number, state] : sessions_) {
        state->take_back_unrecorded();
        if (!state->recorded) continue;
        state->record_lost = true;
        if (state->connection != nullptr)
            state->connection->close_soon(mqtt::ReasonCode::server_busy);
    }
    drain(nullptr, now);
    resume_slowed();
}

void Broker::resume_slowed() {
    if (slowed_.empty() || log_.pending_bytes() > limits_.pending_log_bytes_max / 2) return;
    for (const auto reference : std::exchange(slowed_, {}))
        if (auto* connection = at(reference)) connection->wake();
}

void Broker::on_timer(Timestamp now) {
    newest_time_ = now;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto number = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        auto* state = find(number);
        if (state == nullptr) continue;
        if (state->will_due && *state->will_due <= now) publish_will(*state, now);
        state = find(number);
        if (state != nullptr && state->expires && *state->expires <= now)
            end_session(*state, mqtt::ReasonCode::success, now);
    }
    keep_all_queues_bounded(now);
}

void Broker::disconnect(Principal::Kind kind, std::string_view id, mqtt::ReasonCode reason) {
    for (const auto& slot : connections_)
        if (slot.session != nullptr && slot.session->is_of(kind, id))
            slot.session->close_soon(reason);
}

}  // namespace vigil::broker
