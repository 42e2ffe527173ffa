#include "collect/payload.hpp"

#include <algorithm>
#include <array>

#include "codec/telemetry/telemetry.hpp"

namespace vigil::collect {
namespace {

constexpr std::string_view root = "vigil/";
constexpr std::string_view sub_level = "sub/";
constexpr std::array<std::string_view, 4> forms{"telemetry", "senml", "fhir", "wave"};

// The text up to the next level separator; `rest` is what follows it.
std::string_view level(std::string_view& rest) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto first = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return first;
}

bool carries_readings(std::string_view form) {
    return std::ranges::find(forms, form) != forms.end() || form.starts_with("ble/");
}

}  // namespace

std::optional<PayloadTopic> payload_topic(std::string_view topic) {
    if (!topic.starts_with(root)) return std::nullopt;
    auto rest = topic.substr(root.size());
    PayloadTopic out;
    out.device = level(rest);
    if (rest.starts_with(sub_level)) {
        rest.remove_prefix(sub_level.size());
        out.sub_device = level(rest);
        if (out.sub_device.empty()) return std::nullopt;
    }
    out.form = rest;
    if (out.device.empty() || !carries_readings(out.form)) return std::nullopt;
    return out;
}

Result<void> PayloadDecoder::decode(const PayloadTopic& topic, std::string_view,
                                    std::string_view payload, const codec::DecodeContext& context,
                                    DecodedMessage& out) {
    codec::clear(out);
    if (topic.form == "telemetry") return codec::telemetry::decode(payload, context, json_, out);
    return fail(Error::Kind::unsupported, "this form of payload is not read", "topic");
}

}  // namespace vigil::collect
