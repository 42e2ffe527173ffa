#include "collect/intake.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "collect/plausible.hpp"

namespace vigil::collect {
namespace {

constexpr std::uint8_t quota_exceeded = 0x97;

std::size_t sample_count(const Reading& reading) {
    const auto* block = std::get_if<WaveformBlock>(&reading.value);
    return block == nullptr ? 0 : block->samples.size();
}

}  // namespace

std::uint8_t reason_code(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::malformed:
            return 0x99;  // payload format invalid
        case Error::Kind::too_large:
            return 0x95;  // packet too large
        case Error::Kind::unknown_device:
        case Error::Kind::forbidden:
            return 0x87;  // not authorized
        case Error::Kind::busy:
            return quota_exceeded;
        case Error::Kind::internal:
            return 0x80;  // unspecified error
        case Error::Kind::unsupported:
        case Error::Kind::not_found:
        case Error::Kind::conflict:
            return 0x83;  // implementation specific error
    }
    return 0x80;
}

Intake::Intake(const Catalogue& catalogue, const identity::Registry& registry, store::Log& log,
               IntakeRules rules, Audience audience)
    : catalogue_(catalogue),
      registry_(registry),
      log_(log),
      rules_(rules),
      audience_(std::move(audience)) {
    if (const auto* battery = catalogue.find("battery_level")) battery_ = battery->id;
}

std::optional<broker::Accepted> Intake::publish(const broker::Published& from) {
    const auto topic = payload_topic(from.topic);
    if (!topic) return std::nullopt;
    ++counts_.messages;
    counts_.bytes += from.payload.size();
    Message message{.topic = from.topic,
                    .content_type = from.content_type,
                    .raw = from.payload,
                    .sender = from.sender.device,
                    .sender_name = from.sender.id,
                    .device = nullptr,
                    .received = from.received,
                    .identity = {}};
    if (!message
             .sender)  // an account that speaks for the topic's device, as the site's rules let it
        if (const auto* device = registry_.find_device(topic->device)) message.sender = device->id;
    patients_.clear();
    auto& sender = devices_.of(message.sender);
    sender.last_seen = from.received;
    if (sender.session == 0 && sender.since) {
        // Heard with no connection of its own: an account speaks for it, as before the start.
        sender.since.reset();
        audience_.device_changed(message.sender);
    }
    sender.seen.prefetch();
    if (auto decoded = decode(*topic, message); !decoded)
        return quarantine(message, {std::move(decoded).error()});

    message.identity = identity_of(message);
    bool suspected = false;
    if (!message.identity) {
        // No identity of its own: known again only while the exchange it came in is open.
        const auto bytes = fingerprint(from.payload, message.sender.value);
        suspected = sender.suspects.suspects(bytes, from.received);
        sender.suspects.sent(bytes, from.received);
        message.identity = from.exchange;  // the broker looks for it in the log after a restart
    }
    if (message.identity && !sender.seen.add(message.identity, from.received)) {
        ++counts_.resent;
        // The first one may still be on its way to the disk: nothing appended later is there
        // sooner.
        note_patient(registry_.patient_at(message.device->id, message.received));
        return broker::Accepted{.ticket = last_ticket_, .patients = patients_};
    }

    auto reasons = std::exchange(decoded_.unread, {});
    const auto before = last_ticket_;
    const auto ticket = file_and_append(message, suspected);
    if (reasons.empty())
        return broker::Accepted{.ticket = ticket,
                                .carrier = decoded_.readings.empty() ? 0 : raw_ticket_,
                                .patients = patients_};
    auto answer = quarantine(message, std::move(reasons));
    if (ticket != before) answer.kept = true;  // its readings are
    if (!answer.kept && message.identity) sender.seen.forget(message.identity);
    return answer;
}

Result<void> Intake::decode(const PayloadTopic& topic, Message& message) {
    // Nearly always a device speaks for itself.
    const auto* sender = registry_.device(message.sender);
    const auto* named = sender != nullptr && sender->external_id == topic.device
                            ? sender
                            : registry_.find_device(topic.device);
    if (named == nullptr)
        return fail(Error::Kind::unknown_device,
                    "no device of this name is registered; register it and replay this message",
                    std::string(topic.device));
    message.device = named;
    if (const auto sub_device = topic.address.sub_device; !sub_device.empty()) {
        message.device = device_named(named->id, sub_device);
        if (message.device == nullptr)
            return fail(Error::Kind::unknown_device,
                        "the gateway names a device that is not registered; register it and replay",
                        std::string(sub_device));
    }
    const codec::DecodeContext context{
        .catalogue = catalogue_,
        .receive_time = message.received,
        .default_offset_minutes = message.device->utc_offset_minutes};
    VIGIL_CHECK(decoder_.decode(topic.address, topic.device, message.raw, context,
                                devices_.of(message.device->id).ble, decoded_));
    if (decoded_.sub_device == message.device->external_id) return {};
    if (decoded_.sub_device.empty()) return {};
    message.device = device_named(message.device->id, decoded_.sub_device);
    if (message.device == nullptr)
        return fail(Error::Kind::unknown_device,
                    "the message names a device that is not registered; register it and replay",
                    decoded_.sub_device);
    return {};
}

// Of the topic's device, and of those that speak through it: which of them only the message says.
std::vector<PatientId> Intake::patients_of(std::string_view text) const {
    std::vector<PatientId> patients;
    const auto topic = payload_topic(text);
    const auto* device = topic ? registry_.find_device(topic->device) : nullptr;
    if (device != nullptr && !topic->address.sub_device.empty())
        device = device_named(device->id, topic->address.sub_device);
    if (device == nullptr) return patients;
    for (const auto& [id, each] : registry_.devices()) {
        if (id != device->id && each.gateway != device->id) continue;
        for (const auto& span : registry_.spans(id)) patients.push_back(span.patient);
    }
    std::ranges::sort(patients);
    patients.erase(std::ranges::unique(patients).begin(), patients.end());
    return patients;
}

// A gateway speaks for the devices registered under it, and for itself.
const identity::Device* Intake::device_named(DeviceId sender, std::string_view name) const {
    const auto* device = registry_.find_device(name);
    if (device == nullptr || (device->gateway != sender && device->id != sender)) return nullptr;
    return device;
}

Fingerprint Intake::identity_of(const Message& message) const {
    const auto seed = message.device->id.value;
    if (const auto& id = decoded_.payload_identity)
        return fingerprint({reinterpret_cast<const char*>(&id), sizeof id}, seed);
    // (device, channel, device time, value): the same bytes say the same of the same time.
    const auto timed = [](const Reading& reading) { return reading.device_time.has_value(); };
    if (decoded_.readings.empty() || !std::ranges::all_of(decoded_.readings, timed)) return {};
    return fingerprint(message.raw, seed);
}

void Intake::note_patient(PatientId patient) {
    if (patient && std::ranges::find(patients_, patient) == patients_.end())
        patients_.push_back(patient);
}

store::Ticket Intake::file_and_append(const Message& message, bool suspected) {
    auto& state = devices_.of(message.device->id);
    // One that is read again came long ago.
    if (state.last_seen < message.received) state.last_seen = message.received;
    const auto said = look_at_clock(message, state);
    filed_times_.clear();
    std::size_t from = 0;
    PatientId patient;
    for (std::size_t i = 0; i < decoded_.readings.size(); ++i) {
        auto& reading = decoded_.readings[i];
        const auto filed_time = file(message, state, said, reading, suspected);
        filed_times_.push_back(filed_time);
        note_battery(message.device->id, state, reading, filed_time);
        const auto of = registry_.patient_at(message.device->id, filed_time);
        if (i > 0 && of != patient) {
            append_group(message, patient, from, i);
            from = i;
        }
        patient = of;
        note_patient(of);
    }
    if (decoded_.readings.empty()) return last_ticket_;  // it told only its clock
    return append_group(message, patient, from, decoded_.readings.size());
}

// Marks what the reading's status has to tell, and says when it is filed.
Timestamp Intake::file(const Message& message, const DeviceState& state, const FiledTime& said,
                       Reading& reading, bool suspected) {
    const auto filed = placed(message, state, said, reading);
    if (decoded_.kept) reading.status |= status::stored_data;
    if (filed.clock_fault) reading.status |= status::clock;
    if (suspected) reading.status |= status::possible_duplicate;
    if (message.received - filed.time > rules_.late_after) reading.status |= status::late;
    mark_implausible(catalogue_, reading);
    return filed.time;
}

// Readings `from` to `to`, all of one patient, as an entry. The first holds the message's raw form.
store::Ticket Intake::append_group(const Message& message, PatientId patient, std::size_t from,
                                   std::size_t to, std::uint32_t first_sequence) {
    const auto readings = std::span<const Reading>(decoded_.readings).subspan(from, to - from);
    const auto filed_times = std::span<const Timestamp>(filed_times_).subspan(from, to - from);
    body_.clear();
    const auto readings_at = encode({.device = message.device->id,
                                     .receive_time = message.received,
                                     .source = message.topic,
                                     .raw_content_type = message.content_type,
                                     .raw = from == 0 ? message.raw : std::string_view(),
                                     .offset_minutes = decoded_.offset_minutes,
                                     .first_sequence = first_sequence,
                                     .readings = {}},
                                    readings, filed_times, body_);
    last_ticket_ = log_.append(store::EntryKind::batch, patient, message.identity, body_);
    if (from == 0) raw_ticket_ = last_ticket_;
    counts_.readings += readings.size();
    for (const auto& reading : readings) counts_.samples += sample_count(reading);
    const auto waiting = std::string_view(body_).substr(readings_at);
    pending_readings_.push(waiting);
    pending_.push_back({.ticket = last_ticket_,
                        .identity = message.identity,
                        .registry_generation = registry_.generation(),
                        .receive_time = message.received,
                        .sender = message.sender,
                        .device = message.device->id,
                        .patient = patient,
                        .first_sequence = first_sequence,
                        .readings_bytes = static_cast<std::uint32_t>(waiting.size())});
    return last_ticket_;
}

void Intake::note_battery(DeviceId device, DeviceState& state, const Reading& reading,
                          Timestamp filed_time) const {
    if (reading.metric != battery_) return;
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value);
        numeric != nullptr && numeric->special == SpecialValue::none) {
        state.battery_percent = numeric->value;
        state.battery_at = filed_time;
        audience_.device_changed(device);
    }
}

broker::Accepted Intake::quarantine(const Message& message, std::vector<Error> reasons) {
    auto& sender = devices_.of(message.sender);
    if (sender.open_unread >= rules_.open_unread_per_sender_max) {
        ++counts_.over_quota;
        return {.ticket = last_ticket_,
                .reason_code = quota_exceeded,
                .kept = false,
                .reason = "too many messages of this sender wait in quarantine"};
    }
    ++sender.open_unread;
    ++counts_.unread;
    const auto& first = reasons.front();
    const auto code = reason_code(first.kind);
    auto reason = first.place.empty() ? first.message : first.place + ": " + first.message;
    body_.clear();
    encode(Unread{.receive_time = message.received,
                  .sender = message.sender,
                  .sender_name = message.sender_name,
                  .protocol = "mqtt",
                  .source = message.topic,
                  .content_type = message.content_type,
                  .raw = message.raw,
                  .reasons = std::move(reasons)},
           body_);
    // Sealed with their patient's data, as far as that can be told of what cannot be read.
    const auto patient = registry_.patient_at(
        message.device != nullptr ? message.device->id : message.sender, message.received);
    note_patient(patient);
    last_ticket_ = log_.append(store::EntryKind::unread, patient, message.identity, body_);
    pending_unread_.push_back({last_ticket_, patient, body_});
    return {.ticket = last_ticket_,
            .reason_code = code,
            .carrier = last_ticket_,
            .patients = patients_,
            .reason = std::move(reason)};
}

std::optional<broker::KeptMessage> Intake::kept(const store::Entry& entry) const {
    if (entry.kind == store::EntryKind::unread) {
        const auto unread = decode_unread(entry.body);
        if (!unread) return std::nullopt;
        return broker::KeptMessage{unread->source, unread->raw};
    }
    Batch batch;
    if (entry.kind != store::EntryKind::batch || !vigil::decode(entry.body, batch))
        return std::nullopt;
    if (!batch.raw_digest.empty()) return std::nullopt;  // retention has taken it
    return broker::KeptMessage{batch.source, batch.raw};
}

void Intake::connected(const broker::Principal& principal, Timestamp now) {
    if (principal.kind != broker::Principal::Kind::device) return;
    auto& state = devices_.of(principal.device);
    const bool came = state.connections++ == 0;
    if (came) state.since = now;
    state.session = ++sessions_;
    state.suspects.reconnected(now);
    if (came) audience_.device_changed(principal.device);
}

void Intake::disconnected(const broker::Principal& principal, Timestamp now) {
    if (principal.kind != broker::Principal::Kind::device) return;
    auto& state = devices_.of(principal.device);
    if (state.connections == 0) return;
    if (--state.connections > 0) return;
    state.since = now;
    audience_.device_changed(principal.device);
}

void Intake::on_commit(const store::Commit& commit) {
    while (!pending_unread_.empty() && pending_unread_.front().ticket <= commit.last) {
        const auto& [ticket, patient, body] = pending_unread_.front();
        if (commit.outcome)
            audience_.unread({commit.first_position.partition,
                              commit.first_position.offset + (ticket - commit.first)},
                             patient, body);
        pending_unread_.pop_front();
    }
    while (!pending_.empty() && pending_.front().ticket <= commit.last) {
        const auto& pending = pending_.front();
        Position position;
        if (commit.outcome) {
            position = commit.first_position;
            position.offset += pending.ticket - commit.first;
        } else if (pending.identity) {
            devices_.of(pending.sender).seen.forget(pending.identity);
        }
        arrive(pending, position);
        pending_readings_.pop(pending.readings_bytes);
        pending_.pop_front();
    }
}

// Who a reading belongs to is decided here, when its entry's turn has come: an association that was
// committed while it was on its way to the disk counts. Replay decides the same way.
void Intake::arrive(const Pending& pending, Position position) {
    const auto encoded = pending_readings_.front(pending.readings_bytes);
    [[maybe_unused]] const auto read = decode_readings(encoded, pending.receive_time, arriving_);
    assert(read);  // this process wrote them
    const FiledMessage message{.position = position,
                               .patient = pending.patient,
                               .device = pending.device,
                               .receive_time = pending.receive_time,
                               .readings = arriving_,
                               .first_sequence = pending.first_sequence,
                               .encoded = encoded};
    if (pending.registry_generation == registry_.generation()) return audience_.arrived(message);
    filed_by_patient(registry_, message, audience_.arrived);
}

void filed_by_patient(const identity::Registry& registry, const FiledMessage& message,
                      const std::function<void(const FiledMessage&)>& visit) {
    const auto patient_of = [&](std::size_t i) {
        return registry.patient_at(message.device, message.readings[i].filed_time);
    };
    for (std::size_t from = 0, to = 0; from < message.readings.size(); from = to) {
        auto part = message;
        part.patient = patient_of(from);
        for (to = from + 1; to < message.readings.size() && patient_of(to) == part.patient;) ++to;
        part.readings = message.readings.subspan(from, to - from);
        part.first_sequence = message.first_sequence + static_cast<std::uint32_t>(from);
        if (part.readings.size() != message.readings.size()) part.encoded = {};
        visit(part);
    }
}

void Intake::replay(const store::Entry& entry) {
    if (entry.kind != store::EntryKind::batch && entry.kind != store::EntryKind::unread) return;
    // Resends come from whoever sent it: a gateway, or the device itself.
    DeviceId sender;
    Timestamp received;
    std::string_view source;
    if (entry.kind == store::EntryKind::batch) {
        Batch batch;
        if (!vigil::decode(entry.body, batch)) return;
        source = batch.source;
        sender = batch.device;
        received = batch.receive_time;
        begin_last_seen(batch.device, received);
    } else {
        const auto unread = decode_unread(entry.body);
        if (!unread) return;
        sender = unread->sender;
        received = unread->receive_time;
    }
    if (const auto topic = payload_topic(source))
        if (const auto* device = registry_.find_device(topic->device)) sender = device->id;
    begin_last_seen(sender, received);
    if (entry.identity) devices_.of(sender).seen.add(entry.identity, entry.commit_time);
}

void Intake::begin_last_seen(DeviceId id, Timestamp when) {
    const auto* device = registry_.device(id);
    if (device == nullptr) return;
    auto& state = devices_.of(id);
    if (state.last_seen >= when) return;
    state.last_seen = when;
    // Who sends through a gateway holds no connection that could have ended.
    if (!device->gateway) state.since = when;
}

void Intake::begin_open_unread(DeviceId sender, std::uint32_t count) {
    devices_.of(sender).open_unread = count;
}

void Intake::unread_decided(std::string_view sender) {
    const auto* device = registry_.find_device(sender);
    if (device == nullptr) return;
    auto& open = devices_.of(device->id).open_unread;
    if (open > 0) --open;
}

Result<Intake::Reread> Intake::read_again(const Unread& unread) {
    const auto topic = payload_topic(unread.source);
    if (!topic) return fail(Error::Kind::unsupported, "its topic carries no readings", "topic");
    Message message{.topic = unread.source,
                    .content_type = unread.content_type,
                    .raw = unread.raw,
                    .sender = unread.sender,
                    .sender_name = unread.sender_name,
                    .device = nullptr,
                    .received = unread.receive_time,
                    .identity = {}};
    VIGIL_CHECK(decode(*topic, message));
    if (!decoded_.unread.empty()) return tl::unexpected(decoded_.unread.front());
    if (decoded_.readings.empty()) return Reread{last_ticket_, 0};
    message.identity = identity_of(message);
    const auto count = decoded_.readings.size();
    return Reread{file_and_append(message, false), count};
}

}  // namespace vigil::collect
