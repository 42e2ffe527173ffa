#pragma once
// The framing of RFC 6455 as a machine between bytes and bytes. Payload is handed on as it comes,
// so memory does not grow with what a frame's header claims.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigil::net {

// RFC 6455 7.4.1
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t invalid_payload = 1007;
inline constexpr std::uint16_t too_big = 1009;
}  // namespace close_code

enum class WebSocketOpcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

class WebSocketReader {
public:
    enum class Role : std::uint8_t {
        server,
        client
    };  // a server's peer masks, a client's does not
    explicit WebSocketReader(Role role) : masked_(role == Role::server) {}

    enum class Kind : std::uint8_t { more, data, ping, pong, close, broken };
    struct Event {
        Kind kind = Kind::more;
        bool text = false;              // data: of a text message
        bool message_complete = false;  // data: its last piece
    };
    // Takes bytes from the front up to the next event. A piece of a message is appended to `data`;
    // the payload of a control frame is in control(). After `broken` the connection must end, with
    // broken_code().
    Event next(std::string_view& bytes, std::string& data);
    std::string_view control() const { return control_; }
    std::uint16_t broken_code() const { return broken_code_; }
    // Of a close frame: its code; nothing if it has none.
    std::optional<std::uint16_t> peer_close_code() const;

private:
    bool take_header(std::string_view& bytes);
    bool begin_frame();
    bool is_control() const { return opcode_ >= WebSocketOpcode::close; }
    void unmask(std::string_view bytes, std::string& out);
    Event break_off(std::uint16_t code);
    Event data_event();
    Event control_event();

    bool masked_;
    bool in_payload_ = false, final_ = false, message_open_ = false, message_text_ = false;
    WebSocketOpcode opcode_ = WebSocketOpcode::continuation;
    std::uint8_t header_size_ = 0;
    std::array<unsigned char, 14> header_{};
    std::array<unsigned char, 4> mask_{};
    std::uint64_t left_ = 0;
    std::size_t mask_at_ = 0;
    std::string control_;
    std::uint16_t broken_code_ = 0;
};

using MaskingKey = std::array<unsigned char, 4>;
// A whole message in one frame; `mask` as a client must.
void write_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                 const std::optional<MaskingKey>& mask = {});
void write_close(std::string& out, std::uint16_t code, const std::optional<MaskingKey>& mask = {});

bool is_utf8(std::string_view text);

}  // namespace vigil::net
