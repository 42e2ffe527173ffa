#include "broker/mqtt_session.hpp"

#include <utility>

namespace vigil::broker {
namespace {

constexpr Nanoseconds patience(std::uint16_t keep_alive_s) {
    return std::chrono::milliseconds(1500) * keep_alive_s;  // [MQTT-3.1.2-22]
}

}  // namespace

MqttSession::MqttSession(Broker& broker, session::Peer peer)
    : broker_(broker),
      peer_(std::move(peer)),
      reference_(broker.add_connection(*this)),
      framer_(broker.limits().connect_bytes_max) {}

MqttSession::~MqttSession() {
    if (state_ != nullptr) state_->connection = nullptr;
    broker_.remove_connection(reference_);
}

void MqttSession::on_open(Timestamp now, session::Waker wake, session::Actions& out) {
    waker_ = std::move(wake);
    out.wake_at = now + broker_.limits().connect_time_max;
}

void MqttSession::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    if (stage_ == Stage::closed) return;
    in_call_ = true;
    framer_.feed(bytes);
    if (!paused_ && stage_ != Stage::authenticating) read(now, out);
    framer_.keep_rest();
    finish(now, out);
}

void MqttSession::read(Timestamp now, session::Actions& out) {
    while (!stopped() && !paused_ && stage_ != Stage::authenticating) {
        const auto frame = framer_.next();
        if (!frame) {
            if (stage_ == Stage::awaiting_connect)
                return refuse_connect(frame.error().code, frame.error().message, out);
            return close(frame.error().code, frame.error().message, now, out);
        }
        if (!*frame) return;
        last_packet_ = now;
        handle(**frame, now, out);
    }
}

void MqttSession::handle(const mqtt::Frame& frame, Timestamp now, session::Actions& out) {
    if (stage_ == Stage::awaiting_connect) return handle_connect(frame, now, out);
    if (frame.type() == mqtt::PacketType::puback)
        if (const auto packet = mqtt::plain_acknowledgement(frame))
            return handle_puback(*packet, now, out);
    if (frame.type() != mqtt::PacketType::publish) return handle_rare(frame, now, out);
    auto packet = mqtt::decode_publish(frame, version_);
    if (!packet) return close(packet.error().code, packet.error().message, now, out);
    handle(*packet, now, out);
}

void MqttSession::handle_rare(const mqtt::Frame& frame, Timestamp now, session::Actions& out) {
    const auto packet = mqtt::decode(frame, version_);
    if (!packet) return close(packet.error().code, packet.error().message, now, out);
    std::visit(
        [&](const auto& one) {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, mqtt::Pingreq>)
                send(mqtt::Pingresp{}, out);
            else if constexpr (requires { handle(one, now, out); })
                handle(one, now, out);
            else if constexpr (std::is_same_v<T, mqtt::Connect>)
                close(mqtt::ReasonCode::protocol_error, "a second CONNECT", now, out);
            else if constexpr (std::is_same_v<T, mqtt::Auth>)
                close(mqtt::ReasonCode::protocol_error, "AUTH without a method", now, out);
            else
                close(mqtt::ReasonCode::protocol_error, "a packet only servers send", now, out);
        },
        *packet);
}

void MqttSession::handle(const mqtt::Disconnect& packet, Timestamp now, session::Actions& out) {
    if (const auto expiry = packet.properties.session_expiry_interval) {
        // MQTT 5.0 3.14.2.2.2
        if (state_->expiry_s == 0 && *expiry != 0)
            return close(mqtt::ReasonCode::protocol_error, "session expiry was 0 in CONNECT", now,
                         out);
        state_->expiry_s = std::min(*expiry, broker_.limits().session_expiry_max_s);
    }
    leave(packet.reason != mqtt::ReasonCode::success, now);
    stage_ = Stage::closed;
    out.close = true;
}

// The end of every call: what is to be recorded, what may be sent, whether to go on reading.
void MqttSession::finish(Timestamp now, session::Actions& out) {
    broker_.keep_all_queues_bounded(now);  // may end this session
    if (state_ != nullptr) record_answers(now);
    if (!ready_.empty() && stage_ != Stage::closed) {
        if (out.send.empty())
            out.send.swap(ready_);
        else
            out.send.append(ready_);
        ready_.clear();
    }
    if (closing_reason_ && stage_ != Stage::closed) close(*closing_reason_, "", now, out);
    if (state_ != nullptr) {
        pump(now, out);
        pause_if_behind(out);
    }
    given_ += out.send.size();
    in_call_ = false;
}

void MqttSession::pause_if_behind(session::Actions& out) {
    const auto waiting_max = v5() ? SIZE_MAX : broker_.limits().receive_maximum;
    const bool behind =
        waiting_publishes_ >= waiting_max || (waiting_publishes_ > 0 && broker_.log_is_behind());
    if (behind && !paused_) {
        paused_ = true;
        out.reading = false;
        broker_.slowed_.push_back(reference_);
    }
}

void MqttSession::on_wake(Timestamp now, session::Actions& out) {
    woken_ = false;
    if (stage_ == Stage::closed) return;
    in_call_ = true;
    if (stage_ == Stage::authenticating && verdict_ && !closing_reason_) {
        finish_connect(now, out);
        if (stage_ == Stage::open) out.reading = true;
    }
    const auto waiting_max = v5() ? SIZE_MAX : broker_.limits().receive_maximum / 2;
    if (paused_ && waiting_publishes_ <= waiting_max && !broker_.log_is_behind()) {
        paused_ = false;
        last_packet_ = now;  // the silence was ours
        out.reading = true;
    }
    if (stage_ == Stage::open && !paused_ && framer_.has_unread()) {
        framer_.feed({});
        read(now, out);
        framer_.keep_rest();
    }
    finish(now, out);
}

void MqttSession::on_drained(Timestamp now, session::Actions& out) {
    given_ = 0;
    if (stage_ != Stage::open) return;
    in_call_ = true;
    finish(now, out);
}

void MqttSession::on_timer(Timestamp now, session::Actions& out) {
    if (stage_ == Stage::closed) return;
    in_call_ = true;
    if (stage_ == Stage::awaiting_connect) {
        stage_ = Stage::closed;
        out.close = true;
    } else if (stage_ == Stage::open && keep_alive_s_ > 0) {
        if (paused_) last_packet_ = now;
        const auto due = last_packet_ + patience(keep_alive_s_);
        if (now >= due)
            close(mqtt::ReasonCode::keep_alive_timeout, "", now, out);
        else
            out.wake_at = due;
    }
    finish(now, out);
}

void MqttSession::on_stop(Timestamp now, session::Actions& out) {
    // The will is not sent now: it is in the log, and counts from the next start.
    if (state_ != nullptr) {
        broker_.inbound_.disconnected(state_->principal, now);
        state_->connection = nullptr;
        state_ = nullptr;
    }
    close(mqtt::ReasonCode::server_shutting_down, "", now, out);
}

void MqttSession::on_closed(Timestamp now) {
    if (state_ != nullptr) {
        record_answers(now);
        leave(true, now);
    }
    stage_ = Stage::closed;
}

void MqttSession::leave(bool will_owed, Timestamp now) {
    auto& state = *std::exchange(state_, nullptr);
    broker_.inbound_.disconnected(state.principal, now);
    broker_.close_session(state, will_owed, now);
}

// MQTT 5.0 4.13: say why, if the version can, and hang up.
void MqttSession::close(mqtt::ReasonCode reason, const char* why, Timestamp now,
                        session::Actions& out) {
    if (stage_ == Stage::closed) return;
    if (stage_ == Stage::open && v5()) {
        mqtt::Disconnect packet{reason, {}};
        if (*why != '\0') packet.properties.reason_string = why;
        const auto before = out.send.size();
        send(packet, out);
        if (out.send.size() - before > client_packet_bytes_max_) {  // [MQTT-3.14.2-3]
            out.send.resize(before);
            send(mqtt::Disconnect{reason, {}}, out);
        }
    }
    stage_ = Stage::closed;
    out.close = true;
    if (state_ != nullptr) leave(true, now);
}

void MqttSession::wake() {
    if (woken_ || in_call_) return;
    woken_ = true;
    if (waker_) waker_();
}

void MqttSession::acknowledge(std::uint8_t qos, std::uint16_t packet, mqtt::ReasonCode reason) {
    if (qos == 1) --waiting_publishes_;
    const auto type = qos == 1 ? mqtt::PacketType::puback : mqtt::PacketType::pubrec;
    if (reason == mqtt::ReasonCode::success || !v5())
        mqtt::append_success(type, packet, ready_);
    else if (qos == 1)
        mqtt::encode(mqtt::Puback{packet, reason, {}}, version_, ready_);
    else
        mqtt::encode(mqtt::Pubrec{packet, reason, {}}, version_, ready_);
    wake();
}

void MqttSession::acknowledge(std::uint8_t qos, std::string_view packet) {
    if (qos == 1) --waiting_publishes_;
    answer(packet);
}

void MqttSession::complete(std::uint16_t packet, mqtt::ReasonCode reason) {
    mqtt::encode(mqtt::Pubcomp{packet, reason, {}}, version_, ready_);
    wake();
}

void MqttSession::answer(std::string_view packet) {
    ready_.append(packet);
    wake();
}

void MqttSession::taken_over() {
    session_ended(mqtt::ReasonCode::session_taken_over);
}

void MqttSession::session_ended(mqtt::ReasonCode reason) {
    if (state_ != nullptr) broker_.inbound_.disconnected(state_->principal, last_packet_);
    state_ = nullptr;
    close_soon(reason);
}

bool MqttSession::is_of(Principal::Kind kind, std::string_view id) const {
    const auto* who = state_ != nullptr       ? &state_->principal
                      : verdict_ && *verdict_ ? &**verdict_
                                              : nullptr;
    return who != nullptr && who->kind == kind && who->id == id;
}

void MqttSession::close_soon(mqtt::ReasonCode reason) {
    if (closing_reason_ || stage_ == Stage::closed) return;
    closing_reason_ = reason;
    wake();
}

}  // namespace vigil::broker
