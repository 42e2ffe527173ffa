// Numbers, times and durations as texts: what is read is written and read again as the same.

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/decimal.hpp"
#include "base/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto value = parse_decimal(text)) {
        const auto again = parse_decimal(to_string(*value));
        if (!again || !again->same_as(*value)) std::abort();
        if (const auto finer = rescaled(*value, -6); finer && *finer != *value) std::abort();
        (void)decimal_from_double(value->to_double(), value->exponent);
    }
    if (const auto time = parse_rfc3339(text)) {
        const auto again = parse_rfc3339(format_rfc3339(time->instant, time->offset_minutes));
        if (!again || *again != *time) std::abort();
    }
    (void)parse_local_time(text);
    (void)parse_duration(text);
    return 0;
}
