#pragma once
// What the log keeps of MQTT sessions: one `session` entry for each change that must survive a
// restart (docs/reference/log-entry.md, MQTT). A snapshot is a row of the same records.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "broker/inbound.hpp"
#include "broker/message.hpp"

namespace vigil::broker {

// The will of a session, as its CONNECT said (MQTT 5.0 3.1.2.5).
struct StoredWill {
    std::string topic, properties, payload;  // properties: what is forwarded, encoded
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint32_t delay_s = 0;
    std::optional<std::uint32_t> message_expiry_s;
    bool operator==(const StoredWill&) const = default;
};

struct StoredSubscription {
    std::string filter;  // as subscribed, $share/ included
    std::uint8_t qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    std::uint32_t identifier = 0;  // 0: none
    bool operator==(const StoredSubscription&) const = default;
};

// A connection to the session was accepted.
struct Opened {
    SessionNumber session = 0;
    std::uint64_t exchange_base = 0;
    Principal principal;
    std::string client_identifier;
    std::uint32_t expiry_s = 0;
    std::optional<StoredWill> will;
};
struct Subscribed {
    SessionNumber session = 0;
    StoredSubscription subscription;
    bool send_retained = false;  // the retained messages of this moment go to the queue
};
struct Unsubscribed {
    SessionNumber session = 0;
    std::string filter;
};
// These packet identifiers stand from here on for the messages at these offsets of the log.
struct Sending {
    SessionNumber session = 0;
    std::vector<std::pair<std::uint16_t, std::uint64_t>> packets;
};
// PUBACK, PUBCOMP or a PUBREC that refuses came: the identifiers are free.
struct Acknowledged {
    SessionNumber session = 0;
    std::vector<std::uint16_t> packets;
};
// PUBREC came: PUBREL is owed.
struct Released {
    SessionNumber session = 0;
    std::vector<std::uint16_t> packets;
};
// A QoS 2 PUBLISH of the client was taken; PUBREL for it came.
struct Received {
    SessionNumber session = 0;
    std::uint16_t packet = 0;
};
struct Completed {
    SessionNumber session = 0;
    std::uint16_t packet = 0;
};
struct Disconnected {
    SessionNumber session = 0;
    Timestamp at;
    std::uint32_t expiry_s = 0;
    bool will_owed = false;
};
struct Ended {
    SessionNumber session = 0;
    std::uint8_t reason = 0;                      // MQTT 5.0 reason code
    std::uint64_t lost_messages = 0;              // queued and never acknowledged
    std::uint64_t first_lost = 0, last_lost = 0;  // offsets of the log
};
// What is on its way to the client, in order. In snapshots only, but for what a member of a shared
// subscription left behind for this one when it ended.
struct Queued {
    SessionNumber session = 0;
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint8_t qos = 0;
    bool retain = false;
    std::optional<Timestamp> expires;
    std::vector<std::uint32_t> subscription_identifiers;
};
// The same, of a shared subscription.
struct QueuedShared : Queued {
    std::uint32_t share = 0;  // share_of() it
};

// The log's bound in bytes has come as far as offset `before`: the session, whose client is away,
// loses what it would have to read from entries before that.
struct Overtaken {
    SessionNumber session = 0;
    std::uint64_t before = 0;
};

// In snapshots only: the QoS 1 and 2 exchanges of the client that were last seen.
struct Exchanged {
    SessionNumber session = 0;
    std::vector<std::uint64_t> exchanges;
};

// The order is the number each has in the log: only ever add at the end.
using SessionEntry =
    std::variant<Opened, Subscribed, Unsubscribed, Sending, Acknowledged, Released, Received,
                 Completed, Disconnected, Ended, Queued, Exchanged, QueuedShared, Overtaken>;

void encode_session_entry(const SessionEntry& entry, std::string& out);
Result<SessionEntry> decode_session_entry(std::string_view body);

}  // namespace vigil::broker
