#pragma once
// Which topics carry readings, and whose: docs/guides/connect-a-device.md.

#include <optional>
#include <string_view>

#include "codec/payloads.hpp"

namespace vigil::collect {

struct PayloadTopic {
    std::string_view device;  // vigil/<device>/…
    codec::PayloadAddress address;
};

// Nothing: the topic carries no readings.
std::optional<PayloadTopic> payload_topic(std::string_view topic);

}  // namespace vigil::collect
