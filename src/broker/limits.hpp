#pragma once
// Every bound of the broker. Each is a site's setting; the comment says what a client is told that
// goes over it.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace vigil::broker {

struct BrokerLimits {
    // Connections.
    std::size_t connections_max = 20'000;           // CONNACK 0x89 (3.1.1: 3)
    std::chrono::seconds connect_time_max{10};      // closed: no CONNECT came
    std::uint32_t connect_bytes_max = 256 * 1024;   // CONNACK 0x95 (3.1.1: closed)
    std::uint32_t packet_bytes_max = 1 << 20;       // announced; DISCONNECT 0x95
    std::uint16_t receive_maximum = 1024;           // announced; DISCONNECT 0x93
    std::uint16_t topic_alias_maximum = 16;         // announced; DISCONNECT 0x94
    std::uint16_t topic_alias_sent_max = 16;        // of ours, per connection
    std::uint16_t keep_alive_max_s = 3600;          // Server Keep Alive
    std::size_t client_identifier_bytes_max = 256;  // CONNACK 0x85 (3.1.1: 2)
    std::size_t pending_log_bytes_max = 32 << 20;   // publishers wait, unread

    // Sessions.
    std::size_t sessions_max = 50'000;                   // CONNACK 0x97 (3.1.1: 3)
    std::uint32_t session_expiry_max_s = 7 * 24 * 3600;  // announced in CONNACK
    std::size_t subscriptions_max = 1'000;               // SUBACK 0x97
    std::size_t queue_messages_max = 100'000;            // DISCONNECT 0x97, session ends
    std::size_t queue_bytes_max = 64 << 20;              // the same
    // Of all queues together, messages in flight included: the same, for those that hold most.
    std::size_t all_queues_messages_max = 2'000'000;
    std::size_t all_queues_bytes_max = std::size_t{1} << 30;
    // A queue shorter than this keeps its messages' bodies in memory; others are read back.
    std::size_t queue_held_bytes_max = 1 << 20;
    std::size_t in_flight_max = 1024;  // of ours, unacknowledged, if the client takes as many

    // Messages.
    std::size_t topic_bytes_max = 1024;           // PUBACK 0x90, SUBACK 0x8F
    std::size_t topic_levels_max = 32;            // the same
    std::size_t retained_messages_max = 100'000;  // PUBACK 0x97
    std::size_t retained_bytes_max = 256 << 20;   // the same
};

}  // namespace vigil::broker
