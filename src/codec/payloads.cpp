#include "codec/payloads.hpp"

#include <array>
#include <charconv>

#include "codec/fhirjson/observation.hpp"
#include "codec/senml/senml.hpp"
#include "codec/telemetry/telemetry.hpp"
#include "codec/waveform/waveform_block.hpp"

namespace vigil::codec {
namespace {

struct Name {
    std::string_view word;
    PayloadKind kind;
};

constexpr std::array names{Name{"telemetry", PayloadKind::telemetry},
                           Name{"senml", PayloadKind::senml}, Name{"fhir", PayloadKind::fhir},
                           Name{"wave", PayloadKind::wave}};

// The part before the first '/', which is taken off too.
std::string_view take_level(std::string_view& topic) {
    const auto slash = topic.find('/');
    const auto level = topic.substr(0, slash);
    topic.remove_prefix(slash == std::string_view::npos ? topic.size() : slash + 1);
    return level;
}

std::optional<std::uint16_t> read_uuid16(std::string_view text) {
    std::uint16_t uuid = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, uuid, 16);
    if (text.size() != 4 || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return uuid;
}

std::optional<PayloadAddress> classify_ble(std::string_view rest, PayloadAddress address) {
    auto uuid = take_level(rest);
    if (!rest.empty()) {
        if (!address.sub_device.empty() || uuid.empty()) return std::nullopt;
        address.sub_device = uuid;
        uuid = rest;
    }
    const auto characteristic = read_uuid16(uuid);
    if (!characteristic) return std::nullopt;
    address.kind = PayloadKind::ble;
    address.characteristic = *characteristic;
    return address;
}

}  // namespace

std::optional<PayloadAddress> classify(std::string_view topic_suffix) {
    if (topic_suffix.ends_with('/')) return std::nullopt;
    PayloadAddress address;
    auto rest = topic_suffix;
    auto level = take_level(rest);
    if (level == "sub") {
        address.sub_device = take_level(rest);
        if (address.sub_device.empty()) return std::nullopt;
        level = take_level(rest);
    }
    if (level == "ble") return classify_ble(rest, address);
    for (const auto& name : names)
        if (name.word == level && rest.empty()) {
            address.kind = name.kind;
            return address;
        }
    return std::nullopt;
}

Result<void> PayloadDecoder::decode(const PayloadAddress& address, std::string_view sender,
                                    std::string_view payload, DecodeContext context,
                                    ble::DeviceMemory& memory, DecodedMessage& out) {
    context.device = address.sub_device.empty() ? sender : address.sub_device;
    VIGIL_CHECK(decode_kind(address, payload, context, memory, out));
    // A payload may name its source once more, or one further down: "gateway-2:cuff-7".
    if (address.sub_device.empty() || out.sub_device == address.sub_device) return {};
    if (out.sub_device.empty())
        out.sub_device = address.sub_device;
    else if (!out.sub_device.starts_with(std::string(address.sub_device) + ':'))
        out.sub_device.insert(0, std::string(address.sub_device) + ':');
    return {};
}

Result<void> PayloadDecoder::decode_kind(const PayloadAddress& address, std::string_view payload,
                                         const DecodeContext& context, ble::DeviceMemory& memory,
                                         DecodedMessage& out) {
    switch (address.kind) {
        case PayloadKind::telemetry:
            return telemetry::decode(payload, context, json_, out);
        case PayloadKind::ble:
            return ble::decode(address.characteristic, payload, context, memory, json_, out);
        case PayloadKind::senml:
            return senml::decode(payload, context, json_, out);
        case PayloadKind::wave:
            return waveform::decode(payload, context, out);
        case PayloadKind::fhir:
            return fhirjson::decode(payload, context, json_, out);
    }
    return fail(Error::Kind::unsupported, "this payload is not read");
}

}  // namespace vigil::codec
