#pragma once
// Bytes written as text: hexadecimal and base64 (RFC 4648, both alphabets, padding optional).

#include <string>
#include <string_view>

namespace vigil::codec {

// False if the text is not what it should be; `out` is then undefined.
bool read_hex(std::string_view text, std::string& out);
bool read_base64(std::string_view text, std::string& out);

std::string write_hex(std::string_view bytes);
std::string write_base64(std::string_view bytes);  // the standard alphabet, padded

}  // namespace vigil::codec
