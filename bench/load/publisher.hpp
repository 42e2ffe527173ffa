#pragma once
// One MQTT connection that publishes at QoS 1 within a window.

#include <deque>
#include <memory>
#include <vector>

#include "codec/mqtt/framer.hpp"
#include "load/payload.hpp"
#include "load/settings.hpp"
#include "load/totals.hpp"
#include "session/session.hpp"

namespace vigil::load {

// What a publisher sends: a shape filled in for each message.
class Source {
public:
    virtual ~Source() = default;
    // Appends message number `sequence`, which is due at `time_ns`.
    virtual void append(std::uint64_t time_ns, std::uint64_t sequence, std::string& out) = 0;
};

class TextSource final : public Source {
public:
    TextSource(const Settings& settings, std::size_t number) : payload_(settings.payload) {
        payload_.set_id(number);
    }
    void append(std::uint64_t time_ns, std::uint64_t sequence, std::string& out) override {
        const auto at = out.size();
        out += payload_.text;
        payload_.fill(out.data() + at, time_ns, sequence);
    }

private:
    Payload payload_;
};

class Publisher final : public session::ByteSession {
public:
    Publisher(const Settings& settings, Totals& totals, std::size_t number,
              std::unique_ptr<Source> source);

    // At full speed: begin.
    void start() {
        if (wake_) wake_();
    }
    // By the pacer, at a steady rate: one more message, due then. A stall cannot hide, its
    // messages' latency counts from when they were due.
    void due(Timestamp at) {
        backlog_.push_back(at);
        if (wake_) wake_();
    }

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp now, session::Actions& out) override { send_more(now, out); }
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override;

private:
    void acknowledged(std::uint16_t packet_identifier, bool refused);
    void send_more(Timestamp now, session::Actions& out);
    bool may_send() const;
    bool is_too_far_ahead() const {
        return settings_.subscribers > 0 &&
               totals_.sent >= totals_.received_first + settings_.behind_max;
    }
    void publish(Timestamp due, session::Actions& out);
    void stop_waiting() {
        waiting_ = false;
        if (wake_) wake_();
    }

    const Settings& settings_;
    Totals& totals_;
    std::string client_identifier_, topic_, payload_;
    std::unique_ptr<Source> source_;
    mqtt::PacketFramer framer_{1 << 20};
    session::Waker wake_;
    std::deque<Timestamp> backlog_;
    std::vector<Timestamp> due_of_;  // by packet identifier − 1; none: free
    std::size_t in_flight_ = 0, next_place_ = 0;
    std::uint64_t sequence_ = 0;
    bool ready_ = false, waiting_ = false;
};

// One MQTT connection that subscribes and takes what comes.
class Subscriber final : public session::ByteSession {
public:
    Subscriber(const Settings& settings, Totals& totals, std::size_t number);

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override { ++totals_.lost; }

private:
    void take(std::string_view payload, Timestamp now);

    const Settings& settings_;
    Totals& totals_;
    bool first_;
    std::string client_identifier_;
    std::size_t time_place_;
    mqtt::PacketFramer framer_{1 << 20};
};

}  // namespace vigil::load
