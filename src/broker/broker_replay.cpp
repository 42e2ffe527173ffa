// The broker's state out of the log: entries applied in order, on top of a snapshot.
#include <algorithm>

#include "base/bytes.hpp"
#include "broker/broker.hpp"

namespace vigil::broker {
namespace {

constexpr std::uint8_t snapshot_format = 1;
constexpr std::uint8_t retained_record = 0, session_record = 1, gap_record = 2;

}  // namespace

Result<void> Broker::replay(const store::Entry& entry) {
    if (entry.position.offset <= applied_.offset) return {};
    applied_ = entry.position;
    newest_time_ = entry.commit_time;
    switch (entry.kind) {
        case store::EntryKind::message: {
            VIGIL_TRY(decoded, decode_message_entry(entry.body));
            recall_exchange(entry.identity);
            apply(entry.position, decoded);
            return {};
        }
        case store::EntryKind::session: {
            VIGIL_TRY(decoded, decode_session_entry(entry.body));
            std::visit([&](const auto& one) { apply(one); }, decoded);
            return {};
        }
        case store::EntryKind::batch:
        case store::EntryKind::unread:
            recall_exchange(entry.identity);
            return {};
        default:
            return {};
    }
}

// A resend of what stands in the log is then known for one.
void Broker::recall_exchange(const Fingerprint& identity) {
    const auto found = by_exchange_base_.find(identity.high);
    if (found == by_exchange_base_.end()) return;
    if (auto* state = find(found->second)) state->exchanges.recall(identity);
}

void Broker::apply(Position position, const DecodedMessageEntry& decoded) {
    const auto& [message, entry] = decoded;
    message->position = position;
    if (message->retain) retained_.set(message);
    const auto size = message->size() + (entry.carrier ? entry.carrier->size : 0);
    for (const auto& delivery : entry.deliveries)
        if (auto* state = find(delivery.session))
            state->push({.message = {},
                         .offset = position.offset,
                         .size = static_cast<std::uint32_t>(size),
                         .qos = delivery.qos,
                         .retain = delivery.retain,
                         .share = delivery.share,
                         .expires = message->expires,
                         .subscription_identifiers = delivery.subscription_identifiers});
    if (entry.packet_identifier != 0) apply(Received{entry.publisher, entry.packet_identifier});
    if (auto* state = find(entry.will_of)) {
        state->will.reset();
        state->will_due.reset();
    }
}

void Broker::apply(const Opened& entry) {
    auto* state = find(entry.session);
    if (state == nullptr) {
        const auto key = session_key(entry.principal, entry.client_identifier);
        if (const auto old = by_key_.find(key); old != by_key_.end()) forget_session(old->second);
        state = &create(entry.session, entry.exchange_base, key);
    }
    state->principal = entry.principal;
    state->client_identifier = entry.client_identifier;
    state->expiry_s = entry.expiry_s;
    state->will = entry.will;
    state->recorded = true;
    state->open = true;
    state->expires.reset();
    state->will_due.reset();
}

void Broker::apply(const Subscribed& entry) {
    auto* state = find(entry.session);
    if (state == nullptr) return;
    subscribe(*state, entry.subscription);
    if (!entry.send_retained || !state->outlives_connection()) return;
    retained_.match(entry.subscription.filter, [&](const MessagePointer& message) {
        QueuedMessage queued;
        queued.offset = message->position.offset;
        queued.size = static_cast<std::uint32_t>(message->size());
        queued.qos = std::min(entry.subscription.qos, message->qos);
        queued.retain = true;
        queued.expires = message->expires;
        if (entry.subscription.identifier != 0)
            queued.subscription_identifiers = {entry.subscription.identifier};
        if (queued.qos > 0) state->push(std::move(queued));
    });
}

void Broker::apply(const Unsubscribed& entry) {
    if (auto* state = find(entry.session)) unsubscribe(*state, entry.filter);
}

void Broker::apply(const Sending& entry) {
    if (auto* state = find(entry.session))
        for (const auto& [packet, offset] : entry.packets) state->assign(packet, offset);
}

void Broker::apply(const Acknowledged& entry) {
    if (auto* state = find(entry.session))
        for (const auto packet : entry.packets) state->acknowledge(packet);
}

void Broker::apply(const Released& entry) {
    auto* state = find(entry.session);
    if (state == nullptr) return;
    for (const auto packet : entry.packets)
        if (auto* flight = state->find_in_flight(packet)) flight->stage = InFlight::Stage::released;
}

void Broker::apply(const Received& entry) {
    auto* state = find(entry.session);
    if (state == nullptr) return;
    if (state->find_received(entry.packet) == nullptr)
        state->received.push_back({entry.packet, true});
}

void Broker::apply(const Completed& entry) {
    if (auto* state = find(entry.session))
        std::erase_if(state->received,
                      [&](const ReceivedPacket& one) { return one.packet == entry.packet; });
}

void Broker::apply(const Disconnected& entry) {
    auto* state = find(entry.session);
    if (state == nullptr) return;
    state->open = false;
    state->expiry_s = entry.expiry_s;
    if (!entry.will_owed) state->will.reset();
    if (state->will)
        state->will_due =
            entry.at + std::chrono::seconds(std::min(state->will->delay_s, entry.expiry_s));
    if (entry.expiry_s != never_expires)
        state->expires = entry.at + std::chrono::seconds(entry.expiry_s);
}

void Broker::apply(const Ended& entry) {
    // A snapshot taken just before the entry was committed may tell of it already.
    const auto* state = find(entry.session);
    const bool told = std::ranges::any_of(gaps_, [&](const DeliveryGap& gap) {
        return state != nullptr && gap.client_identifier == state->client_identifier &&
               gap.principal == state->principal.id && gap.messages == entry.lost_messages &&
               gap.last.offset == entry.last_lost;
    });
    if (state != nullptr && !told)
        note_gap(*state, {entry.lost_messages, entry.first_lost, entry.last_lost}, newest_time_);
    forget_session(entry.session);
}

void Broker::apply(const Overtaken& entry) {
    if (auto* state = find(entry.session)) overtake(*state, entry.before, newest_time_);
}

void Broker::apply(const Queued& entry, std::uint32_t share) {
    if (auto* state = find(entry.session))
        state->push({.message = {},
                     .offset = entry.offset,
                     .size = entry.size,
                     .qos = entry.qos,
                     .retain = entry.retain,
                     .share = share,
                     .expires = entry.expires,
                     .subscription_identifiers = entry.subscription_identifiers});
}

void Broker::apply(const Exchanged& entry) {
    if (auto* state = find(entry.session))
        for (const auto exchange : entry.exchanges) state->exchanges.remember(exchange);
}

void Broker::start(Timestamp now) {
    std::vector<SessionNumber> numbers;
    numbers.reserve(sessions_.size());
    for (const auto& [number, state] : sessions_) numbers.push_back(number);
    std::ranges::sort(numbers);  // the same order every time
    for (const auto number : numbers) {
        auto* state = find(number);
        if (state == nullptr) continue;
        state->release_bodies();
        if (state->open) {
            close_session(*state, true, now);
            continue;
        }
        if (state->will_due) schedule(*state, *state->will_due);
        if (state->expires) schedule(*state, *state->expires);
    }
    on_timer(now);
}

namespace {

void append_record(const SessionEntry& entry, std::string& out) {
    std::string body;
    encode_session_entry(entry, body);
    ByteWriter writer(out);
    writer.u8(session_record);
    writer.sized(body);
}

void append_record(const Message& message, std::string& out) {
    std::string body;
    encode_message_entry(message, {}, body);
    ByteWriter writer(out);
    writer.u8(retained_record);
    writer.varint(message.position.offset);
    writer.sized(body);
}

void append_record(const DeliveryGap& gap, std::string& out) {
    ByteWriter writer(out);
    writer.u8(gap_record);
    writer.little_endian(unix_ns(gap.time));
    writer.sized(gap.principal);
    writer.sized(gap.client_identifier);
    writer.varint(gap.messages);
    writer.varint(gap.first.offset);
    writer.varint(gap.last.offset);
}

std::optional<DeliveryGap> read_gap(ByteReader& reader, std::uint32_t partition) {
    const auto time = reader.little_endian<std::int64_t>();
    const auto principal = reader.sized();
    const auto client_identifier = reader.sized();
    const auto messages = reader.varint();
    const auto first = reader.varint();
    const auto last = reader.varint();
    if (!time || !principal || !client_identifier || !messages || !first || !last)
        return std::nullopt;
    return DeliveryGap{
        from_unix_ns(*time), std::string(*principal), std::string(*client_identifier),
        *messages,           {partition, *first},     {partition, *last}};
}

// When the client left, as far as it matters: what is still to come counts from it.
Timestamp left_at(const SessionState& state) {
    if (state.expires) return *state.expires - std::chrono::seconds(state.expiry_s);
    if (!state.will_due) return {};
    return *state.will_due - std::chrono::seconds(std::min(state.will->delay_s, state.expiry_s));
}

// What is not durable yet is left out, or as it was before: the entries after the snapshot bring
// it.
void append_session(const SessionState& state, std::string& out) {
    const auto number = state.number;
    append_record(Opened{number, state.exchanges.base(), state.principal, state.client_identifier,
                         state.expiry_s, state.will},
                  out);
    for (const auto& [filter, subscription] : state.subscriptions)
        append_record(Subscribed{number, subscription, false}, out);
    const auto append_queued = [&](const QueuedMessage& one) {
        if (one.offset != 0) append_record(queued_record(number, one), out);
    };
    Sending sending{number, {}};
    Released released{number, {}};
    for (const auto& one : state.in_flight) {
        append_queued(one.queued);
        if (one.queued.offset == 0 || one.stage == InFlight::Stage::recording) continue;
        sending.packets.emplace_back(one.packet, one.queued.offset);
        if (one.stage >= InFlight::Stage::releasing) released.packets.push_back(one.packet);
    }
    for (const auto& one : state.queue) append_queued(one);
    append_record(sending, out);
    append_record(released, out);
    for (const auto& one : state.received)
        if (one.durable) append_record(Received{number, one.packet}, out);
    append_record(Exchanged{number, state.exchanges.remembered()}, out);
    if (!state.open)
        append_record(Disconnected{number, left_at(state), state.expiry_s, state.will.has_value()},
                      out);
}

}  // namespace

// The log's own records, a row of them:
//   format, partition and offset of the last entry, newest session number
//   0, offset, length, body of a `message` entry   a retained message
//   1, length, body of a `session` entry           the rest
//   2, time, principal, client identifier, messages, first and last offset   a gap
std::string Broker::snapshot() const {
    std::string out;
    ByteWriter writer(out);
    writer.u8(snapshot_format);
    writer.varint(applied_.partition);
    writer.varint(applied_.offset);
    writer.varint(last_session_);
    retained_.for_each([&](const MessagePointer& message) { append_record(*message, out); });
    for (const auto& [number, state] : sessions_)
        if (state->recorded) append_session(*state, out);
    for (const auto& gap : gaps_) append_record(gap, out);
    return out;
}

Result<void> Broker::restore(std::string_view snapshot) {
    ByteReader reader(snapshot);
    const auto damaged = [&] {
        return fail(Error::Kind::malformed, "the broker's snapshot is damaged",
                    "byte " + std::to_string(reader.position()));
    };
    if (reader.u8() != snapshot_format) return damaged();
    const auto partition = reader.varint();
    const auto offset = reader.varint();
    const auto newest = reader.varint();
    if (!partition || !offset || !newest) return damaged();
    while (!reader.empty()) {
        const auto tag = reader.u8();
        if (tag == gap_record) {
            auto gap = read_gap(reader, static_cast<std::uint32_t>(*partition));
            if (!gap) return damaged();
            gaps_.push_back(std::move(*gap));
            continue;
        }
        std::optional<std::uint64_t> at = 0;
        if (tag == retained_record) at = reader.varint();
        const auto body = reader.sized();
        if (!at || !body) return damaged();
        if (tag == retained_record) {
            VIGIL_TRY(decoded, decode_message_entry(*body));
            decoded.message->position = {static_cast<std::uint32_t>(*partition), *at};
            retained_.set(decoded.message);
        } else if (tag == session_record) {
            VIGIL_TRY(decoded, decode_session_entry(*body));
            std::visit([&](const auto& one) { apply(one); }, decoded);
        } else {
            return damaged();
        }
    }
    applied_ = {static_cast<std::uint32_t>(*partition), *offset};
    last_session_ = std::max<SessionNumber>(last_session_, *newest);
    return {};
}

}  // namespace vigil::broker
