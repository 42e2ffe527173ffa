#include "net/websocket_frames.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace vigil::net {
namespace {

constexpr std::uint64_t control_payload_max = 125;  // RFC 6455 5.5

bool is_known(std::uint8_t opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// Codes that may stand in a close frame: those the standard defines for it, and those registered or
// private (RFC 6455 7.4.2).
bool may_be_sent(std::uint16_t code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

// How long the header is, as far as its first two bytes tell.
std::size_t header_bytes(const std::array<unsigned char, 14>& header) {
    const auto length = header[1] & 0x7F;
    return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + ((header[1] & 0x80) != 0 ? 4U : 0U);
}

}  // namespace

WebSocketReader::Event WebSocketReader::next(std::string_view& bytes, std::string& data) {
    if (broken_code_ != 0) return {.kind = Kind::broken};
    if (!in_payload_) {
        if (!take_header(bytes)) return {};
        if (!begin_frame()) return {.kind = Kind::broken};
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (count == 0 && left_ > 0) return {};
    unmask(bytes.substr(0, count), is_control() ? control_ : data);
    bytes.remove_prefix(count);
    left_ -= count;
    if (left_ == 0) {
        in_payload_ = false;
        header_size_ = 0;
    }
    if (!is_control()) return data_event();
    return left_ == 0 ? control_event() : Event{};
}

bool WebSocketReader::take_header(std::string_view& bytes) {
    std::size_t wanted = 2;
    for (;;) {
        const auto count =
            std::min(wanted - std::min<std::size_t>(header_size_, wanted), bytes.size());
        std::memcpy(header_.data() + header_size_, bytes.data(), count);
        header_size_ = static_cast<std::uint8_t>(header_size_ + count);
        bytes.remove_prefix(count);
        if (header_size_ < wanted) return false;
        const auto whole = header_bytes(header_);
        if (wanted == whole) return true;
        wanted = whole;
    }
}

bool WebSocketReader::begin_frame() {
    const auto opcode = static_cast<std::uint8_t>(header_[0] & 0x0F);
    final_ = (header_[0] & 0x80) != 0;
    opcode_ = static_cast<WebSocketOpcode>(opcode);
    const bool masked = (header_[1] & 0x80) != 0;
    const unsigned short_length = header_[1] & 0x7FU;
    left_ = short_length;
    const std::size_t length_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    if (length_bytes > 0) left_ = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) left_ = left_ << 8 | header_[2 + i];
    // RFC 6455 5.2: no reserved bit, the shortest form of the length, at most 2^63 - 1.
    const bool longer_than_needed = (length_bytes == 2 && left_ < 126) ||
                                    (length_bytes == 8 && left_ <= 0xFFFF) || (left_ >> 63) != 0;
    bool legal =
        (header_[0] & 0x70) == 0 && is_known(opcode) && masked == masked_ && !longer_than_needed;
    if (is_control()) {
        legal = legal && final_ && left_ <= control_payload_max;
        control_.clear();
    } else {
        legal = legal && (opcode_ == WebSocketOpcode::continuation) == message_open_;
        if (!message_open_) message_text_ = opcode_ == WebSocketOpcode::text;
        message_open_ = true;
    }
    if (!legal) {
        broken_code_ = close_code::protocol_error;
        return false;
    }
    if (masked)
        std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(2 + length_bytes), 4,
                    mask_.begin());
    mask_at_ = 0;
    in_payload_ = true;
    return true;
}

void WebSocketReader::unmask(std::string_view bytes, std::string& out) {
    const auto start = out.size();
    out.append(bytes);
    if (!masked_) return;
    for (auto at = start; at < out.size(); ++at)
        out[at] = static_cast<char>(out[at] ^ mask_[mask_at_++ & 3]);
}

WebSocketReader::Event WebSocketReader::data_event() {
    const bool complete = left_ == 0 && final_;
    if (complete) message_open_ = false;
    return {.kind = Kind::data, .text = message_text_, .message_complete = complete};
}

WebSocketReader::Event WebSocketReader::control_event() {
    if (opcode_ == WebSocketOpcode::ping) return {.kind = Kind::ping};
    if (opcode_ == WebSocketOpcode::pong) return {.kind = Kind::pong};
    const auto code = peer_close_code();
    if (control_.size() == 1 || (code && !may_be_sent(*code)))
        return break_off(close_code::protocol_error);
    if (code && !is_utf8(control().substr(2))) return break_off(close_code::invalid_payload);
    return {.kind = Kind::close};
}

WebSocketReader::Event WebSocketReader::break_off(std::uint16_t code) {
    broken_code_ = code;
    return {.kind = Kind::broken};
}

std::optional<std::uint16_t> WebSocketReader::peer_close_code() const {
    if (control_.size() < 2) return std::nullopt;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8 |
                                      static_cast<unsigned char>(control_[1]));
}

void write_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                 const std::optional<MaskingKey>& mask) {
    const auto put = [&out](std::uint64_t byte) { out.push_back(static_cast<char>(byte & 0xFF)); };
    const std::uint64_t size = payload.size();
    const unsigned mask_bit = mask ? 0x80 : 0;
    put(0x80U | static_cast<unsigned>(opcode));
    put(mask_bit | (size < 126 ? size : size <= 0xFFFF ? 126 : 127));
    if (size >= 126)
        for (int shift = size <= 0xFFFF ? 8 : 56; shift >= 0; shift -= 8) put(size >> shift);
    if (!mask) {
        out += payload;
        return;
    }
    for (const auto byte : *mask) put(byte);
    for (std::size_t i = 0; i < payload.size(); ++i)
        put(static_cast<unsigned char>(payload[i]) ^ (*mask)[i & 3]);
}

void write_close(std::string& out, std::uint16_t code, const std::optional<MaskingKey>& mask) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    write_frame(out, WebSocketOpcode::close, payload, mask);
}

bool is_utf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace vigil::net
