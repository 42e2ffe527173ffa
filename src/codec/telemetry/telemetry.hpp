#pragma once
// Plain JSON telemetry, as small devices write it (docs/guides/connect-a-device.md):
//
//     {"heart_rate": 72, "spo2": 97, "ts": 1767225600123}
//     {"ts": "2026-03-01T12:00:00Z", "seq": 7, "device": "cuff-2", "values": {"nibp_sys": 121}}
//     [{"ts": …, "values": {…}}, …]
//
// A value is a number, a string (coded metrics and events), null (not available) or an object:
// {"value": 5.4, "unit": "mmol/L", "ts": …, "channel": 1, "status": ["questionable"]}.

#include <string_view>

#include "base/json.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::telemetry {

// Fills `out`, and reads through `json`; both are the caller's to reuse. What the payload sends
// under a key that is no metric, in a unit that is none or without a unit it needs, is noted in
// `out.unread`; the rest is read. Fails where nothing could be: not JSON, or neither object nor
// array.
Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out);
Result<DecodedMessage> decode(std::string_view payload, const DecodeContext& context);

constexpr std::size_t payload_bytes_max = std::size_t{1} << 20;
constexpr std::size_t values_max = 65'536;

}  // namespace vigil::codec::telemetry
