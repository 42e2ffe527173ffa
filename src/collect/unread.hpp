#pragma once
// The body of a log entry of kind `unread`: bytes that could not be read, kept raw with the reason,
// where a person sees them and replays them (promise 2). docs/reference/log-entry.md has the
// layout.

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::collect {

// The texts are views: of the message while it is written, of the body while it is read.
struct Unread {
    Timestamp receive_time;
    DeviceId sender;               // who delivered it; 0: no registered device
    std::string_view sender_name;  // its external id, or the source's address
    std::string_view protocol;     // "mqtt"
    std::string_view source;       // the MQTT topic, the listener's name
    std::string_view content_type;
    std::string_view raw;
    std::vector<Error> reasons;  // at least one; `place` says where in `raw`
};

constexpr std::size_t unread_reasons_max = 32;  // the rest of a message with more is told by count

void encode(const Unread& unread, std::string& out);
Result<Unread> decode_unread(std::string_view body);

}  // namespace vigil::collect
