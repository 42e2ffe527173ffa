#pragma once
// One MQTT connection, from its CONNECT on: MQTT 5.0 and 3.1.1, chapters 3 and 4.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.hpp"
#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"
#include "session/session.hpp"

namespace vigil::broker {

class MqttSession final : public session::ByteSession {
public:
    MqttSession(Broker& broker, session::Peer peer);
    ~MqttSession() override;
    MqttSession(const MqttSession&) = delete;
    MqttSession& operator=(const MqttSession&) = delete;

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp now, session::Actions& out) override;
    void on_wake(Timestamp now, session::Actions& out) override;
    void on_drained(Timestamp now, session::Actions& out) override;
    void on_stop(Timestamp now, session::Actions& out) override;
    void on_closed(Timestamp now) override;

    // From the broker: what a commit, or another connection, brought about. Each leads to on_wake.
    void acknowledge(std::uint8_t qos, std::uint16_t packet, mqtt::ReasonCode reason);
    void acknowledge(std::uint8_t qos, std::string_view packet);
    void complete(std::uint16_t packet, mqtt::ReasonCode reason);
    void answer(std::string_view packet);
    void wake();
    void taken_over();
    void session_ended(mqtt::ReasonCode reason);
    void close_soon(mqtt::ReasonCode reason);
    // Let in as this principal, or about to be.
    bool is_of(Principal::Kind kind, std::string_view id) const;

private:
    enum class Stage : std::uint8_t { awaiting_connect, authenticating, open, closed };
    // What is remembered of a topic that this client publishes to.
    struct Topic {
        std::string name;
        std::uint64_t generation = 0, version = 0;  // of the gatekeeper and the subscriptions
        bool known = false;
        mqtt::ReasonCode refusal = mqtt::ReasonCode::success;
        Matches matches;
    };
    static constexpr std::size_t topics_remembered = 8;

    // mqtt_session.cpp
    void read(Timestamp now, session::Actions& out);
    void handle(const mqtt::Frame& frame, Timestamp now, session::Actions& out);
    void handle_rare(const mqtt::Frame& frame, Timestamp now, session::Actions& out);
    void finish(Timestamp now, session::Actions& out);
    void pause_if_behind(session::Actions& out);
    void close(mqtt::ReasonCode reason, const char* why, Timestamp now, session::Actions& out);
    void leave(bool will_owed, Timestamp now);
    bool v5() const { return version_ == mqtt::Version::v5; }
    bool stopped() const { return stage_ == Stage::closed || closing_reason_.has_value(); }
    template <class T>
    void send(const T& packet, session::Actions& out) {
        mqtt::encode(packet, version_, out.send);
    }

    // mqtt_session_connect.cpp
    void handle_connect(const mqtt::Frame& frame, Timestamp now, session::Actions& out);
    std::optional<mqtt::ReasonCode> objection(const mqtt::Connect& packet) const;
    void finish_connect(Timestamp now, session::Actions& out);
    void accept(const mqtt::Connect& packet, Principal principal, Timestamp now,
                session::Actions& out);
    void refuse_connect(mqtt::ReasonCode reason, const char* why, session::Actions& out);
    void send_connack(const mqtt::Connect& packet, bool session_present, bool assigned,
                      session::Actions& out);

    // mqtt_session_publish.cpp
    void handle(mqtt::Publish& packet, Timestamp now, session::Actions& out);
    bool resolve_alias(mqtt::Publish& packet, Timestamp now, session::Actions& out);
    Topic& topic_of(std::string_view name);
    Topic& remembered(std::string_view name);
    mqtt::ReasonCode judge(std::string_view topic) const;
    void refuse(const mqtt::Publish& packet, mqtt::ReasonCode reason, std::string_view why,
                Timestamp now, session::Actions& out);
    void give_reason(Broker::Pending& pending, std::string_view why) const;
    void handle(const mqtt::Pubrel& packet, Timestamp now, session::Actions& out);

    // mqtt_session_subscribe.cpp
    void handle(const mqtt::Subscribe& packet, Timestamp now, session::Actions& out);
    void handle(const mqtt::Unsubscribe& packet, Timestamp now, session::Actions& out);
    mqtt::ReasonCode judge(const mqtt::SubscribeFilter& filter) const;

    // mqtt_session_delivery.cpp
    void handle(const mqtt::Puback& packet, Timestamp now, session::Actions& out) {
        handle_puback(packet.packet_identifier, now, out);
    }
    void handle_puback(std::uint16_t packet, Timestamp now, session::Actions& out);
    void handle(const mqtt::Pubrec& packet, Timestamp now, session::Actions& out);
    void handle(const mqtt::Pubcomp& packet, Timestamp now, session::Actions& out);
    void record_answers(Timestamp now);
    void pump(Timestamp now, session::Actions& out);
    void send_ready(Timestamp now, session::Actions& out);
    void send_queued(Timestamp now, session::Actions& out);
    bool has_room(const session::Actions& out) const;
    std::size_t in_flight_max() const;
    bool is_durable(const QueuedMessage& message) const;
    mqtt::ForwardedPublish publish_of(const QueuedMessage& message, Timestamp now) const;
    bool fits(const QueuedMessage& message, Timestamp now) const;
    void send_publish(const QueuedMessage& message, std::uint16_t packet, bool duplicate,
                      Timestamp now, session::Actions& out);
    void use_alias(mqtt::ForwardedPublish& packet);

    void handle(const mqtt::Disconnect& packet, Timestamp now, session::Actions& out);

    Broker& broker_;
    session::Peer peer_;
    session::Waker waker_;
    Broker::ConnectionReference reference_;
    bool woken_ = false;
    bool in_call_ = false;

    Stage stage_ = Stage::awaiting_connect;
    mqtt::Version version_ = mqtt::Version::v5;
    mqtt::PacketFramer framer_;
    SessionState* state_ = nullptr;  // the broker's; it says when it goes
    std::string ready_;              // to be sent with the next call
    std::optional<mqtt::ReasonCode> closing_reason_;
    std::size_t given_ = 0;  // bytes handed to the network and not yet taken

    std::string connect_packet_;  // while its credentials are checked
    std::optional<Result<Principal>> verdict_;

    std::uint16_t keep_alive_s_ = 0;
    Timestamp last_packet_;
    bool paused_ = false;

    std::uint32_t client_packet_bytes_max_ = 0xFFFF'FFFF;
    std::uint16_t client_receive_maximum_ = 0xFFFF;
    std::uint16_t client_alias_max_ = 0;
    bool problem_information_ = true;                           // it wants reason strings
    std::vector<std::string> aliases_received_, aliases_sent_;  // alias n at n - 1

    std::vector<Topic> topics_;  // the first so many, then the latest
    std::size_t next_topic_ = 0;
    std::size_t waiting_publishes_ = 0;                   // QoS 1, not acknowledged yet
    std::vector<std::uint16_t> acknowledged_, released_;  // to be recorded after this call
};

}  // namespace vigil::broker
