// Whatever bytes stand in a `message` or `session` entry: refused or understood, and what is
// understood is written and read back as the same. The first byte chooses.

#include <cstdlib>
#include <string>

#include "broker/message.hpp"
#include "broker/session_entry.hpp"

namespace {

using namespace vigil::broker;

std::string encoded(const SessionEntry& entry) {
    std::string out;
    encode_session_entry(entry, out);
    return out;
}

std::string encoded(const DecodedMessageEntry& decoded) {
    std::string out;
    encode_message_entry(*decoded.message, decoded.entry, out);
    return out;
}

template <class Decode>
void check(std::string_view bytes, Decode decode) {
    const auto entry = decode(bytes);
    if (!entry) return;
    const auto once = encoded(*entry);
    const auto again = decode(once);
    if (!again || encoded(*again) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'm')
        check(rest, decode_message_entry);
    else
        check(rest, decode_session_entry);
    return 0;
}
