// A checkpoint comes from an auditor's hands or a file: whatever its bytes, it is read or refused,
// and one that is read is written again as the same bytes.

#include <cstdlib>
#include <string>

#include "store/audit_chain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::store;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read = decode_checkpoint(bytes);
    if (read && encode(*read) != bytes) std::abort();
    const auto file = split_checkpoints(bytes);
    std::string again;
    for (const auto& text : file.checkpoints) again += text + "\n";
    if (again != bytes.substr(0, file.whole)) std::abort();
    return 0;
}
