#include "share/live_session.hpp"

#include <algorithm>
#include <utility>

#include "metric/unit.hpp"
#include "share/answer.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

constexpr Nanoseconds heartbeat = std::chrono::seconds(1);
constexpr Nanoseconds waveforms_at_start = std::chrono::seconds(10);
constexpr std::size_t part_bytes = 64 * 1024;  // a frame is closed once it is this long
constexpr std::uint16_t close_policy = 1008;
constexpr std::uint16_t close_try_later = 1013;

bool is_waveform(const Reading& reading) {
    return std::holds_alternative<WaveformBlock>(reading.value);
}

void separate(std::string& list) {
    if (!list.empty()) list += ',';
}

}  // namespace

LiveSession::LiveSession(LiveHub& hub, identity::Principal principal, std::string session)
    : hub_(hub), principal_(std::move(principal)), session_(std::move(session)) {
    hub_.enter(*this);
}

LiveSession::~LiveSession() {
    hub_.leave(*this);
}

void LiveSession::on_open(Timestamp now, session::Waker wake, session::MessageActions& out) {
    wake_ = std::move(wake);
    std::string hello;
    JsonWriter json(hello);
    json.begin_object().member("type", "hello").member("server_time", now);
    json.member("heartbeat_s", std::chrono::duration_cast<std::chrono::seconds>(heartbeat).count());
    json.member("version", hub_.sources().version).end_object();
    send_text(std::move(hello), out);
    next_heartbeat_ = now + heartbeat;
    finish(now, out);
}

void LiveSession::on_message(Timestamp now, session::Frame message, session::MessageActions& out) {
    auto subscription = read_subscription(message.payload, hub_.sources().catalogue);
    if (subscription) {
        subscribe(now, std::move(*subscription), out);
    } else {
        // The earlier subscription, if any, stays.
        std::string text = R"({"type":"error",)";
        text += error_answer(subscription.error()).body.substr(1);
        send_text(std::move(text), out);
    }
    finish(now, out);
}

void LiveSession::subscribe(Timestamp now, Subscription subscription,
                            session::MessageActions& out) {
    const std::vector<PatientId> asked(subscription.patients.begin(), subscription.patients.end());
    auto access = hub_.sources().decide(principal_, asked);
    if (!access) {
        std::string text = R"({"type":"error",)";
        text += error_answer(access.error()).body.substr(1);
        send_text(std::move(text), out);
        out.close = close_policy;
        return;
    }
    access_ = std::move(*access);
    refused_ = std::exchange(subscription.refused, {});
    for (const auto patient : asked)
        if (hub_.sources().registry.patient(patient) == nullptr || !access_->covers(patient)) {
            refused_.push_back(patient_id_text(patient));
            subscription.patients.erase(patient);
        }
    const auto resume = std::exchange(subscription.resume, std::nullopt);
    subscription_ = std::move(subscription);
    behind_ = false;

    const auto& ring = hub_.ring();
    if (const auto from = resume ? ring.after(*resume) : std::nullopt) {
        next_ = ring.end();
        send_range(*from, next_, true, out);
        return;
    }
    next_ = ring.end();
    if (resume) send_gap("readings", "resume", now - hub_.limits().ring_for, now, out);
    send_snapshot(now, out);
    if (subscription_->waveforms) start_waveforms(now, out);
}

bool LiveSession::shows(PatientId patient) const {
    return subscription_->wants(patient) && access_->covers(patient);
}

void LiveSession::send_snapshot(Timestamp now, session::MessageActions& out) {
    std::string part;
    const auto send_part = [&](bool last) {
        std::string text = R"({"type":"snapshot","cursor":)";
        text += last ? cursor_text() : "null";
        text += R"(,"server_time":")" + format_rfc3339(now) + R"(","patients":[)" + part + "]";
        text += R"(,"refused":)";
        JsonWriter json(text);
        json.begin_array();
        if (last)
            for (const auto& id : std::exchange(refused_, {})) json.text(id);
        json.end_array();
        text += last ? R"(,"last":true})" : R"(,"last":false})";
        send_text(std::move(text), out);
        part.clear();
    };
    for (const auto& [id, patient] : hub_.sources().registry.patients()) {
        if (!shows(id)) continue;
        separate(part);
        JsonWriter json(part);
        send_patient(json, id, now);
        if (part.size() > part_bytes) send_part(false);
    }
    send_part(true);
}

void LiveSession::send_patient(JsonWriter& json, PatientId patient, Timestamp now) {
    const auto& sources = hub_.sources();
    const auto id = patient_id_text(patient);
    json.begin_object().member("patient", id).key("readings").begin_array();
    for (const auto& newest : sources.newest(*access_, patient)) {
        if (is_waveform(newest.reading) || !subscription_->wants(newest.reading.metric)) continue;
        const auto* device = sources.registry.device(newest.device);
        write_reading(json, sources.catalogue, newest.reading,
                      {.patient = id,
                       .device = device != nullptr ? std::string_view(device->external_id) : "",
                       .filed_time = newest.filed_time,
                       .receive_time = newest.receive_time,
                       .sequence = newest.sequence,
                       .position = std::nullopt});
    }
    json.end_array().key("devices").begin_array();
    for (const auto& [device_id, device] : sources.registry.devices())
        if (sources.registry.patient_at(device_id, now) == patient)
            write_device(json, sources.registry, device, sources.devices.find(device_id), now);
    json.end_array().end_object();
}

void LiveSession::start_waveforms(Timestamp now, session::MessageActions& out) {
    const auto& ring = hub_.ring();
    const auto from = std::max(ring.begin(), ring.since(now - waveforms_at_start));
    for (auto number = from; number < next_; ++number)
        if (shows(ring.patient_of(number))) add_waveforms(ring.at(number), true, out);
}

void LiveSession::send_range(std::uint64_t from, std::uint64_t to, bool replay,
                             session::MessageActions& out) {
    const auto& ring = hub_.ring();
    std::string readings;
    const auto send_part = [&](std::uint64_t up_to) {
        if (readings.empty()) return;
        std::string text = R"({"type":"readings","cursor":")" + position_text(ring.reached(up_to));
        text += replay ? R"(","replay":true,"readings":[)" : R"(","replay":false,"readings":[)";
        text += readings + "]}";
        send_text(std::move(text), out);
        readings.clear();
    };
    for (auto number = from; number < to; ++number) {
        if (!shows(ring.patient_of(number))) continue;
        const auto& message = ring.at(number);
        add_readings(message, readings);
        if (subscription_->waveforms) add_waveforms(message, replay, out);
        if (readings.size() > part_bytes) send_part(number + 1);
    }
    send_part(to);
}

void LiveSession::add_readings(const LiveMessage& message, std::string& json) const {
    if (subscription_->all_metrics && !message.json.empty()) {
        separate(json);
        json += message.json;
        return;
    }
    const auto& sources = hub_.sources();
    const auto* device = sources.registry.device(message.device);
    const auto patient = patient_id_text(message.patient);
    std::string written;
    JsonWriter writer(written);
    for (std::size_t i = 0; i < message.readings.size(); ++i) {
        const auto& filed = message.readings[i];
        if (is_waveform(filed.reading) || !subscription_->wants(filed.reading.metric)) continue;
        write_reading(
            writer, sources.catalogue, filed.reading,
            {.patient = patient,
             .device = device != nullptr ? std::string_view(device->external_id) : "",
             .filed_time = filed.filed_time,
             .receive_time = message.receive_time,
             .sequence = message.first_sequence + static_cast<std::uint32_t>(i),
             .position = message.stored() ? std::optional(message.position) : std::nullopt,
             .stored = message.stored()});
    }
    if (written.empty()) return;
    separate(json);
    json += written;
    if (subscription_->all_metrics) message.json = std::move(written);
}

void LiveSession::add_waveforms(const LiveMessage& message, bool replay,
                                session::MessageActions& out) {
    WaveformFrame frame;
    for (const auto& filed : message.readings) {
        const auto* block = std::get_if<WaveformBlock>(&filed.reading.value);
        if (block == nullptr || !subscription_->wants(filed.reading.metric)) continue;
        const auto index = series_index(
            message.patient, {message.device, filed.reading.metric, filed.reading.channel},
            block->unit);
        frame.add(index, *block, filed.filed_time, after_gap_[index], replay);
        after_gap_[index] = false;
    }
    if (frame.empty()) return;
    announce_series(out);
    out.send.push_back({.text = false, .payload = frame.take()});
}

std::uint32_t LiveSession::series_index(PatientId patient, const store::SeriesKey& key,
                                        UnitId unit) {
    const auto next = static_cast<std::uint32_t>(series_.size());
    const auto [entry, is_new] = series_.try_emplace({patient, key}, next);
    if (!is_new) return entry->second;
    after_gap_.push_back(false);
    const auto* device = hub_.sources().registry.device(key.device);
    separate(new_series_);
    JsonWriter json(new_series_);
    json.begin_object().member("index", next).member("patient", patient_id_text(patient));
    json.member("device", device != nullptr ? std::string_view(device->external_id) : "");
    json.member("metric", hub_.sources().catalogue.at(key.metric).key)
        .member("channel", key.channel);
    json.member("unit", units::at(unit).ucum)
        .member("unit_shown", units::at(unit).shown)
        .end_object();
    return next;
}

void LiveSession::announce_series(session::MessageActions& out) {
    if (new_series_.empty()) return;
    send_text(R"({"type":"series","series":[)" + std::exchange(new_series_, {}) + "]}", out);
}

void LiveSession::device_changed(DeviceId device, PatientId before, PatientId after) {
    if (!subscription_ || (!shows(before) && !shows(after))) return;
    if (std::ranges::find(changed_devices_, device) == changed_devices_.end())
        changed_devices_.push_back(device);
    poke();
}

void LiveSession::send_devices(Timestamp now, session::MessageActions& out) {
    if (changed_devices_.empty()) return;
    const auto& sources = hub_.sources();
    std::string text = R"({"type":"devices","cursor":)" + cursor_text() + R"(,"devices":)";
    JsonWriter json(text);
    json.begin_array();
    for (const auto id : std::exchange(changed_devices_, {}))
        if (const auto* device = sources.registry.device(id))
            write_device(json, sources.registry, *device, sources.devices.find(id), now);
    json.end_array();
    send_text(text + "}", out);
}

void LiveSession::on_wake(Timestamp now, session::MessageActions& out) {
    send_new(now, out);
    finish(now, out);
}

void LiveSession::send_new(Timestamp now, session::MessageActions& out) {
    if (!subscription_ || behind_ || now - last_sent_ < hub_.limits().gather) return;
    const auto& ring = hub_.ring();
    if (blocked(now) || next_ < ring.begin()) {
        behind_ = true;
        behind_since_ = now;
        if (untaken_ == 0) catch_up(now, out);  // nothing will drain: it was only long asleep
        return;
    }
    send_devices(now, out);
    const auto from = std::exchange(next_, ring.end());
    send_range(from, next_, false, out);
    last_sent_ = now;
}

bool LiveSession::blocked(Timestamp now) const {
    return untaken_ > hub_.limits().untaken_bytes_max ||
           (untaken_ > 0 && now - untaken_since_ > hub_.limits().untaken_for_max);
}

void LiveSession::on_drained(Timestamp now, session::MessageActions& out) {
    untaken_ = 0;
    if (behind_ && subscription_) catch_up(now, out);
    finish(now, out);
}

// The newest of each series, a gap for what was left out, and waveforms from now on.
void LiveSession::catch_up(Timestamp now, session::MessageActions& out) {
    behind_ = false;
    next_ = hub_.ring().end();
    send_gap("readings", "slow", behind_since_, now, out);
    if (subscription_->waveforms) {
        send_gap("waveforms", "slow", behind_since_, now, out);
        after_gap_.assign(after_gap_.size(), true);
    }
    send_snapshot(now, out);
    last_sent_ = now;
}

void LiveSession::on_timer(Timestamp now, session::MessageActions& out) {
    if (now >= next_heartbeat_) {
        if (!hub_.sources().still_valid(principal_, session_)) {
            out.close = close_policy;
            return;
        }
        if (untaken_ > 0 && now - untaken_since_ > hub_.limits().silent_for_max) {
            out.close = close_try_later;
            return;
        }
        send_new(now, out);
        if (!blocked(now)) send_heartbeat(now, out);
        next_heartbeat_ = now + heartbeat;
    } else {
        send_new(now, out);
    }
    finish(now, out);
}

void LiveSession::send_heartbeat(Timestamp now, session::MessageActions& out) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "heartbeat").member("server_time", now);
    json.key("cursor").verbatim(cursor_text()).key("refused").begin_array();
    for (const auto& id : std::exchange(refused_, {})) json.text(id);
    json.end_array().end_object();
    send_text(std::move(text), out);
}

void LiveSession::send_gap(std::string_view what, std::string_view reason, Timestamp from,
                           Timestamp to, session::MessageActions& out) const {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "gap").member("what", what).key("patient").null();
    json.key("index").null().member("from", from).member("to", to).member("reason", reason);
    json.end_object();
    send_text(std::move(text), out);
}

void LiveSession::send_text(std::string payload, session::MessageActions& out) const {
    out.send.push_back({.text = true, .payload = std::move(payload)});
}

// Ends every turn: what was given to the socket is counted, and the next turn is asked for.
void LiveSession::finish(Timestamp now, session::MessageActions& out) {
    for (const auto& frame : out.send) {
        if (untaken_ == 0) untaken_since_ = now;
        untaken_ += frame.payload.size();
    }
    out.wake_at = next_heartbeat_;
    const bool waiting = subscription_ && !behind_ && next_ < hub_.ring().end();
    if (waiting) out.wake_at = std::min(next_heartbeat_, last_sent_ + hub_.limits().gather);
}

void LiveSession::on_closed(Timestamp) {
    wake_ = {};
}

std::string LiveSession::cursor_text() const {
    return '"' + position_text(hub_.ring().reached(next_)) + '"';
}

}  // namespace vigil::share
