#pragma once
// An application message on its way to subscribers, and its `message` entry in the log
// (docs/reference/log-entry.md, MQTT).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "broker/counted.hpp"
#include "codec/mqtt/packet.hpp"

namespace vigil::broker {

using SessionNumber = std::uint64_t;  // of an MQTT session, for ever; 0 is none

// Shared by all who are to get it, and never changed once it is committed.
class Message {
public:
    Message() = default;
    Message(std::string_view topic, std::string_view properties, std::string_view payload) {
        set(topic, properties, payload);
    }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    virtual ~Message() = default;
    // Anew, in the memory that it has.
    void set(std::string_view topic, std::string_view properties, std::string_view payload);
    void set(const mqtt::Publish& packet, Timestamp received);
    void set(const Message& other);

    std::string_view topic() const { return std::string_view(bytes_).substr(0, topic_size_); }
    // What is forwarded unaltered (MQTT 5.0 3.3.2.3), encoded: Payload Format Indicator, Content
    // Type, Response Topic, Correlation Data and User Properties.
    std::string_view properties() const {
        return std::string_view(bytes_).substr(topic_size_, properties_size_);
    }
    std::string_view payload() const {
        return std::string_view(bytes_).substr(topic_size_ + properties_size_);
    }
    std::size_t size() const { return bytes_.size(); }

    std::uint8_t qos = 0;
    bool retain = false;
    std::optional<Timestamp> expires;
    Position position;  // of its entry; offset 0: it has none

    // For Counted.
    virtual void unheld() const { delete this; }
    mutable std::uint32_t holders = 0;

private:
    std::string bytes_;
    std::uint32_t topic_size_ = 0, properties_size_ = 0;
};

using MessagePointer = Counted<const Message>;

// How one session gets a message: the sum of its subscriptions that match.
struct Delivery {
    SessionNumber session = 0;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint32_t share = 0;  // share_of() the shared subscription it is for; 0: none
    std::vector<std::uint32_t> subscription_identifiers;
    bool operator==(const Delivery&) const = default;
};

// Topic and payload stand in an entry before the message's own: the readings that were made of it,
// or the quarantine's. Only with that entry's raw form can the message still be delivered.
struct Carrier {
    std::uint32_t distance = 0;       // so many entries before, at most carrier_distance_max
    std::uint32_t size = 0;           // of topic and payload
    std::uint32_t checksum_sent = 0;  // of both: the entry meant is the one that is found
    bool operator==(const Carrier&) const = default;
};
constexpr std::uint32_t carrier_distance_max = 16;
// Where what carries the message at this offset may begin.
constexpr std::uint64_t carrier_from(std::uint64_t offset) {
    return offset > carrier_distance_max ? offset - carrier_distance_max : offset;
}
Carrier carrier_of(std::string_view topic, std::string_view payload, std::uint64_t distance);

// What a `message` entry says besides the message.
struct MessageEntry {
    // The QoS 2 exchange it came in by: the packet identifier is in use from here on.
    SessionNumber publisher = 0;
    std::uint16_t packet_identifier = 0;
    SessionNumber will_of = 0;         // the session whose will this is
    std::optional<Carrier> carrier;    // its own body then holds neither topic nor payload
    std::vector<Delivery> deliveries;  // to the sessions that outlive a restart
};

void encode_message_entry(const Message& message, const MessageEntry& entry, std::string& out);

struct DecodedMessageEntry {
    Counted<Message> message;
    MessageEntry entry;
};
Result<DecodedMessageEntry> decode_message_entry(std::string_view body);
// The message with what its carrier holds. Nothing: that is not what it was made of.
Counted<Message> completed(const DecodedMessageEntry& decoded, std::string_view topic,
                           std::string_view payload);

}  // namespace vigil::broker
