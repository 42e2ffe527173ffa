#pragma once
// MQTT 5.0 2.2.2: the properties of a packet. Texts are views into the bytes they were decoded
// from.

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vigil::mqtt {

enum class PropertyId : std::uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0B,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1A,
    server_reference = 0x1C,
    reason_string = 0x1F,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifier_available = 0x29,
    shared_subscription_available = 0x2A,
};

// The properties that may repeat stay as they are on the wire: a block of encoded properties,
// walked when somebody wants them. The block may hold other properties, which are passed over.
class UserProperties {
public:
    using Pair = std::pair<std::string_view, std::string_view>;

    class Iterator {
    public:
        using value_type = Pair;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        explicit Iterator(std::string_view rest) : rest_(rest) { advance(); }
        const Pair& operator*() const { return pair_; }
        const Pair* operator->() const { return &pair_; }
        Iterator& operator++() {
            advance();
            return *this;
        }
        void operator++(int) { advance(); }
        bool operator==(std::default_sentinel_t) const { return done_; }

    private:
        void advance();
        std::string_view rest_;
        Pair pair_;
        bool done_ = false;
    };

    UserProperties() = default;
    // `block` is well formed: the decoder or add() made it.
    explicit UserProperties(std::string_view block) : block_(block) {}
    Iterator begin() const { return Iterator(block_); }
    std::default_sentinel_t end() const { return {}; }
    bool empty() const { return begin() == end(); }
    bool operator==(const UserProperties& other) const;

    static void add(std::string& block, std::string_view name, std::string_view value);

private:
    std::string_view block_;
};

class SubscriptionIdentifiers {
public:
    class Iterator {
    public:
        using value_type = std::uint32_t;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        explicit Iterator(std::string_view rest) : rest_(rest) { advance(); }
        std::uint32_t operator*() const { return value_; }
        Iterator& operator++() {
            advance();
            return *this;
        }
        void operator++(int) { advance(); }
        bool operator==(std::default_sentinel_t) const { return done_; }

    private:
        void advance();
        std::string_view rest_;
        std::uint32_t value_ = 0;
        bool done_ = false;
    };

    SubscriptionIdentifiers() = default;
    explicit SubscriptionIdentifiers(std::string_view block) : block_(block) {}
    Iterator begin() const { return Iterator(block_); }
    std::default_sentinel_t end() const { return {}; }
    bool empty() const { return begin() == end(); }
    bool operator==(const SubscriptionIdentifiers& other) const;

    static void add(std::string& block, std::uint32_t identifier);

private:
    std::string_view block_;
};

struct Properties {
    std::optional<std::uint8_t> payload_format_indicator;
    std::optional<std::uint8_t> request_problem_information;
    std::optional<std::uint8_t> request_response_information;
    std::optional<std::uint8_t> maximum_qos;
    std::optional<std::uint8_t> retain_available;
    std::optional<std::uint8_t> wildcard_subscription_available;
    std::optional<std::uint8_t> subscription_identifier_available;
    std::optional<std::uint8_t> shared_subscription_available;
    std::optional<std::uint16_t> server_keep_alive;
    std::optional<std::uint16_t> receive_maximum;
    std::optional<std::uint16_t> topic_alias_maximum;
    std::optional<std::uint16_t> topic_alias;
    std::optional<std::uint32_t> message_expiry_interval;
    std::optional<std::uint32_t> session_expiry_interval;
    std::optional<std::uint32_t> will_delay_interval;
    std::optional<std::uint32_t> maximum_packet_size;
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> response_topic;
    std::optional<std::string_view> correlation_data;
    std::optional<std::string_view> assigned_client_identifier;
    std::optional<std::string_view> authentication_method;
    std::optional<std::string_view> authentication_data;
    std::optional<std::string_view> response_information;
    std::optional<std::string_view> server_reference;
    std::optional<std::string_view> reason_string;
    SubscriptionIdentifiers subscription_identifiers;
    UserProperties user_properties;

    bool operator==(const Properties&) const = default;
};

// The properties without the length in front: how many bytes, and the bytes, appended.
std::size_t encoded_size(const Properties& properties);
void append_property_block(const Properties& properties, std::string& out);
// With the length in front.
void append_properties(const Properties& properties, std::string& out);

}  // namespace vigil::mqtt
