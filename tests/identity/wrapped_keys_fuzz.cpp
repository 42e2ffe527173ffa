// Whatever stands in keys/subject.keys: refused, or understood and written back as it was.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/wrapped_keys.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::identity;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // Past the checksum, which no fuzzer guesses.
    if (const auto wrap = decode_master_wrap(bytes)) {
        if (decode_master_wrap(encode(*wrap)) != *wrap) std::abort();
        if (describe(*wrap).empty() || kind_word(*wrap).empty()) std::abort();
    }
    const auto read = decode_wrapped_keys(bytes);
    if (!read) return 0;
    if (read->whole_bytes > size) std::abort();
    std::string again = read->master ? encode(*read->master) : std::string();
    for (const auto& key : read->keys) again += encode(key);
    const auto twice = decode_wrapped_keys(again);
    if (!twice || twice->master != read->master || twice->keys != read->keys) std::abort();
    return 0;
}
