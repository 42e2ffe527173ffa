#pragma once
// Texts within XML 1.0 (Fifth Edition): what would be markup is a reference to its character (2.4),
// what is no Char (2.2) or no UTF-8 is U+FFFD, a byte at a time.

#include <string>
#include <string_view>

namespace vigil::codec::atna {

void append_text(std::string& out, std::string_view text);
// Between double quotes; line ends and tabs survive a reader's normalisation (3.3.3).
void append_attribute(std::string& out, std::string_view text);

}  // namespace vigil::codec::atna
