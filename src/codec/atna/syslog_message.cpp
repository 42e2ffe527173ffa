#include "codec/atna/syslog_message.hpp"

#include <fmt/format.h>

#include <chrono>

namespace vigil::codec::atna {
namespace {

constexpr std::string_view bom = "\xEF\xBB\xBF";
// RFC 5424 6: PRINTUSASCII of at most so many.
constexpr std::size_t host_max = 255, application_max = 48, process_max = 128, id_max = 32;

std::string field(std::string_view text, std::size_t length_max) {
    if (text.empty()) return "-";
    std::string out(text.substr(0, length_max));
    for (auto& c : out)
        if (c < '!' || c > '~') c = '?';
    return out;
}

}  // namespace

std::string encode(const SyslogMessage& message) {
    // RFC 5424 6.2.3: six digits of a second at most.
    const auto time = std::chrono::floor<std::chrono::microseconds>(message.time);
    return fmt::format("<{}>1 {} {} {} {} {} - {}{}", message.facility * 8 + message.severity,
                       format_rfc3339(time), field(message.host, host_max),
                       field(message.application, application_max),
                       field(message.process, process_max), field(message.id, id_max), bom,
                       message.text);
}

std::string framed(std::string_view message) {
    return fmt::format("{} {}", message.size(), message);
}

}  // namespace vigil::codec::atna
