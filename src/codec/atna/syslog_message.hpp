#pragma once
// A message of syslog (RFC 5424), and how it is framed over TLS (RFC 5425 4.3).

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace vigil::codec::atna {

struct SyslogMessage {
    // ITI-20 3.20.4.1.2.1: security messages, normal but significant.
    unsigned facility = 10, severity = 5;
    Timestamp time{};
    std::string host{}, application{}, process{}, id{};  // empty: nil ("-")
    std::string_view text{};                             // UTF-8
};

// RFC 5424 6: "<85>1 2026-03-01T00:00:00.5Z ward.example vigil 17 IHE+RFC-3881 - ", a BOM and the
// text. Header fields are cut to their lengths; what may not stand in them is "?".
std::string encode(const SyslogMessage& message);
// "12 <85>1 …": how many octets, and they.
std::string framed(std::string_view message);

}  // namespace vigil::codec::atna
