#pragma once
// The options of mqtt_load.

#include <cstdint>
#include <string>

namespace vigil::load {

// 116 bytes: three vital signs of one moment with their identity, as a bedside monitor sends them.
inline constexpr const char* vital_signs =
    R"({"ts": {ts}, "seq": {seq}, "device": "mon{id}", "heart_rate": {val}, "spo2": 97, "resp_rate": 16})";

struct Settings {
    std::string address = "127.0.0.1:1883", user, password;
    std::string certificate_authority;  // a PEM file: over TLS
    std::string topic = "vigil/mon{id}/telemetry";
    std::string payload = vital_signs;
    std::size_t connections = 50, window = 100;
    std::uint64_t each = 0;                     // messages a connection sends in all; 0: no bound
    double seconds = 5, warm_up = 1, rate = 0;  // rate 0: as fast as it is acknowledged
    std::size_t subscribers = 0;
    std::string filter = "#";
    std::uint8_t subscriber_qos = 0;
    // At full speed: how many messages the first subscriber may be behind what is published. What a
    // subscriber cannot take is lost (QoS 0) or ends its session: the fastest rate is one it keeps
    // up with.
    std::uint64_t behind_max = 5'000;
    bool wave = false;        // waveform blocks instead of `payload`
    std::string live, token;  // the HTTP address of a server whose live stream is watched
    double hold = 0;          // seconds to stay connected, silent, after the measured part
};

}  // namespace vigil::load
