#pragma once
// A line of the audit as messages to a syslog collector: DICOM AuditMessages (IHE ITI-20), framed
// for TLS.

#include <cstdint>
#include <string>

#include "store/audit.hpp"

namespace vigil::app {

struct SyslogSource {
    std::string host;     // of this machine
    std::string process;  // its number
    std::string site_name;
    std::string fhir_base;  // where the line is AuditEvent/a…
};

// PS3.15 A.6: collectors take 32,768 octets at least. A line that names more patients than this is
// several messages, each with some of them, and with which part of the line it is.
constexpr std::size_t patients_per_message = 64;

// The frames of all its messages, one after the other (RFC 5425 4.3); how many there are.
struct SyslogFrames {
    std::string bytes;
    std::size_t messages = 0;
};
SyslogFrames syslog_frames(std::uint64_t number, const store::AuditLine& line,
                           const SyslogSource& source);

}  // namespace vigil::app
