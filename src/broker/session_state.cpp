#include "broker/session_state.hpp"

#include <algorithm>

namespace vigil::broker {

Fingerprint Exchanges::name(std::uint64_t exchange) const {
    return {base_, base_ ^ (exchange << 1)};
}

Fingerprint Exchanges::next(std::uint16_t packet, bool duplicate, bool remember) {
    if (!remember) return name((++count_ << 16) | packet);
    if (last_.empty()) last_.resize(remembered_max);
    auto& last = last_[packet % remembered_max];
    if (!duplicate || (last & 0xFFFF) != packet) last = (++count_ << 16) | packet;
    return name(last);
}

void Exchanges::recall(const Fingerprint& identity) {
    remember((identity.low ^ base_) >> 1);
}

void Exchanges::remember(std::uint64_t exchange) {
    const auto packet = exchange & 0xFFFF;
    if (packet == 0) return;
    if (last_.empty()) last_.resize(remembered_max);
    last_[packet % remembered_max] = exchange;
    count_ = std::max(count_, exchange >> 16);
}

std::vector<std::uint64_t> Exchanges::remembered() const {
    std::vector<std::uint64_t> out;
    for (const auto exchange : last_)
        if (exchange != 0) out.push_back(exchange);
    return out;
}

SessionEntry queued_record(SessionNumber session, const QueuedMessage& message) {
    Queued record{.session = session,
                  .offset = message.offset,
                  .size = message.size,
                  .qos = message.qos,
                  .retain = message.retain,
                  .expires = message.expires,
                  .subscription_identifiers = message.subscription_identifiers};
    if (message.share == 0) return record;
    return QueuedShared{std::move(record), message.share};
}

std::string session_key(const Principal& principal, std::string_view client_identifier) {
    std::string key = principal.kind == Principal::Kind::device ? "d" : "a";
    key.append(principal.id).push_back('\0');
    return key.append(client_identifier);
}

SessionState::~SessionState() {
    of_all_.messages -= waiting.messages;
    of_all_.bytes -= waiting.bytes;
}

void SessionState::push(QueuedMessage message) {
    for (auto* each : {&waiting, &of_all_}) {
        ++each->messages;
        each->bytes += message.size;
    }
    queue_bytes += message.size;
    queue.push_back(std::move(message));
}

QueuedMessage SessionState::pop() {
    auto message = take_first();
    waits_no_longer(message);
    return message;
}

QueuedMessage SessionState::take_first() {
    auto message = queue.pop_front();
    queue_bytes -= message.size;
    return message;
}

void SessionState::waits_no_longer(const QueuedMessage& message) {
    for (auto* each : {&waiting, &of_all_}) {
        --each->messages;
        each->bytes -= message.size;
    }
}

InFlight SessionState::next_in_flight() {
    // Less than once round since the oldest in flight got its identifier: none can be met again.
    const auto may_be_used = [&] {
        return !in_flight.empty() && assigned - in_flight.front().serial >= 0xFFFF &&
               find_in_flight(last_packet) != nullptr;
    };
    do {
        ++last_packet;
        ++assigned;
    } while (last_packet == 0 || may_be_used());
    InFlight out;
    out.packet = last_packet;
    out.serial = assigned;
    out.queued = take_first();
    return out;
}

InFlight* SessionState::find_in_flight(std::uint16_t packet) {
    const auto found = std::ranges::find(in_flight, packet, &InFlight::packet);
    return found == in_flight.end() ? nullptr : &*found;
}

ReceivedPacket* SessionState::find_received(std::uint16_t packet) {
    const auto found = std::ranges::find(received, packet, &ReceivedPacket::packet);
    return found == received.end() ? nullptr : &*found;
}

void SessionState::resume() {
    using enum InFlight::Stage;
    for (auto& one : in_flight) {
        if (one.stage == sent) {
            one.stage = ready;
            one.duplicate = true;
        } else if (one.stage == released) {
            one.stage = release_ready;
        }
    }
}

void SessionState::release_bodies() {
    for (auto& one : queue)
        if (one.offset != 0) one.message.reset();
    for (auto& one : in_flight)
        if (one.queued.offset != 0) one.queued.message.reset();
}

void SessionState::assign(std::uint16_t packet, std::uint64_t offset) {
    const auto found = std::ranges::find(queue, offset, &QueuedMessage::offset);
    if (found == queue.end()) return;
    // What stood before it was dropped then (expired, too large) or was QoS 0.
    while (queue.front().offset != offset) (void)pop();
    assigned += static_cast<std::uint16_t>(packet - last_packet);
    last_packet = packet;
    InFlight flight;
    flight.packet = packet;
    flight.serial = assigned;
    flight.stage = InFlight::Stage::sent;
    flight.queued = take_first();
    in_flight.push_back(std::move(flight));
}

void SessionState::acknowledge(std::uint16_t packet) {
    const auto found = std::ranges::find(in_flight, packet, &InFlight::packet);
    if (found == in_flight.end()) return;
    waits_no_longer(found->queued);
    in_flight.erase(found);
}

void SessionState::take_back_unrecorded() {
    using enum InFlight::Stage;
    while (!in_flight.empty() && in_flight.back().stage == recording) {
        auto queued = in_flight.pop_back().queued;
        queue_bytes += queued.size;
        queue.push_front(std::move(queued));
    }
    for (auto& one : in_flight)
        if (one.stage == releasing) one.stage = sent;
    std::erase_if(received, [](const ReceivedPacket& one) { return !one.durable; });
}

}  // namespace vigil::broker
