// Whatever the bytes: no crash, and what is read is written and read again the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metric/batch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vigil::Batch batch;
    if (!vigil::decode({reinterpret_cast<const char*>(data), size}, batch)) return 0;
    std::string body;
    vigil::encode(batch, body);
    vigil::Batch again;
    if (!vigil::decode(body, again) || again != batch) std::abort();
    return 0;
}
