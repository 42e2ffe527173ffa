#include "share/alarms/session.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json.hpp"
#include "identity/secret.hpp"
#include "share/live_frames.hpp"

namespace vigil::share {
namespace {

std::uint64_t number_of(JsonValue frame) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, frame["number"].integer().value_or(0)));
}

}  // namespace

AlarmSession::AlarmSession(AlarmHub& hub, identity::Principal principal, std::string session)
    : hub_(hub),
      principal_(std::move(principal)),
      session_(std::move(session)),
      is_staff_(is_staff(principal_)) {
    hub_.enter(*this);
}

AlarmSession::~AlarmSession() {
    hub_.leave(*this);
}

void AlarmSession::on_open(Timestamp now, session::Waker wake, session::MessageActions& out) {
    wake_ = std::move(wake);
    out.send.push_back(
        {.text = true, .payload = hello_frame(now, heartbeat, hub_.sources().version)});
    next_heartbeat_ = now + heartbeat;
    if (take_access(out)) send_all(now, out);
    finish(now, out);
}

// What is no such frame is passed over: a newer client may say more.
void AlarmSession::on_message(Timestamp now, session::Frame message, session::MessageActions& out) {
    JsonDocument document;
    const auto frame =
        document.parse(message.payload, {.bytes_max = 1024, .values_max = 16, .depth_max = 2});
    if (frame) {
        const auto type = (*frame)["type"].string();
        if (type == "shown") on_shown(now, number_of(*frame));
        if (type == "display") on_display(*frame, out);
        if (type == "painted") on_painted(now, *frame, out);
    }
    finish(now, out);
}

void AlarmSession::on_shown(Timestamp now, std::uint64_t number) {
    while (!unconfirmed_.empty() && unconfirmed_.front().number <= number) {
        hub_.sources().shown_after(std::max(Nanoseconds(0), now - unconfirmed_.front().received));
        unconfirmed_.pop_front();
    }
}

const monitor::Display* AlarmSession::display(monitor::DisplayId id) const {
    const auto& beds = hub_.sources().watch.beds();
    const auto found = beds.find(monitor::place_of(id));
    if (found == beds.end() || !found->second.display || !access_) return nullptr;
    const auto& display = *found->second.display;
    const bool is_theirs =
        is_staff_ && (display.unit.empty() ||
                      looks_after(hub_.sources().words.registry, principal_, display.unit));
    return is_theirs ? &display : nullptr;
}

// The screen says which one it is, and proves it.
void AlarmSession::on_display(JsonValue frame, session::MessageActions& out) {
    monitor::DisplayId id;
    const auto text = frame["id"].string();
    std::from_chars(text.data(), text.data() + text.size(), id.value);
    const auto* known = display(id);
    const auto key = identity::digest_from_hex(known != nullptr ? known->key_sha256 : "");
    const bool is_it = key && identity::same_secret(*key, identity::sha256(frame["key"].string()));
    display_ = is_it ? id : monitor::DisplayId{};
    send_display(id, out);
}

void AlarmSession::send_display(monitor::DisplayId id, session::MessageActions& out) {
    const auto* known = display_ ? display(display_) : nullptr;
    std::string frame;
    JsonWriter json(frame);
    json.begin_object().member("type", "display").member("id", std::to_string(id.value));
    json.member("expected", known != nullptr);
    if (known != nullptr)
        json.member("name", known->name)
            .member("unit", known->unit)
            .member("sounds", known->sounds);
    json.end_object();
    out.send.push_back({.text = true, .payload = std::move(frame)});
}

// It is on the glass, and can be heard: after each heartbeat.
void AlarmSession::on_painted(Timestamp now, JsonValue frame, session::MessageActions& out) {
    if (!display_) return;
    const auto* known = display(display_);
    if (known == nullptr) return send_display(std::exchange(display_, {}), out);
    const bool is_heard = !known->sounds || frame["sound"].is_true();
    if (is_heard && number_of(frame) >= std::max<std::uint64_t>(number_due_, 1))
        hub_.confirmed(display_, principal_.name, now);
}

bool AlarmSession::take_access(session::MessageActions& out) {
    auto access = hub_.sources().decide(principal_, access_ ? &*access_ : nullptr);
    if (!access) {
        out.send.push_back({.text = true, .payload = error_frame(access.error())});
        out.close = close_policy;
        return false;
    }
    begins_anew_ = begins_anew_ || (access_ && !access->same_reach(*access_));
    access_ = std::move(*access);
    return true;
}

void AlarmSession::changed(const std::vector<monitor::BedState>& beds,
                           std::optional<Timestamp> received) {
    const auto before = changed_.size();
    for (const auto& bed : beds)
        if (access_ && shows(hub_.sources().words, *access_, principal_, bed))
            changed_.insert(bed.subject);
    if (changed_.empty()) return;
    if (received && changed_.size() > before && !received_) received_ = received;
    if (wake_) wake_();
}

void AlarmSession::access_changed() {
    look_again_ = true;
    if (wake_) wake_();
}

void AlarmSession::send_all(Timestamp, session::MessageActions& out) {
    begins_anew_ = false;
    changed_.clear();
    received_.reset();
    std::string beds;
    JsonWriter json(beds);
    json.begin_array();
    for (const auto& [subject, bed] : hub_.sources().watch.beds())
        if (shows(hub_.sources().words, *access_, principal_, bed))
            write_bed(json, hub_.sources().words, bed);
    json.end_array();
    send_beds(true, beds, out);
}

void AlarmSession::send_changed(Timestamp now, session::MessageActions& out) {
    if (is_untaken_ || !access_) return;
    if (begins_anew_) return send_all(now, out);
    if (changed_.empty()) return;
    const auto& standing = hub_.sources().watch.beds();
    std::string beds;
    JsonWriter json(beds);
    json.begin_array();
    for (const auto& subject : std::exchange(changed_, {})) {
        const auto found = standing.find(subject);
        write_bed(json, hub_.sources().words,
                  found != standing.end()
                      ? found->second
                      : monitor::left_bed(subject, hub_.sources().watch.as_of()));
    }
    json.end_array();
    if (const auto received = std::exchange(received_, std::nullopt))
        unconfirmed_.push_back({number_ + 1, *received});
    if (unconfirmed_.size() > unconfirmed_max) unconfirmed_.pop_front();
    send_beds(false, beds, out);
}

void AlarmSession::send_beds(bool all, const std::string& beds, session::MessageActions& out) {
    std::string frame;
    JsonWriter(frame)
        .begin_object()
        .member("type", "beds")
        .member("number", ++number_)
        .member("all", all)
        .key("beds")
        .verbatim(beds)
        .end_object();
    out.send.push_back({.text = true, .payload = std::move(frame)});
}

void AlarmSession::on_wake(Timestamp now, session::MessageActions& out) {
    if (std::exchange(look_again_, false) &&
        (!hub_.sources().still_valid(principal_, session_) || !take_access(out))) {
        out.close = close_policy;
        return;
    }
    send_changed(now, out);
    finish(now, out);
}

void AlarmSession::on_drained(Timestamp now, session::MessageActions& out) {
    is_untaken_ = false;
    send_changed(now, out);
    finish(now, out);
}

void AlarmSession::on_timer(Timestamp now, session::MessageActions& out) {
    if (now >= next_heartbeat_) {
        next_heartbeat_ = now + heartbeat;
        if (!hub_.sources().still_valid(principal_, session_)) {
            out.close = close_policy;
            return;
        }
        if (is_untaken_ && now - untaken_since_ > untaken_for_max) {
            out.close = close_try_later;
            return;
        }
        if (!is_untaken_) send_heartbeat(now, out);
    }
    send_changed(now, out);
    finish(now, out);
}

void AlarmSession::send_heartbeat(Timestamp now, session::MessageActions& out) {
    number_due_ = std::exchange(number_at_heartbeat_, number_);
    const auto& watch = hub_.sources().watch;
    std::string frame;
    JsonWriter(frame)
        .begin_object()
        .member("type", "heartbeat")
        .member("server_time", now)
        .member("as_of", watch.as_of())
        .member("watching", watch.behind(now) < behind_max)
        .end_object();
    out.send.push_back({.text = true, .payload = std::move(frame)});
}

void AlarmSession::finish(Timestamp now, session::MessageActions& out) {
    if (!out.send.empty() && !is_untaken_) {
        is_untaken_ = true;
        untaken_since_ = now;
    }
    out.wake_at = next_heartbeat_;
}

}  // namespace vigil::share
