#pragma once
// An Internet message of plain text: RFC 5322 (format), RFC 2045 to 2047 (MIME, words in headers).

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::codec::mail {

struct Message {
    std::string from{}, to{};  // addresses
    std::string subject{};     // UTF-8
    std::string text{};        // UTF-8, lines end with \n
    std::string id{};          // Message-ID, without brackets: unique for ever
    Timestamp date{};
    bool is_urgent = false;  // asks programs to show it before others (RFC 2156 Importance)
};

// local-part@domain as RFC 5321 4.1.2 has it, without quoted strings, comments and address
// literals.
Result<void> check_address(std::string_view address);

// Lines end with \r\n. Refused: addresses that are none. What would begin another header cannot.
Result<std::string> encode(const Message& message);

}  // namespace vigil::codec::mail
