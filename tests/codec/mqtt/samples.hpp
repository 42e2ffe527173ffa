#pragma once
// Packets of every kind, for round trips and cuts.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/framer.hpp"
#include "codec/mqtt/packet.hpp"

namespace vigil::mqtt {

inline std::string encoded(const Packet& packet, Version version) {
    std::string out;
    encode(packet, version, out);
    return out;
}

inline std::string user_property_block() {
    std::string block;
    UserProperties::add(block, "site", "ward 7");
    UserProperties::add(block, "site", "bed 3");
    return block;
}

struct Sample {
    std::string name;
    Packet packet;
    Version version = Version::v5;
};

// Everything a packet can carry, in both versions.
inline std::vector<Sample> samples() {
    static const std::string users = user_property_block();
    static const std::string identifiers = [] {
        std::string block;
        SubscriptionIdentifiers::add(block, 1);
        SubscriptionIdentifiers::add(block, 268'435'455);
        return block;
    }();
    static const std::string one_identifier = [] {
        std::string block;
        SubscriptionIdentifiers::add(block, 77);
        return block;
    }();

    std::vector<Sample> out;
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        const bool v5 = version == Version::v5;
        const std::string suffix = v5 ? "_v5" : "_v3_1_1";
        const auto add = [&](const std::string& name, Packet packet) {
            out.push_back({name + suffix, std::move(packet), version});
        };
        const auto reason = [&](ReasonCode code) { return v5 ? code : ReasonCode::success; };

        Connect connect;
        connect.version = version;
        connect.client_identifier = "bed-7-monitor";
        connect.keep_alive = 30;
        add("connect_small", connect);
        connect.clean_start = false;
        connect.user_name = "bed-7";
        connect.password = std::string_view("\0token", 6);
        connect.will = Will{};
        connect.will->qos = 2;
        connect.will->retain = true;
        connect.will->topic = "vigil/bed-7/state";
        connect.will->payload = "offline";
        if (v5) {
            auto& p = connect.properties;
            p.session_expiry_interval = 0xFFFFFFFF;
            p.receive_maximum = 20;
            p.maximum_packet_size = 65536;
            p.topic_alias_maximum = 10;
            p.request_response_information = 1;
            p.request_problem_information = 0;
            p.authentication_method = "SCRAM-SHA-256";
            p.authentication_data = std::string_view("\0\1", 2);
            p.user_properties = UserProperties(users);
            auto& w = connect.will->properties;
            w.will_delay_interval = 5;
            w.payload_format_indicator = 1;
            w.message_expiry_interval = 60;
            w.content_type = "text/plain";
            w.response_topic = "vigil/bed-7/answer";
            w.correlation_data = "c";
            w.user_properties = UserProperties(users);
        }
        add("connect_full", connect);

        Connack connack;
        connack.session_present = true;
        if (v5) {
            auto& p = connack.properties;
            p.session_expiry_interval = 60;
            p.receive_maximum = 1024;
            p.maximum_qos = 1;
            p.retain_available = 0;
            p.maximum_packet_size = 1 << 20;
            p.assigned_client_identifier = "vigil-1";
            p.topic_alias_maximum = 16;
            p.reason_string = "why";
            p.wildcard_subscription_available = 1;
            p.subscription_identifier_available = 1;
            p.shared_subscription_available = 1;
            p.server_keep_alive = 60;
            p.response_information = "vigil/bed-7/";
            p.server_reference = "elsewhere";
            p.authentication_method = "m";
            p.authentication_data = "d";
            p.user_properties = UserProperties(users);
        }
        add("connack", connack);
        add("connack_refused", Connack{false, ReasonCode::not_authorized, {}});

        Publish publish;
        publish.topic = "vigil/bed-7/telemetry";
        publish.payload = R"({"heart_rate":72})";
        add("publish_qos0", publish);
        publish.qos = 2;
        publish.duplicate = true;
        publish.retain = true;
        publish.packet_identifier = 65535;
        if (v5) {
            auto& p = publish.properties;
            p.payload_format_indicator = 1;
            p.message_expiry_interval = 30;
            p.topic_alias = 3;
            p.response_topic = "r/\xC3\xA4";
            p.correlation_data = std::string_view("\0\xFF", 2);
            p.content_type = "application/json";
            p.subscription_identifiers = SubscriptionIdentifiers(identifiers);
            p.user_properties = UserProperties(users);
        }
        add("publish_full", publish);

        Properties explained;
        if (v5) {
            explained.reason_string = "because";
            explained.user_properties = UserProperties(users);
        }
        add("puback", Puback{1, ReasonCode::success, {}});
        add("puback_refused", Puback{2, reason(ReasonCode::not_authorized), explained});
        add("pubrec", Pubrec{3, reason(ReasonCode::quota_exceeded), {}});
        add("pubrel", Pubrel{4, reason(ReasonCode::packet_identifier_not_found), explained});
        add("pubcomp", Pubcomp{5, ReasonCode::success, explained});

        Subscribe subscribe;
        subscribe.packet_identifier = 9;
        subscribe.filters = {{"vigil/bed-7/#", 2, false, false, 0}, {"a/+/b", 1, false, false, 0}};
        if (v5) {
            subscribe.filters[0].no_local = subscribe.filters[0].retain_as_published = true;
            subscribe.filters[1].retain_handling = 2;
            subscribe.properties.subscription_identifiers = SubscriptionIdentifiers(one_identifier);
            subscribe.properties.user_properties = UserProperties(users);
        }
        add("subscribe", subscribe);
        Suback suback{9, {ReasonCode::granted_qos_2, ReasonCode::unspecified_error}, explained};
        add("suback", suback);
        Unsubscribe unsubscribe;
        unsubscribe.packet_identifier = 10;
        unsubscribe.filters = {"vigil/bed-7/#", "a/+/b"};
        add("unsubscribe", unsubscribe);
        Unsuback unsuback{10, {}, explained};
        if (v5) unsuback.reasons = {ReasonCode::success, ReasonCode::no_subscription_existed};
        add("unsuback", unsuback);
        add("pingreq", Pingreq{});
        add("pingresp", Pingresp{});
        add("disconnect", Disconnect{});
        if (v5) {
            Disconnect disconnect{ReasonCode::disconnect_with_will_message, explained};
            disconnect.properties.session_expiry_interval = 7;
            disconnect.properties.server_reference = "elsewhere";
            add("disconnect_full", disconnect);
            Auth auth{ReasonCode::continue_authentication, explained};
            auth.properties.authentication_method = "m";
            auth.properties.authentication_data = "d";
            add("auth", auth);
        }
    }
    return out;
}

// The one frame of `bytes`.
inline Frame frame_of(std::string_view bytes) {
    PacketFramer framer(variable_byte_integer_max);
    framer.feed(bytes);
    auto frame = framer.next();
    return frame && *frame ? **frame : Frame{};
}

inline Decoded<Packet> decoded(std::string_view bytes, Version version) {
    return decode(frame_of(bytes), version);
}

}  // namespace vigil::mqtt
