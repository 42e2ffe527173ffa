#include "share/live_session.hpp"

#include <algorithm>
#include <utility>

#include "share/live_frames.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

constexpr Nanoseconds heartbeat = std::chrono::seconds(1);
constexpr std::size_t part_bytes = 64 * 1024;  // a frame is closed once it is this long

}  // namespace

LiveSession::LiveSession(LiveHub& hub, identity::Principal principal, std::string session)
    : hub_(hub),
      principal_(std::move(principal)),
      session_(std::move(session)),
      inbox_(std::make_shared<Inbox>()) {
    hub_.enter(*this);
}

LiveSession::~LiveSession() {
    hub_.leave(*this);
}

void LiveSession::on_open(Timestamp now, session::Waker wake, session::MessageActions& out) {
    inbox_->wake = std::move(wake);
    send_text(hello_frame(now, heartbeat, hub_.sources().version), out);
    next_heartbeat_ = now + heartbeat;
    finish(now, out);
}

void LiveSession::on_message(Timestamp now, session::Frame message, session::MessageActions& out) {
    auto subscription = read_subscription(message.payload, hub_.sources().catalogue);
    if (subscription)
        subscribe(now, std::move(*subscription), out);
    else  // The earlier subscription, if any, stays.
        send_text(error_frame(subscription.error()), out);
    finish(now, out);
}

Result<void> LiveSession::take_access(const Subscription& subscription) {
    const std::vector<PatientId> asked(subscription.patients.begin(), subscription.patients.end());
    VIGIL_TRY(access, hub_.sources().decide(principal_, asked, nullptr));
    access_ = std::move(access);
    asked_for_ = subscription.patients;
    return {};
}

// Of those who were named, whom the access does not cover.
void LiveSession::refuse_others(Subscription& subscription) {
    refused_ = std::exchange(subscription.refused, {});
    for (const auto patient : asked_for_)
        if (hub_.sources().registry.patient(patient) == nullptr || !access_->covers(patient)) {
            refused_.push_back(patient_id_text(patient));
            subscription.patients.erase(patient);
        }
}

void LiveSession::subscribe(Timestamp now, Subscription subscription,
                            session::MessageActions& out) {
    if (auto access = take_access(subscription); !access) {
        send_text(error_frame(access.error()), out);
        out.close = close_policy;
        return;
    }
    begin(now, std::move(subscription), out);
}

void LiveSession::begin(Timestamp now, Subscription subscription, session::MessageActions& out) {
    refuse_others(subscription);
    const auto resume = std::exchange(subscription.resume, std::nullopt);
    subscription_ = std::move(subscription);
    ++inbox_->turn;  // what was asked for the subscription before is not wanted any more
    inbox_->answer = {};
    asked_ = false;
    const auto& ring = hub_.ring();
    next_ = ring.end();
    if (!resume) {
        start_snapshot(now, subscription_->history);
    } else if (const auto from = ring.after(*resume); from && *resume <= ring.reached(next_)) {
        phase_ = Phase::live;
        send_range(*from, next_, true, out);
    } else {
        start_past(*resume);
    }
}

// Whom they reach may have changed: from then on the stream shows those, begun anew.
void LiveSession::renew_access(Timestamp now, session::MessageActions& out) {
    if (!subscription_) return;
    const std::vector<PatientId> asked(asked_for_.begin(), asked_for_.end());
    auto access = hub_.sources().decide(principal_, asked, &*access_);
    if (!access) {
        send_text(error_frame(access.error()), out);
        out.close = close_policy;
        return;
    }
    const bool same = access->same_reach(*access_);
    access_ = std::move(*access);
    if (same) return;
    auto again = *subscription_;
    again.patients = asked_for_;
    begin(now, std::move(again), out);
}

bool LiveSession::shows(PatientId patient) const {
    return subscription_->wants(patient) && access_->covers(patient);
}

// --- Going with the ring
// ----------------------------------------------------------------------------------

void LiveSession::send_range(std::uint64_t from, std::uint64_t to, bool replay,
                             session::MessageActions& out) {
    const auto& ring = hub_.ring();
    std::string readings;
    const auto send_part = [&](std::uint64_t up_to) {
        if (readings.empty()) return;
        send_text(readings_frame(ring.reached(up_to), replay, std::exchange(readings, {})), out);
    };
    for (auto number = from; number < to; ++number) {
        if (!shows(ring.patient_of(number))) continue;
        const auto& message = ring.at(number);
        add_readings(message, readings);
        if (subscription_->waveforms) add_waveforms(message.filed(), replay, out);
        if (readings.size() > part_bytes) send_part(number + 1);
    }
    send_part(to);
}

// Those who are shown all of it share what was written of it.
void LiveSession::add_readings(const LiveMessage& message, std::string& json) const {
    const auto withheld = access_->withheld_from(message.patient);
    const bool all = subscription_->all_metrics && (!withheld || withheld->sees_readings());
    if (all && !message.json.empty()) {
        separate(json);
        json += message.json;
        return;
    }
    auto written = readings_of(hub_.sources(), *subscription_, *access_, message.filed());
    if (written.empty()) return;
    separate(json);
    json += written;
    if (all) message.json = std::move(written);
}

void LiveSession::add_waveforms(const collect::FiledMessage& message, bool replay,
                                session::MessageActions& out) {
    WaveformFrame frame;
    for (const auto& filed : message.readings) {
        const auto* block = std::get_if<WaveformBlock>(&filed.reading.value);
        if (block == nullptr || !subscription_->wants(filed.reading.metric) ||
            !access_->sees(message.patient, filed.reading.metric, filed.filed_time))
            continue;
        const auto index = series_index(
            message.patient, {message.device, filed.reading.metric, filed.reading.channel},
            block->unit);
        frame.add(index, *block, filed.filed_time, after_gap_[index], replay);
        after_gap_[index] = false;
    }
    send_waveforms(frame, out);
}

void LiveSession::send_waveforms(WaveformFrame& frame, session::MessageActions& out) {
    if (frame.empty()) return;
    if (!new_series_.empty())
        send_text(R"({"type":"series","series":[)" + std::exchange(new_series_, {}) + "]}", out);
    out.send.push_back({.text = false, .payload = frame.take()});
}

std::uint32_t LiveSession::series_index(PatientId patient, const store::SeriesKey& key,
                                        UnitId unit) {
    const auto next = static_cast<std::uint32_t>(series_.size());
    const auto [entry, is_new] = series_.try_emplace({patient, key}, next);
    if (!is_new) return entry->second;
    after_gap_.push_back(false);
    announce_series(new_series_, hub_.sources(), next, patient, key, unit);
    return next;
}

void LiveSession::device_changed(DeviceId device, PatientId before, PatientId after) {
    if (!subscription_ || (!shows(before) && !shows(after))) return;
    if (std::ranges::find(changed_devices_, device) == changed_devices_.end())
        changed_devices_.push_back(device);
    poke();
}

void LiveSession::send_devices(Timestamp now, session::MessageActions& out) {
    if (changed_devices_.empty()) return;
    send_text(devices_frame(hub_.sources(), hub_.ring().reached(next_),
                            std::exchange(changed_devices_, {}), now),
              out);
}

void LiveSession::send_new(Timestamp now, session::MessageActions& out) {
    if (phase_ != Phase::live || now - last_sent_ < hub_.limits().gather) return;
    const auto& ring = hub_.ring();
    if (blocked(now) || next_ < ring.begin()) {
        phase_ = Phase::behind;
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

// The newest of each series, a gap for what was left out, and waveforms from now on.
void LiveSession::catch_up(Timestamp now, session::MessageActions& out) {
    send_text(gap_frame({.what = "readings", .reason = "slow", .from = behind_since_, .to = now}),
              out);
    if (subscription_->waveforms) {
        send_text(
            gap_frame({.what = "waveforms", .reason = "slow", .from = behind_since_, .to = now}),
            out);
        after_gap_.assign(after_gap_.size(), true);
    }
    start_snapshot(now, Nanoseconds{});
    last_sent_ = now;
}

// --- Turns
// ------------------------------------------------------------------------------------------------

void LiveSession::on_wake(Timestamp now, session::MessageActions& out) {
    const bool looks_again = std::exchange(look_again_, false);
    if (looks_again && !hub_.sources().still_valid(principal_, session_)) {
        out.close = close_policy;
        return;
    }
    if (looks_again) renew_access(now, out);
    if (out.close) return;
    take_answer(now, out);
    send_new(now, out);
    finish(now, out);
}

void LiveSession::on_drained(Timestamp now, session::MessageActions& out) {
    untaken_ = 0;
    if (phase_ == Phase::behind) catch_up(now, out);
    finish(now, out);
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
    // A snapshot on its way names those refused itself.
    auto refused =
        phase_ == Phase::snapshot ? std::vector<std::string>() : std::exchange(refused_, {});
    send_text(heartbeat_frame(now, cursor(), refused), out);
}

// Everything up to here has been sent, or a gap has said that it was not.
std::optional<Position> LiveSession::cursor() const {
    switch (phase_) {
        case Phase::past:
            return past_.reached;
        case Phase::live:
            return hub_.ring().reached(next_);
        case Phase::idle:
        case Phase::snapshot:
        case Phase::behind:
            break;
    }
    return std::nullopt;
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
    ask_more(now);
    out.wake_at = next_heartbeat_;
    const bool waiting = phase_ == Phase::live && next_ < hub_.ring().end();
    if (waiting) out.wake_at = std::min(next_heartbeat_, last_sent_ + hub_.limits().gather);
}

void LiveSession::on_closed(Timestamp) {
    inbox_->wake = {};
}

}  // namespace vigil::share
