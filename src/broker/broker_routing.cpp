// From a PUBLISH to the queues of those who want it: MQTT 5.0 3.3.4, 3.8.4, 4.5 and 4.8.
#include <algorithm>
#include <cassert>

#include "broker/broker.hpp"
#include "broker/mqtt_session.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::broker {

bool Broker::may_retain(std::string_view topic, std::size_t bytes) const {
    if (bytes == 0) return true;
    if (retained_.bytes() + bytes > limits_.retained_bytes_max) return false;
    return retained_.count() < limits_.retained_messages_max || retained_.holds(topic);
}

// One member gets the message, of those who may: in turn, those that are connected before those
// that are not.
const Subscriber* Broker::choose(ShareGroup& group, std::span<const PatientId> patients) {
    const Subscriber* away = nullptr;
    const auto first = group.next;
    auto after_away = first;
    for (auto turn = first; turn < first + group.members.size(); ++turn) {
        const auto& member = group.members[turn % group.members.size()];
        const auto* state = find(member.session);
        const bool is_here = state != nullptr && state->connection != nullptr;
        if ((!is_here && away != nullptr) || !may_receive(member.session, patients)) continue;
        if (is_here) {
            group.next = turn + 1;
            return &member;
        }
        away = &member;
        after_away = turn + 1;
    }
    group.next = after_away;
    return away;
}

bool Broker::may_receive(SessionNumber session, std::span<const PatientId> patients) {
    if (patients.empty()) return true;
    const auto* state = find(session);
    return state != nullptr && gatekeeper_.may_receive(state->principal, patients);
}

// What was retained, kept over a restart or handed on comes long after it was judged.
bool Broker::may_still_receive(const SessionState& state, const QueuedMessage& message) {
    if (message.is_judged || state.principal.kind == Principal::Kind::device) return true;
    const auto patients = inbound_.patients_of(message.message->topic());
    return patients.empty() || gatekeeper_.may_receive(state.principal, patients);
}

void Broker::route(const Incoming& incoming, std::span<const PatientId> patients,
                   std::vector<Delivery>& out) {
    const auto& packet = incoming.packet;
    const auto add = [&](const Subscriber& subscriber, bool merge) {
        if (!merge || out.empty() || out.back().session != subscriber.session)
            out.emplace_back().session = subscriber.session;
        auto& delivery = out.back();
        delivery.qos = std::max(delivery.qos, std::min(subscriber.qos, packet.qos));
        delivery.retain |= packet.retain && subscriber.retain_as_published;
        if (subscriber.identifier != 0)
            delivery.subscription_identifiers.push_back(subscriber.identifier);
    };
    for (const auto& subscriber : incoming.matches.subscribers)
        if ((!subscriber.no_local || subscriber.session != incoming.publisher.number) &&
            may_receive(subscriber.session, patients))
            add(subscriber, true);
    for (auto* group : incoming.matches.groups)
        if (const auto* member = choose(*group, patients)) {
            add(*member, false);
            out.back().share = group->share;
        }
}

// Only what must survive a restart costs an entry of its own.
bool Broker::wants_entry(const Delivery& delivery) const {
    if (delivery.qos == 0) return false;
    const auto* state = find(delivery.session);
    return state != nullptr && state->recorded && state->outlives_connection();
}

void Broker::say_deliveries(const std::vector<Delivery>& deliveries, MessageEntry& entry) const {
    entry.deliveries.clear();
    for (const auto& delivery : deliveries)
        if (wants_entry(delivery)) entry.deliveries.push_back(delivery);
}

Broker::Taken Broker::take(const Incoming& incoming) {
    const auto& packet = incoming.packet;
    const auto& publisher = incoming.publisher;
    Taken out;
    auto accepted = inbound_.publish(
        {.sender = publisher.principal,
         .topic = packet.topic,
         .payload = packet.payload,
         .content_type = packet.properties.content_type.value_or(std::string_view()),
         .qos = packet.qos,
         .duplicate = packet.duplicate,
         .retain = packet.retain,
         .exchange = incoming.exchange,
         .received = incoming.received});
    if (accepted) out.why = std::move(accepted->reason);
    if (accepted && !accepted->kept) {
        out.reason = static_cast<mqtt::ReasonCode>(accepted->reason_code);
        out.kept = false;
        return out;
    }
    auto& deliveries = routed_;
    deliveries.clear();
    if (!incoming.matches.empty())
        route(incoming, accepted ? accepted->patients : std::span<const PatientId>(), deliveries);
    if (accepted) {
        out.ticket = accepted->ticket;
        out.reason = static_cast<mqtt::ReasonCode>(accepted->reason_code);
    } else if (deliveries.empty()) {
        out.reason = mqtt::ReasonCode::no_matching_subscribers;
    }

    // A PUBREC that refuses ends the exchange (4.3.3); 3.1.1 knows none.
    const bool holds_exchange = packet.qos == 2 && publisher.recorded && !incoming.is_will &&
                                !(incoming.refusable && is_error(out.reason));
    auto& entry = entry_;
    say_deliveries(deliveries, entry);
    const bool has_entry = (!accepted && packet.qos > 0) || packet.retain ||
                           !entry.deliveries.empty() || (incoming.is_will && publisher.recorded);
    if (has_entry || !deliveries.empty()) {
        out.outgoing = outgoing_.make();
        out.outgoing->set(packet, incoming.received);
        out.outgoing->deliveries.swap(deliveries);
        out.outgoing->has_entry = has_entry;
    }
    if (has_entry) {
        entry.publisher = holds_exchange ? publisher.number : 0;
        entry.packet_identifier = holds_exchange ? packet.packet_identifier : std::uint16_t{0};
        entry.will_of = incoming.is_will && publisher.recorded ? publisher.number : 0;
        entry.carrier.reset();
        // A retained message is its topic's state and outlives the readings' raw form: it is kept
        // whole. Any other stands in the log once.
        if (accepted && accepted->carrier != 0 && !packet.retain &&
            accepted->ticket - accepted->carrier < carrier_distance_max)
            entry.carrier =
                carrier_of(packet.topic, packet.payload, accepted->ticket + 1 - accepted->carrier);
        scratch_.clear();
        encode_message_entry(*out.outgoing, entry, scratch_);
        // What inbound took already stands in the log under the exchange's name.
        out.ticket = log_.append(store::EntryKind::message, PatientId{},
                                 accepted ? Fingerprint{} : incoming.exchange, scratch_);
        assert(!entry.carrier || out.ticket == accepted->ticket + 1);
    } else if (holds_exchange) {
        out.ticket = record(Received{publisher.number, packet.packet_identifier});
    }
    return out;
}

void Broker::deliver(const Counted<Outgoing>& outgoing, Timestamp now) {
    const Message& message = *outgoing;
    const MessagePointer pointer(outgoing);
    if (message.retain) retained_.set(pointer);
    for (auto& delivery : outgoing->deliveries) {
        auto* state = find(delivery.session);
        if (state == nullptr) continue;
        const bool durable = outgoing->has_entry && wants_entry(delivery);
        queue(*state,
              {.message = pointer,
               .offset = durable ? message.position.offset : 0,
               .size = static_cast<std::uint32_t>(message.size()),
               .qos = delivery.qos,
               .retain = delivery.retain,
               .share = delivery.share,
               .expires = message.expires,
               .subscription_identifiers = std::move(delivery.subscription_identifiers),
               .is_judged = true},
              now);
    }
}

bool Broker::has_room(const SessionState& state, std::size_t bytes) const {
    return state.queue.size() < limits_.queue_messages_max &&
           state.queue_bytes + bytes <= limits_.queue_bytes_max;
}

void Broker::queue(SessionState& state, QueuedMessage message, Timestamp now) {
    if (!state.open && (message.qos == 0 || !state.outlives_connection())) return;
    if (!has_room(state, message.size)) {
        ++statistics_.sessions_over_queue;
        state.push(std::move(message));  // so that it is counted among what is lost
        return end_session(state, mqtt::ReasonCode::quota_exceeded, now);
    }
    if (message.offset != 0 &&
        (state.connection == nullptr || state.queue_bytes >= limits_.queue_held_bytes_max))
        message.message.reset();
    state.push(std::move(message));
    if (state.connection != nullptr) state.connection->wake();
}

// Retained messages that a subscription asks for have RETAIN 1 (3.3.1.3).
void Broker::queue_retained(SessionState& state, const RetainedWanted& wanted, Timestamp now) {
    std::vector<MessagePointer> found;
    retained_.match(wanted.filter, [&](const MessagePointer& one) { found.push_back(one); });
    const auto number = state.number;
    for (auto& message : found) {
        auto* still = find(number);
        if (still == nullptr) return;  // over its queue's bound
        QueuedMessage queued{.message = message,
                             .offset = 0,
                             .size = static_cast<std::uint32_t>(message->size()),
                             .qos = std::min(wanted.qos, message->qos),
                             .retain = true,
                             .share = 0,
                             .expires = message->expires,
                             .subscription_identifiers = {}};
        if (still->recorded && still->outlives_connection() && queued.qos > 0)
            queued.offset = message->position.offset;
        if (wanted.identifier != 0) queued.subscription_identifiers = {wanted.identifier};
        queue(*still, std::move(queued), now);
    }
}

// What a member of a shared subscription never acknowledged goes to another one when its session
// ends; but a QoS 2 message that it was sent is its alone (4.8.2).
void Broker::hand_on(SessionState& ended, Timestamp now) {
    std::map<std::uint32_t, ShareGroup*> groups;
    for (const auto& [filter, subscription] : ended.subscriptions) {
        if (!mqtt::is_shared(filter)) continue;
        subscriptions_.remove(ended.number, filter);
        if (auto* group = subscriptions_.group(filter)) groups[group->share] = group;
    }
    if (groups.empty()) return;
    const auto given = [&](const QueuedMessage& message) {
        if (message.share == 0 || message.qos == 0) return false;
        const auto first = needed_from(message);
        if (first != 0 && first < let_go_before_) return false;
        const auto group = groups.find(message.share);
        return group != groups.end() && hand_on(message, *group->second, now);
    };
    ended.drop_in_flight_if([&](const InFlight& one) {
        using enum InFlight::Stage;
        const bool its_own = one.queued.qos == 2 && (one.stage >= sent || one.duplicate);
        return !its_own && one.stage <= sent && given(one.queued);
    });
    ended.drop_queued_if(given);
}

bool Broker::hand_on(const QueuedMessage& message, ShareGroup& group, Timestamp now) {
    const auto patients =
        message.message ? inbound_.patients_of(message.message->topic()) : std::vector<PatientId>();
    const auto* chosen = choose(group, patients);
    if (chosen == nullptr) return false;
    const auto& member = *chosen;
    auto* state = find(member.session);
    // A full queue is no reason to end its session too: then the message is lost, and told as such.
    if (state == nullptr || !has_room(*state, message.size) || !all_have_room(message.size))
        return false;
    if (!state->open && (member.qos == 0 || !state->outlives_connection())) return false;
    auto handed = message;
    handed.qos = std::min(member.qos, message.message ? message.message->qos : message.qos);
    handed.retain = message.retain && member.retain_as_published;
    handed.is_judged = false;
    handed.subscription_identifiers.clear();
    if (member.identifier != 0) handed.subscription_identifiers = {member.identifier};
    const Delivery delivery{.session = state->number,
                            .qos = handed.qos,
                            .retain = handed.retain,
                            .share = handed.share,
                            .subscription_identifiers = handed.subscription_identifiers};
    if (!wants_entry(delivery)) {
        queue(*state, std::move(handed), now);
    } else if (handed.offset != 0) {
        record(queued_record(state->number, handed));
        queue(*state, std::move(handed), now);
    } else {
        // So far it was for a session that ends with its connection, and needed no entry.
        Pending pending;
        pending.outgoing = outgoing_.make();
        pending.outgoing->set(*message.message);
        pending.outgoing->deliveries = {delivery};
        pending.outgoing->has_entry = true;
        scratch_.clear();
        MessageEntry entry;
        entry.deliveries = {delivery};
        encode_message_entry(*message.message, entry, scratch_);
        pending.ticket = log_.append(store::EntryKind::message, PatientId{}, {}, scratch_);
        wait(std::move(pending), now);
    }
    return true;
}

void Broker::subscribe(SessionState& state, const StoredSubscription& subscription) {
    state.subscriptions[subscription.filter] = subscription;
    subscriptions_.add(state.number, subscription);
}

bool Broker::unsubscribe(SessionState& state, std::string_view filter) {
    const auto found = state.subscriptions.find(filter);
    if (found == state.subscriptions.end()) return false;
    subscriptions_.remove(state.number, filter);
    state.subscriptions.erase(found);
    return true;
}

void Broker::ask_backlog(SessionState& state) {
    if (!state.backlog_wanted.empty()) return;
    std::vector<Position> wanted;
    const auto want = [&](const QueuedMessage& message) {
        if (message.message || wanted.size() >= Backlog::positions_max) return;
        wanted.push_back({applied_.partition, message.offset});
        state.backlog_wanted.push_back(message.offset);
    };
    for (const auto& one : state.in_flight)
        if (one.stage <= InFlight::Stage::ready) want(one.queued);
    for (const auto& one : state.queue) {
        if (wanted.size() >= Backlog::positions_max) break;
        want(one);
    }
    if (!wanted.empty()) backlog_.request(state.number, std::move(wanted));
}

void Broker::on_backlog(SessionNumber session, const std::vector<BacklogEntry>& entries) {
    auto* state = find(session);
    if (state == nullptr) return;
    const auto wanted = std::exchange(state->backlog_wanted, {});
    std::map<std::uint64_t, MessagePointer> bodies;
    for (const auto& entry : entries) bodies[entry.position.offset] = entry.message;
    // A retained message may be older than anything the log still has.
    if (entries.size() < wanted.size())
        retained_.for_each([&](const MessagePointer& message) {
            const auto offset = message->position.offset;
            if (std::ranges::find(wanted, offset) != wanted.end()) bodies[offset] = message;
        });
    const auto is_gone = [&](QueuedMessage& message) {
        if (message.message || std::ranges::find(wanted, message.offset) == wanted.end())
            return false;
        message.message = bodies[message.offset];
        return message.message == nullptr;
    };
    // What the log no longer has cannot be delivered: that is a gap, and told as one.
    LostMessages lost;
    state->drop_in_flight_if([&](InFlight& one) {
        if (one.stage > InFlight::Stage::ready || !is_gone(one.queued)) return false;
        lost.add(one.queued);
        return true;
    });
    state->drop_queued_if([&](QueuedMessage& one) {
        if (!is_gone(one)) return false;
        lost.add(one);
        return true;
    });
    note_gap(*state, lost, newest_time_);
    if (state->connection != nullptr) state->connection->wake();
}

}  // namespace vigil::broker
