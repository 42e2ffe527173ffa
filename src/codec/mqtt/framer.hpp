#pragma once
// Cuts a byte stream into control packets, however the network cut it (MQTT 5.0 2.1).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/mqtt/decode.hpp"

namespace vigil::mqtt {

// feed() what came in, then call next() until it has nothing. Packets that lie whole in what was
// fed are views into it; only the unfinished rest is copied, and never more of it than came in,
// whatever length the packet claims. After a violation the stream is lost: close the connection.
class PacketFramer {
public:
    explicit PacketFramer(std::uint32_t packet_bytes_max) : packet_bytes_max_(packet_bytes_max) {}

    void set_packet_bytes_max(std::uint32_t bytes) { packet_bytes_max_ = bytes; }

    // The bytes must outlive the calls of next() that follow, up to keep_rest().
    void feed(std::string_view bytes);
    // A frame is valid until the next call of any function. Nothing: feed me more.
    Decoded<std::optional<Frame>> next();
    // Copies what next() has not taken, so that the fed bytes may go. To be called after each feed
    // once the caller stops asking.
    void keep_rest();

    bool has_unread() const { return !fed_.empty() || kept_at_ < kept_.size(); }

private:
    Decoded<std::optional<Frame>> next_kept();
    void take(std::size_t bytes);  // from fed_ to kept_

    std::uint32_t packet_bytes_max_;
    std::string_view fed_;
    std::string kept_;         // what was not taken in earlier calls
    std::size_t kept_at_ = 0;  // before it, kept_ has been handed out
};

}  // namespace vigil::mqtt
