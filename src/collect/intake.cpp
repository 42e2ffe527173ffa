#include "collect/intake.hpp"

#include <algorithm>
#include <utility>

#include "metric/unit.hpp"

namespace vigil::collect {
namespace {

constexpr std::uint8_t quota_exceeded = 0x97;

std::size_t sample_count(const Reading& reading) {
    const auto* block = std::get_if<WaveformBlock>(&reading.value);
    return block == nullptr ? 0 : block->samples.size();
}

// Outside the catalogue's artefact limits: kept as sent, flagged, never corrected.
bool implausible(const Metric& metric, const NumericValue& numeric) {
    if (numeric.special != SpecialValue::none) return false;
    if (!metric.plausible_min && !metric.plausible_max) return false;
    auto value = numeric.value;
    if (numeric.unit && metric.unit && numeric.unit != metric.unit) {
        const auto normal = units::convert(value, numeric.unit, metric.unit, metric.molar_mass);
        if (!normal) return false;
        value = *normal;
    }
    return (metric.plausible_min && value < *metric.plausible_min) ||
           (metric.plausible_max && value > *metric.plausible_max);
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
    auto& sender = devices_.of(message.sender);
    sender.last_seen = from.received;
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
        return broker::Accepted{last_ticket_, 0};
    }

    auto reasons = std::exchange(decoded_.unread, {});
    const auto before = last_ticket_;
    const auto ticket =
        decoded_.readings.empty() ? last_ticket_ : file_and_append(message, suspected);
    if (reasons.empty())
        return broker::Accepted{ticket, 0, decoded_.readings.empty() ? 0 : raw_ticket_};
    auto answer = quarantine(message, std::move(reasons));
    if (ticket != before) answer.kept = true;  // its readings are
    if (!answer.kept && message.identity) sender.seen.forget(message.identity);
    return answer;
}

Result<void> Intake::decode(const PayloadTopic& topic, Message& message) {
    const auto* named = registry_.find_device(topic.device);
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

store::Ticket Intake::file_and_append(const Message& message, bool suspected) {
    auto& state = devices_.of(message.device->id);
    state.last_seen = message.received;
    std::vector<FiledReading> group;
    group.reserve(decoded_.readings.size());
    PatientId patient;
    bool with_raw = true;
    for (auto& reading : decoded_.readings) {
        auto filed = file(message, state, std::move(reading), suspected);
        note_battery(message.device->id, state, filed);
        const auto of = registry_.patient_at(message.device->id, filed.filed_time);
        if (!group.empty() && of != patient) {
            append_group(message, patient, with_raw, std::exchange(group, {}));
            with_raw = false;
        }
        patient = of;
        group.push_back(std::move(filed));
    }
    return append_group(message, patient, with_raw, std::move(group));
}

FiledReading Intake::file(const Message& message, DeviceState& state, Reading reading,
                          bool suspected) {
    auto rules = rules_.clock;
    if (message.device->clock_tolerance) rules.tolerance = *message.device->clock_tolerance;
    const auto filed = state.clock.file(rules, reading.device_time, message.received,
                                        (reading.status & status::stored_data) != 0);
    if (filed.clock_fault) reading.status |= status::clock;
    if (suspected) reading.status |= status::possible_duplicate;
    if (message.received - filed.time > rules_.late_after) reading.status |= status::late;
    if (auto* numeric = std::get_if<NumericValue>(&reading.value);
        numeric != nullptr && implausible(catalogue_.at(reading.metric), *numeric))
        reading.status |= status::implausible;
    return {std::move(reading), filed.time};
}

store::Ticket Intake::append_group(const Message& message, PatientId patient, bool with_raw,
                                   std::vector<FiledReading> readings) {
    body_.clear();
    Batch batch{.device = message.device->id,
                .receive_time = message.received,
                .source = message.topic,
                .raw_content_type = message.content_type,
                .raw = with_raw ? message.raw : std::string_view(),
                .offset_minutes = decoded_.offset_minutes,
                .readings = std::move(readings)};
    encode(batch, body_);
    last_ticket_ = log_.append(store::EntryKind::batch, patient, message.identity, body_);
    if (with_raw) raw_ticket_ = last_ticket_;
    counts_.readings += batch.readings.size();
    for (const auto& filed : batch.readings) counts_.samples += sample_count(filed.reading);
    pending_.push_back({.ticket = last_ticket_,
                        .identity = message.identity,
                        .sender = message.sender,
                        .registry_generation = registry_.generation(),
                        .message = {.position = {},
                                    .patient = patient,
                                    .device = message.device->id,
                                    .receive_time = message.received,
                                    .readings = std::move(batch.readings)}});
    return last_ticket_;
}

void Intake::note_battery(DeviceId device, DeviceState& state, const FiledReading& filed) const {
    if (filed.reading.metric != battery_) return;
    if (const auto* numeric = std::get_if<NumericValue>(&filed.reading.value);
        numeric != nullptr && numeric->special == SpecialValue::none) {
        state.battery_percent = numeric->value;
        state.battery_at = filed.filed_time;
        audience_.device_changed(device);
    }
}

broker::Accepted Intake::quarantine(const Message& message, std::vector<Error> reasons) {
    auto& sender = devices_.of(message.sender);
    if (sender.open_unread >= rules_.open_unread_per_sender_max) {
        ++counts_.over_quota;
        return {.ticket = last_ticket_, .reason_code = quota_exceeded, .kept = false};
    }
    ++sender.open_unread;
    ++counts_.unread;
    const auto code = reason_code(reasons.front().kind);
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
    last_ticket_ = log_.append(store::EntryKind::unread, {}, message.identity, body_);
    pending_unread_.emplace_back(last_ticket_, body_);
    return {.ticket = last_ticket_, .reason_code = code, .carrier = last_ticket_};
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
    return broker::KeptMessage{batch.source, batch.raw};
}

void Intake::connected(const broker::Principal& principal, Timestamp now) {
    if (principal.kind != broker::Principal::Kind::device) return;
    auto& state = devices_.of(principal.device);
    const bool came = state.connections++ == 0;
    if (came) state.since = now;
    state.clock.begin_session();
    state.suspects.reconnected(now);
    if (came) audience_.device_changed(principal.device);
}

void Intake::disconnected(const broker::Principal& principal, Timestamp now) {
    if (principal.kind != broker::Principal::Kind::device) return;
    auto& state = devices_.of(principal.device);
    if (state.connections == 0 || --state.connections > 0) return;
    state.since = now;
    audience_.device_changed(principal.device);
}

void Intake::on_commit(const store::Commit& commit) {
    while (!pending_unread_.empty() && pending_unread_.front().first <= commit.last) {
        const auto& [ticket, body] = pending_unread_.front();
        if (commit.outcome)
            audience_.unread({commit.first_position.partition,
                              commit.first_position.offset + (ticket - commit.first)},
                             body);
        pending_unread_.pop_front();
    }
    while (!pending_.empty() && pending_.front().ticket <= commit.last) {
        auto& pending = pending_.front();
        if (commit.outcome) {
            pending.message.position = commit.first_position;
            pending.message.position.offset += pending.ticket - commit.first;
        } else if (pending.identity) {
            devices_.of(pending.sender).seen.forget(pending.identity);
        }
        arrive(std::move(pending));
        pending_.pop_front();
    }
}

// Who a reading belongs to is decided here, when its entry's turn has come: an association that was
// committed while it was on its way to the disk counts. Replay decides the same way.
void Intake::arrive(Pending pending) {
    auto& message = pending.message;
    if (pending.registry_generation == registry_.generation()) {
        audience_.arrived(std::move(message));
        return;
    }
    for (const auto& part : filed_by_patient(registry_, message)) audience_.arrived(part);
}

std::vector<FiledMessage> filed_by_patient(const identity::Registry& registry,
                                           const FiledMessage& message) {
    std::vector<FiledMessage> parts;
    auto sequence = message.first_sequence;
    for (const auto& filed : message.readings) {
        const auto patient = registry.patient_at(message.device, filed.filed_time);
        if (parts.empty() || parts.back().patient != patient)
            parts.push_back({.position = message.position,
                             .patient = patient,
                             .device = message.device,
                             .receive_time = message.receive_time,
                             .readings = {},
                             .first_sequence = sequence});
        parts.back().readings.push_back(filed);
        ++sequence;
    }
    return parts;
}

void Intake::replay(const store::Entry& entry) {
    if (entry.kind != store::EntryKind::batch && entry.kind != store::EntryKind::unread) return;
    // Resends come from whoever sent it: a gateway, or the device itself.
    DeviceId sender;
    std::string_view source;
    if (entry.kind == store::EntryKind::batch) {
        Batch batch;
        if (!vigil::decode(entry.body, batch)) return;
        source = batch.source;
        sender = batch.device;
    } else {
        const auto unread = decode_unread(entry.body);
        if (!unread) return;
        sender = unread->sender;
        devices_.of(sender).open_unread += 1;
    }
    if (const auto topic = payload_topic(source))
        if (const auto* device = registry_.find_device(topic->device)) sender = device->id;
    if (entry.identity) devices_.of(sender).seen.add(entry.identity, entry.commit_time);
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
