#pragma once
// The control packets of MQTT 5.0 and 3.1.1 (chapter 3 of both) as values. Texts and payloads are
// views: into the bytes a packet was decoded from, or into what the sender owns while it encodes.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/mqtt/properties.hpp"
#include "codec/mqtt/reason_code.hpp"

namespace vigil::mqtt {

enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth
};

struct Will {
    std::uint8_t qos = 0;
    bool retain = false;
    std::string_view topic, payload;
    Properties properties;
    bool operator==(const Will&) const = default;
};

struct Connect {
    Version version = Version::v5;
    bool clean_start = true;  // Clean Session in 3.1.1
    std::uint16_t keep_alive = 0;
    std::string_view client_identifier;
    std::optional<Will> will;
    std::optional<std::string_view> user_name, password;
    Properties properties;
    bool operator==(const Connect&) const = default;
};

// In 3.1.1 the return code stands for the reason code of the same meaning.
struct Connack {
    bool session_present = false;
    ReasonCode reason = ReasonCode::success;
    Properties properties;
    bool operator==(const Connack&) const = default;
};

struct Publish {
    bool duplicate = false;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint16_t packet_identifier = 0;  // none at QoS 0
    std::string_view topic, payload;
    Properties properties;
    bool operator==(const Publish&) const = default;
};

// PUBACK, PUBREC, PUBREL and PUBCOMP have one form. 3.1.1 carries the identifier alone.
template <PacketType type>
struct Acknowledgement {
    std::uint16_t packet_identifier = 0;
    ReasonCode reason = ReasonCode::success;
    Properties properties;
    bool operator==(const Acknowledgement&) const = default;
};
using Puback = Acknowledgement<PacketType::puback>;
using Pubrec = Acknowledgement<PacketType::pubrec>;
using Pubrel = Acknowledgement<PacketType::pubrel>;
using Pubcomp = Acknowledgement<PacketType::pubcomp>;

struct SubscribeFilter {
    std::string_view filter;
    std::uint8_t qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    std::uint8_t retain_handling = 0;
    bool operator==(const SubscribeFilter&) const = default;
};

struct Subscribe {
    std::uint16_t packet_identifier = 0;
    std::vector<SubscribeFilter> filters;
    Properties properties;
    bool operator==(const Subscribe&) const = default;
};

struct Unsubscribe {
    std::uint16_t packet_identifier = 0;
    std::vector<std::string_view> filters;
    Properties properties;
    bool operator==(const Unsubscribe&) const = default;
};

// SUBACK and UNSUBACK. In 3.1.1 a SUBACK error is 0x80, and UNSUBACK has no reasons.
template <PacketType type>
struct FilterAcknowledgement {
    std::uint16_t packet_identifier = 0;
    std::vector<ReasonCode> reasons;
    Properties properties;
    bool operator==(const FilterAcknowledgement&) const = default;
};
using Suback = FilterAcknowledgement<PacketType::suback>;
using Unsuback = FilterAcknowledgement<PacketType::unsuback>;

struct Pingreq {
    bool operator==(const Pingreq&) const = default;
};
struct Pingresp {
    bool operator==(const Pingresp&) const = default;
};

struct Disconnect {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
    bool operator==(const Disconnect&) const = default;
};

struct Auth {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
    bool operator==(const Auth&) const = default;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe,
                            Suback, Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace vigil::mqtt
