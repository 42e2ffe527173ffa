#pragma once
// Reads the data types of MQTT 5.0 1.5 off the front of a packet's body.

#include <cstdint>
#include <string_view>

#include "codec/mqtt/decode.hpp"
#include "codec/mqtt/text.hpp"

namespace vigil::mqtt {

// The first fault sticks: every later read gives nothing, so a decoder asks once at the end.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool failed() const { return fault_.message[0] != '\0'; }
    const Violation& fault() const { return fault_; }
    void fail(ReasonCode code, const char* message) {
        if (failed()) return;
        fault_ = {code, message};
        rest_ = {};
    }

    bool empty() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    std::uint8_t u8() {
        if (rest_.empty()) return missing();
        const auto value = byte(0);
        rest_.remove_prefix(1);
        return value;
    }
    std::uint16_t u16() {
        if (rest_.size() < 2) return missing();
        const auto value = static_cast<std::uint16_t>((byte(0) << 8) | byte(1));
        rest_.remove_prefix(2);
        return value;
    }
    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return (high << 16) | u16();
    }
    // At most four bytes, and no more than the value needs [MQTT-1.5.5-1].
    std::uint32_t variable_byte_integer() {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < 4 && i < rest_.size(); ++i) {
            value |= static_cast<std::uint32_t>(byte(i) & 0x7F) << (7 * i);
            if ((byte(i) & 0x80) != 0) continue;
            if (i > 0 && byte(i) == 0) break;
            rest_.remove_prefix(i + 1);
            return value;
        }
        fail(ReasonCode::malformed_packet, "variable byte integer is cut short or too long");
        return 0;
    }
    std::string_view binary() {
        const auto length = u16();
        return take(length);
    }
    std::string_view text() {
        const auto bytes = binary();
        if (!is_valid_text(bytes)) fail(ReasonCode::malformed_packet, "text is not valid UTF-8");
        return bytes;
    }
    std::string_view take(std::size_t length) {
        if (length > rest_.size()) {
            missing();
            return {};
        }
        const auto bytes = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return bytes;
    }

private:
    std::uint8_t byte(std::size_t i) const { return static_cast<std::uint8_t>(rest_[i]); }
    std::uint8_t missing() {
        fail(ReasonCode::malformed_packet, "packet is cut short");
        return 0;
    }

    std::string_view rest_;
    Violation fault_;
};

// Which rules a block of properties is under.
enum class PropertyOwner : std::uint8_t {
    will = 0,  // the others have the number of their packet type
    connect = 1,
    auth = 15
};

void read_properties(Reader& reader, PropertyOwner owner, Properties& out);

}  // namespace vigil::mqtt
