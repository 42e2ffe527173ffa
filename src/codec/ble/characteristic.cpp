#include "codec/ble/characteristic.hpp"

#include <fmt/format.h>

#include <array>

#include "codec/binary_text.hpp"
#include "codec/ble/frame.hpp"

namespace vigil::codec::ble {
namespace {

struct Row {
    std::uint16_t uuid;
    Characteristic* decode;
};

constexpr std::array characteristics{Row{0x2A08, date_time},
                                     Row{0x2A18, glucose_measurement},
                                     Row{0x2A19, battery_level},
                                     Row{0x2A1C, temperature_measurement},
                                     Row{0x2A1E, temperature_measurement},
                                     Row{0x2A2B, current_time},
                                     Row{0x2A34, glucose_context},
                                     Row{0x2A35, blood_pressure_measurement},
                                     Row{0x2A36, intermediate_cuff_pressure},
                                     Row{0x2A37, heart_rate_measurement},
                                     Row{0x2A5E, plx_spot_check},
                                     Row{0x2A5F, plx_continuous},
                                     Row{0x2A9C, body_composition_measurement},
                                     Row{0x2A9D, weight_measurement},
                                     Row{0x2AA7, cgm_measurement},
                                     Row{0x2AAA, cgm_session_start}};

Characteristic* find(std::uint16_t uuid) {
    for (const auto& row : characteristics)
        if (row.uuid == uuid) return row.decode;
    return nullptr;
}

// What a gateway forwards: the value, when it heard it, and whether it could send it only later.
struct Heard {
    std::string_view value;
    std::optional<Timestamp> time;
    bool kept = false;
};

Result<Heard> unwrapped(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                        std::string& bytes) {
    VIGIL_TRY(root, json.parse(payload, {.bytes_max = 4096, .values_max = 64, .depth_max = 4}));
    Heard heard;
    const auto hex = root["hex"].string();
    const auto text = hex.empty() ? root["b64"].string() : hex;
    const bool read = hex.empty() ? read_base64(text, bytes) : read_hex(text, bytes);
    if (!read || text.empty())
        return fail(Error::Kind::malformed, R"(has neither "hex" nor "b64" that can be read)");
    heard.value = bytes;
    heard.kept = root["stored"].is_true();
    if (const auto ts = root["ts"]; ts.is(JsonKind::number)) {
        VIGIL_TRY(time, read_unix_time(ts.text()));
        heard.time = time;
    } else if (ts.is(JsonKind::string)) {
        VIGIL_TRY(time, read_time(ts.text(), context));
        heard.time = time.instant;
    }
    return heard;
}

// No value of these characteristics both begins with '{' and ends with '}' and reads as JSON.
bool is_wrapped(std::string_view payload) {
    return payload.size() >= 2 && payload.front() == '{' && payload.back() == '}';
}

}  // namespace

Result<void> decode(std::uint16_t characteristic, std::string_view payload,
                    const DecodeContext& context, DeviceMemory& memory, JsonDocument& json,
                    DecodedMessage& out) {
    clear(out);
    auto* const decoder = find(characteristic);
    if (decoder == nullptr)
        return fail(Error::Kind::unsupported,
                    fmt::format("the characteristic {:04X} is not read here", characteristic));
    Heard heard{payload, std::nullopt, false};
    std::string bytes;
    if (is_wrapped(payload)) {
        VIGIL_TRY(within, unwrapped(payload, context, json, bytes));
        heard = within;
    }
    if (heard.value.size() > value_bytes_max)
        return fail(Error::Kind::too_large, "a characteristic's value has at most 512 bytes");
    // What a frame says of its age it says of the moment it was heard.
    DecodeContext at_hearing = context;
    at_hearing.receive_time = heard.time.value_or(context.receive_time);
    Frame frame(heard.value, at_hearing, out);
    frame.measured_at(heard.time);
    VIGIL_CHECK(decoder(frame, memory));
    out.heard_time = heard.time;
    out.kept = heard.kept;
    return {};
}

Result<void> battery_level(Frame& frame, DeviceMemory&) {
    const auto percent = frame.u8();
    VIGIL_CHECK(frame.complete());
    frame.add(
        "battery_level",
        NumericValue{{percent, 0}, frame.context().catalogue.find("battery_level")->unit, {}});
    return {};
}

}  // namespace vigil::codec::ble
