#include "load/publisher.hpp"

#include <fmt/format.h>

#include <charconv>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/encode.hpp"

namespace vigil::load {
namespace {

// Messages put into one write at full speed.
constexpr std::size_t batch = 16;

std::string connect_packet(const Settings& settings, std::string_view client_identifier) {
    mqtt::Connect connect;
    connect.client_identifier = client_identifier;
    if (!settings.user.empty()) connect.user_name = settings.user;
    if (!settings.password.empty()) connect.password = settings.password;
    std::string out;
    mqtt::encode(connect, out);
    return out;
}

bool accepted(const mqtt::Connack& connack) {
    if (connack.reason == mqtt::ReasonCode::success) return true;
    fmt::print(stderr, "mqtt_load: refused with reason 0x{:02x}\n",
               static_cast<unsigned>(connack.reason));
    return false;
}

// take(packet) for each whole packet that has come; it returns false to stop.
template <class Take>
void each_packet(mqtt::PacketFramer& framer, std::string_view bytes, std::string_view whose,
                 Take take) {
    framer.feed(bytes);
    while (true) {
        const auto frame = framer.next();
        if (!frame || !*frame) break;
        const auto packet = mqtt::decode(**frame, mqtt::Version::v5);
        if (!packet) continue;
        if (std::holds_alternative<mqtt::Disconnect>(*packet))
            fmt::print(stderr, "mqtt_load: the server ended a {}'s session\n", whose);
        else if (!take(*packet))
            break;
    }
    framer.keep_rest();
}

std::int64_t nanoseconds(Timestamp later, Timestamp earlier) {
    return (later - earlier).count();
}

}  // namespace

Publisher::Publisher(const Settings& settings, Totals& totals, std::size_t number,
                     std::unique_ptr<Source> source)
    : settings_(settings),
      totals_(totals),
      client_identifier_(fmt::format("load-p{:06}", number)),
      source_(std::move(source)),
      due_of_(std::min<std::size_t>(65'535, settings.window * 2 + 1)) {
    Payload topic(settings.topic);
    topic.set_id(number);
    topic_ = topic.text;
}

void Publisher::on_open(Timestamp, session::Waker wake, session::Actions& out) {
    wake_ = std::move(wake);
    out.send += connect_packet(settings_, client_identifier_);
}

void Publisher::on_closed(Timestamp) {
    wake_ = {};
    ++totals_.lost;
}

void Publisher::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    each_packet(framer_, bytes, "publisher", [&](const mqtt::Packet& packet) {
        if (const auto* connack = std::get_if<mqtt::Connack>(&packet)) {
            ready_ = accepted(*connack);
            out.close = !ready_;
            totals_.ready += ready_ ? 1 : 0;
            return ready_;
        }
        if (const auto* puback = std::get_if<mqtt::Puback>(&packet)) {
            const auto place = std::size_t{puback->packet_identifier} - 1;
            if (place >= due_of_.size() || due_of_[place] == Timestamp{}) return true;
            if (totals_.measuring) totals_.acknowledgement.add(nanoseconds(now, due_of_[place]));
            acknowledged(puback->packet_identifier, static_cast<unsigned>(puback->reason) >= 0x80);
        }
        return true;
    });
    send_more(now, out);
}

void Publisher::acknowledged(std::uint16_t packet_identifier, bool refused) {
    due_of_[std::size_t{packet_identifier} - 1] = {};
    --in_flight_;
    ++totals_.acknowledged;
    totals_.acknowledged_measured += totals_.measuring ? 1 : 0;
    totals_.refused += refused ? 1 : 0;
}

bool Publisher::may_send() const {
    return ready_ && in_flight_ < settings_.window && due_of_[next_place_] == Timestamp{} &&
           (settings_.each == 0 || sequence_ < settings_.each);
}

void Publisher::send_more(Timestamp now, session::Actions& out) {
    if (settings_.rate > 0) {
        while (!backlog_.empty() && may_send()) {
            publish(backlog_.front(), out);
            backlog_.pop_front();
        }
        return;
    }
    std::size_t count = 0;
    for (; totals_.sending && count < batch && may_send(); ++count) {
        if (is_too_far_ahead()) {
            if (!waiting_) totals_.waiting.push_back([this] { stop_waiting(); });
            waiting_ = true;
            return;
        }
        publish(now, out);
    }
    if (count == batch && wake_) wake_();
}

void Publisher::publish(Timestamp due, session::Actions& out) {
    payload_.clear();
    source_->append(static_cast<std::uint64_t>(unix_ns(due)), sequence_++, payload_);
    due_of_[next_place_] = due;
    mqtt::Publish publish;
    publish.qos = 1;
    publish.packet_identifier = static_cast<std::uint16_t>(next_place_ + 1);
    publish.topic = topic_;
    publish.payload = payload_;
    mqtt::encode(publish, mqtt::Version::v5, out.send);
    next_place_ = (next_place_ + 1) % due_of_.size();
    ++in_flight_;
    ++totals_.sent;
}

Subscriber::Subscriber(const Settings& settings, Totals& totals, std::size_t number)
    : settings_(settings),
      totals_(totals),
      first_(number == 0),
      client_identifier_(fmt::format("load-s{:06}", number)),
      time_place_(Payload(settings.payload).time_place()) {}

void Subscriber::on_open(Timestamp, session::Waker, session::Actions& out) {
    out.send += connect_packet(settings_, client_identifier_);
}

void Subscriber::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    each_packet(framer_, bytes, "subscriber", [&](const mqtt::Packet& packet) {
        if (const auto* publish = std::get_if<mqtt::Publish>(&packet)) {
            take(publish->payload, now);
            if (publish->qos == 1)
                mqtt::encode(
                    mqtt::Puback{.packet_identifier = publish->packet_identifier, .properties = {}},
                    mqtt::Version::v5, out.send);
        } else if (const auto* connack = std::get_if<mqtt::Connack>(&packet)) {
            out.close = !accepted(*connack);
            if (out.close) return false;
            mqtt::Subscribe subscribe;
            subscribe.packet_identifier = 1;
            subscribe.filters.push_back(
                {.filter = settings_.filter, .qos = settings_.subscriber_qos});
            mqtt::encode(subscribe, mqtt::Version::v5, out.send);
        } else if (std::holds_alternative<mqtt::Suback>(packet)) {
            ++totals_.ready;
        }
        return true;
    });
    if (totals_.sent < totals_.received_first + settings_.behind_max / 2)
        for (const auto& wake : std::exchange(totals_.waiting, {})) wake();
}

void Subscriber::take(std::string_view payload, Timestamp now) {
    ++totals_.received;
    totals_.received_first += first_ ? 1 : 0;
    if (!totals_.measuring) return;
    ++totals_.received_measured;
    std::uint64_t due = 0;
    if (time_place_ == std::string::npos || payload.size() < time_place_ + 19) return;
    const char* at = payload.data() + time_place_;
    if (std::from_chars(at, at + 19, due).ec == std::errc{})
        totals_.delivery.add(unix_ns(now) - static_cast<std::int64_t>(due));
}

}  // namespace vigil::load
